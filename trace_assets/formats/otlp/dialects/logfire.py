"""Pydantic Logfire: Pydantic AI of all versions, and its own instrumentations of clients.

Source: https://github.com/pydantic/pydantic-ai (`models/instrumented.py`) and
https://github.com/pydantic/logfire (`integrations/llm_providers`). Old versions write messages as
one attribute with the events of the GenAI conventions; clients' requests are whole. A span may have
its input as events and its output as `response_data` only.
"""

from typing import Any, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Talk, named
from trace_assets.formats.otlp.messages import from_events
from trace_assets.formats.otlp.neutral import Happened, Kind
from trace_assets.formats.otlp.values import Attributes, opened


def kind(left: Attributes) -> Kind | None:
    """A pending span says ahead what another span says when it is done."""
    return "other" if left.get("logfire.span_type") == "pending_span" else None


def guess(left: Attributes) -> Kind | None:
    """By what only the run of an agent has."""
    if any(key in left for key in ("pydantic_ai.all_messages", "all_messages_events")):
        return "agent"
    return "model" if "request_data" in left and "response_data" in left else None


def talk(left: Attributes) -> Talk:
    """What a model was given and made."""
    found = _of_events(left, "events")
    given = found.inputs or said.take(left, "request_data", "user")
    return Talk(given, found.outputs or said.take(left, "response_data", "assistant"))


def around(left: Attributes) -> Talk:
    """All that was said in an agent's run."""
    if found := said.listed(left.get("pydantic_ai.all_messages"), "user"):
        del left["pydantic_ai.all_messages"]
        return Talk(found)
    return _of_events(left, "all_messages_events")


def _of_events(left: Attributes, key: str) -> Talk:
    match opened(left.get(key)):
        case [{"event.name": str()}, *_] as each:
            events = [_happened(one) for one in cast("list[Any]", each)]
            if all(events) and (found := from_events(cast("list[Happened]", events))):
                del left[key]
                names = [{"name": event["event.name"]} for event in each]
                left["message_events"] = [*left.get("message_events", []), *names]
                return found
        case _:
            pass
    return Talk()


def _happened(event: Any) -> Happened | None:
    match event:
        case {"event.name": str(name), **rest}:
            return Happened(name, None, rest)
        case _:
            return None


DIALECT = Dialect(
    roots=(
        "logfire",
        "pydantic_ai",
        "all_messages_events",
        "events",
        "request_data",
        "response_data",
    ),
    kind=kind,
    guess=guess,
    models=("model_name",),
    agent=named("agent_name"),
    talk=talk,
    around=around,
)

"""The call of a tool in a span: its name, id, arguments and result."""

import re
from typing import Any

from trace_assets.formats.otlp import exchanges, messages
from trace_assets.formats.otlp.dialect import Ran
from trace_assets.formats.otlp.neutral import Happened
from trace_assets.formats.otlp.read_span import ReadSpan
from trace_assets.formats.otlp.values import Attributes, opened
from trace_assets.spans import ToolCall


def read(span: ReadSpan) -> ReadSpan:
    """Read a span of a tool call."""
    ran, left = Ran(), span.left
    for dialect in span.spoken:
        trial = dict(left)
        found = dialect.ran(trial)
        ran = Ran(
            *(own if own is not None else other for own, other in zip(ran, found, strict=True))
        )
        for name in left.keys() - trial.keys():
            if not any(left[name] is value for value in ran):
                trial[name] = left[name]
        left = trial
    ran = _ran_in_messages(ran, left)
    ran, events, about = _ran_in_exchange(ran, span.events)
    events, described, (arguments, result) = _ran_in_events(events, ran)
    if about or described:
        left["message_events"] = [*left.get("message_events", []), *about, *described]
    call = ToolCall(
        ran.name or _name(span.raw.name),
        ran.call_id,
        arguments if ran.arguments is None else ran.arguments,
        result if ran.result is None else ran.result,
    )
    return span._replace(left=left, call=call, events=events)


def _name(span: str) -> str:
    """The tool in the name of a span: `execute_tool x`, or `tool_call [x]` of older Google ADK."""
    match _CALL.fullmatch(span):
        case None:
            return span.removeprefix("execute_tool ")
        case found:
            return found[1]


_CALL = re.compile(r"tool_call \[(.+)\]")


def _ran_in_messages(ran: Ran, left: Attributes) -> Ran:
    """Take arguments and result from a call and a response in the span's messages (Strands)."""
    match opened(left.get("gen_ai.input.messages")):
        case [{"parts": [{"type": "tool_call", "arguments": arguments, **about}]}]:
            if ran.arguments is None:
                ran = ran._replace(arguments=arguments, call_id=ran.call_id or about.get("id"))
                del left["gen_ai.input.messages"]
        case _:
            pass
    match opened(left.get("gen_ai.output.messages")):
        case [{"parts": [{"type": "tool_call_response", "response": result}]}]:
            if ran.result is None:
                ran = ran._replace(result=result)
                del left["gen_ai.output.messages"]
        case _:
            pass
    return ran


def _ran_in_exchange(ran: Ran, events: list[Happened]) -> tuple[Ran, list[Happened], list[Any]]:
    """Take arguments and result from the one log record with the input and output of the span."""
    found = [event for event in events if exchanges.is_exchange(event)]
    if len(found) != 1 or ran.arguments is not None or ran.result is not None:
        return ran, events, []
    call_id, arguments, result = exchanges.ran(found[0])
    others = [event for event in events if event is not found[0]]
    about = [{**messages.when(found[0]), **exchanges.about(found[0])}]
    return Ran(ran.name, ran.call_id or call_id, arguments, result), others, about


def _ran_in_events(
    events: list[Happened], ran: Ran
) -> tuple[list[Happened], list[Any], tuple[Any, Any]]:
    """Read the input and output of a tool from events (Strands, Claude Code)."""
    given = [event for event in events if event.name == "gen_ai.tool.message"]
    made = [event for event in events if event.name in ("gen_ai.choice", _OUTPUT)]
    if len(given) > 1 or len(made) > 1 or not given + made:
        return events, [], (None, None)
    if (given and ran.arguments is not None) or (made and ran.result is not None):
        return events, [], (None, None)
    others = [event for event in events if event not in given and event not in made]
    arguments = messages.content(given[0]) if given else None
    result = _result(made[0]) if made else None
    about = [
        {**messages.when(event), **{k: v for k, v in event.attributes.items() if k not in _WORDS}}
        for event in given + made
    ]
    return others, about, (arguments, result)


def _result(event: Happened) -> Any:
    return event.attributes.get("output") if event.name == _OUTPUT else messages.content(event)


_WORDS = frozenset(("content", "message", "output"))
_OUTPUT = "tool.output"
"""The event that Claude Code adds to the span of a tool."""

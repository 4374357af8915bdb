"""OpenInference, the attributes of Arize Phoenix.

Source: https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md.
Messages are numbered attributes (`llm.input_messages.0.message.role`), and the whole request and
response stand beside them as `input.value` and `output.value`. Of two tellings of one thing the
fuller one is read; the other one stays an attribute unless all of it is in the first.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, counts, named, take
from trace_assets.formats.otlp.nesting import take_list
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.said import Side
from trace_assets.formats.otlp.values import Attributes, opened, scalars

_KINDS: dict[Any, Kind] = {"LLM": "model", "TOOL": "tool", "AGENT": "agent"}
_IMPLIED = frozenset(("function", "text", "image_url", "message", "function_call", "tool_call"))
"""Words that a request uses to say what the shape of a message says by itself."""


def kind(left: Attributes) -> Kind | None:
    """By the span's kind; any other than these three is no call."""
    own = left.get("openinference.span.kind")
    return _KINDS.get(own.upper(), "other") if isinstance(own, str) and own else None


def guess(left: Attributes) -> Kind | None:
    """By the model or the tool that it names."""
    if any(key in left for key in ("llm.model_name", "llm.input_messages.0.message.role")):
        return "model"
    return "tool" if isinstance(left.get("tool.name"), str) else None


def talk(left: Attributes) -> Talk:
    """What a model was given and made."""
    return Talk(
        _told(left, "llm.input_messages", "input.value", "user") or _texts(left, "llm.prompts"),
        _told(left, "llm.output_messages", "output.value", "assistant")
        or _texts(left, "llm.choices"),
    )


def _told(left: Attributes, flat: str, whole: str, side: Side) -> list[Any] | None:
    names = [key for key in left if key.startswith(flat)]
    numbered = {key: left[key] for key in names}
    if not numbered:
        return said.take(left, whole, side)
    if left.get(whole) is not None:
        given = opened(left[whole])
        there = {each for key in left if key not in _VALUES for each in scalars(left[key])}
        if _is_among(given, there):
            del left[whole]
        elif (found := said.readable(given, side)) and _is_among(numbered, set(scalars(given))):
            for name in names:
                del left[name]
            left[whole] = found.rest
            return found.messages
    messages = take_list(left, flat)
    return [_message(one, side) for one in messages] if messages else None


_VALUES = frozenset(("input.value", "output.value"))


def _is_among(value: Any, there: set[Any]) -> bool:
    return all(each in there or each[1] in _IMPLIED for each in scalars(value))


def _texts(left: Attributes, name: str) -> list[Any] | None:
    """The prompts or answers of models that take and make text."""
    found: Iterable[Any] = take_list(left, name) or []
    texts = [_text(one) for one in found]
    role = "user" if name == "llm.prompts" else "assistant"
    return [{"role": role, "content": text} for text in texts] or None


def _text(value: Any) -> Any:
    match value:
        case {"prompt": {"text": str(text), **inner}, **rest} if not inner and not rest:
            return text
        case {"completion": {"text": str(text), **inner}, **rest} if not inner and not rest:
            return text
        case _:
            return value


# --- messages --------------------------------------------------------------------------------


def _message(given: Any, side: Side) -> Any:
    """A message as chat completions have it."""
    match given:
        case {"message": {**inner}, **beside}:
            message: Attributes = {**beside, **inner}
        case dict():
            message = dict(cast("Attributes", given))
        case _:
            return {"role": side, "content": given}
    message.setdefault("role", side)
    if isinstance(parts := message.get("contents"), list):
        message["contents"] = [_part(part) for part in cast("list[Any]", parts)]
    if isinstance(calls := message.get("tool_calls"), list):
        message["tool_calls"] = [_call(call) for call in cast("list[Any]", calls)]
    match message:
        case {"function_call_name": str(name), **rest}:
            arguments = rest.pop("function_call_arguments_json", "")
            return {**rest, "function_call": {"name": name, "arguments": arguments}}
        case _:
            return message


def _part(given: Any) -> Any:
    match given:
        case {"message_content": {**inner}, **rest}:
            part: Attributes = {**rest, **inner}
        case _:
            return given
    match part:
        case {"image": {"image": {"url": str(url), **more}, **inner}, **rest}:
            return {**rest, **inner, "type": "image_url", "image_url": {"url": url, **more}}
        case {"tool_call": {**call}, **rest}:
            return {**rest, **_call({"tool_call": call}), "type": "tool_call"}
        case _:
            return part


def _call(given: Any) -> Any:
    match given:
        case {"tool_call": {**inner}, **rest}:
            return {**rest, **inner}
        case _:
            return given


# --- the others ------------------------------------------------------------------------------


def tools(left: Attributes) -> list[Any]:
    """The definitions of the tools on offer."""
    return [_tool(one) for one in take_list(left, "llm.tools") or []]


def _tool(given: Any) -> Any:
    match given:
        case {"tool": {"json_schema": schema, **inner}, **rest} if not inner and not rest:
            return opened(schema)
        case _:
            return given


def around(left: Attributes) -> Talk:
    """What went into a span and came out."""
    if left.get("openinference.span.kind", "CHAIN") not in ("AGENT", "CHAIN", "PROMPT"):
        return Talk()
    return Talk(
        said.take(left, "input.value", "user"), said.take(left, "output.value", "assistant")
    )


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned. Its `tool.parameters` may be its schema, too."""
    given, made = left.get("input.value"), left.get("output.value")
    name = take(left, "tool.name")
    call_id = take(left, "tool_call.id", "tool.id", "tool_call_id")
    arguments = take(left, "input.value" if given is not None else "tool.parameters", "tool.input")
    result = take(left, "output.value" if made is not None else "tool.output")
    return Ran(name if isinstance(name, str) else None, call_id, arguments, result)


class _Named(NamedTuple):
    prefix: str
    names: dict[str, str]


_COUNTS = _Named(
    "llm.token_count.",
    {"prompt": "prompt_tokens", "completion": "completion_tokens", "total": "total_tokens"},
)


def usage(left: Attributes) -> dict[str, Any]:
    """Token counts, the three common ones under their usual names."""
    found = counts(left, _COUNTS.prefix)
    return {_COUNTS.names.get(name, name): count for name, count in found.items()}


DIALECT = Dialect(
    roots=("llm", "openinference", "input", "output", "tool", "tool_call", "tool_call_id"),
    kind=kind,
    guess=guess,
    models=("llm.model_name",),
    settings=("llm.invocation_parameters",),
    agent=named("agent.name"),
    usage=usage,
    tools=tools,
    talk=talk,
    around=around,
    ran=ran,
)

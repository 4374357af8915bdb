"""Whose words a chat log is in: OpenAI's, or those of another API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from trace_assets.chat import UnknownMessageError
from trace_assets.chatlogs.keys import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import (
    are_messages,
    decoded,
    is_answer,
    is_batch_error,
    is_item,
    is_message,
    is_refusal_to_answer,
    is_run,
    is_span,
    layers,
    messages_key,
)
from trace_assets.chatlogs.streams import stream_of
from trace_assets.chatlogs.training_sets import training_record
from trace_assets.formats import Claim

Dialect = Literal["openai", "other"]
Mark = tuple[Dialect, str]
"""A sign of whose words they are, and how it is called."""

_FOREIGN = frozenset(
    (
        "simulations",
        "termination_reason",
        "events",
        "run_type",
        "observations",
        "spans",
        "steps",
        "resourceSpans",
        "parentUuid",
        "traceId",
        "trace",
        "span_data",
        "parent_observation_id",
        "parentObservationId",
        "FORMAT",
    )
)
"""Keys of logs that hold messages among other things: the formats of those know more of them."""

_SESSION = frozenset(("parentUuid", "sessionId", "isSidechain"))
"""Keys of the lines of coding agents' sessions, which are a tree, and no list of messages."""

_KEYS: dict[str, Mark] = {
    "contents": ("other", "Gemini's `contents`"),
    "candidates": ("other", "Gemini's `candidates`"),
    "systemInstruction": ("other", "Gemini's `systemInstruction`"),
    "stop_reason": ("other", "Anthropic's `stop_reason`"),
    "anthropic_version": ("other", "`anthropic_version`"),
    "stopReason": ("other", "Bedrock's `stopReason`"),
    "inferenceConfig": ("other", "Bedrock's `inferenceConfig`"),
    "choices": ("openai", "`choices`"),
    "functions": ("openai", "`functions`"),
    "tool_choice": ("openai", "`tool_choice`"),
    "custom_id": ("openai", "the `custom_id` of a batch"),
    "previous_response_id": ("openai", "`previous_response_id`"),
}
_PART_TYPES: dict[str, Mark] = {
    **{
        kind: ("other", f"Anthropic's `{kind}`")
        for kind in (
            "tool_use",
            "tool_result",
            "server_tool_use",
            "mcp_tool_use",
            "mcp_tool_result",
            "thinking",
            "redacted_thinking",
            "document",
        )
    },
    **{kind: ("other", f"the AI SDK's `{kind}`") for kind in ("tool-call", "tool-result")},
    **{
        kind: ("openai", f"`{kind}` parts")
        for kind in ("image_url", "input_audio", "input_text", "output_text", "input_image")
    },
}
_ROLES: dict[str, Mark] = {
    **{role: ("other", f"the role `{role}`") for role in ("human", "ai", "model", "gpt", "bot")},
    **{role: ("openai", f"the role `{role}`") for role in ("tool", "function", "developer")},
}
_BODY = frozenset(BODY)
_ALL = frozenset((*RESPONSE, *REQUEST, *BODY))
_WEAK = ("input", "inputs", "params", "payload")
"""The keys under which tools of all kinds keep all kinds of things."""


_FIRST = 5
"""A log whose first documents hold messages is a chat log; so is one that begins with others."""


class Told(NamedTuple):
    """What a log was told by."""

    dialect: Dialect
    claim: Claim


class _Sample(NamedTuple):
    """The messages of a document's first record, and what is around them."""

    messages: Sequence[Any]
    around: dict[str, Any]
    what: str
    strength: int


def told(documents: Sequence[Any]) -> Told | None:
    """Whose words the first documents of a file are in; None if they are no chat log."""
    if streams := [stream for document in documents if (stream := stream_of(document)) is not None]:
        dialect: Dialect = "other" if streams[0] == "message" else "openai"
        return Told(dialect, Claim(3, "events of answers as they were streamed"))
    samples = [_sample(document) for document in documents]
    found = [_told(sample) for sample in samples if sample is not None]
    first = samples[:_FIRST]
    if not found or not (_share(first) >= 0.5 or _share(samples) > 0.5):
        return None  # messages in some lines only: a log that holds more than conversations
    return max(found, key=lambda each: (each.claim.strength, each.dialect == "other"))


def _share(samples: Sequence[_Sample | None]) -> float:
    """The share of the documents that hold messages."""
    return sum(sample is not None for sample in samples) / len(samples)


def _sample(document: Any) -> _Sample | None:
    match document:
        case [{**first}, *_]:
            where = "a list of "
        case [[*inner], *_] if are_messages(inner):
            return _Sample(inner, {}, "a list of lists of messages", 2)
        case {**first}:
            where = ""
        case _:
            return None
    record = cast("dict[str, Any]", first)
    if is_span(record.keys()):
        return None
    if is_message(record) and not is_answer(record):
        several = cast("list[Any]", document) if isinstance(document, list) else [record]
        if "role" not in record and not _SESSION.isdisjoint(record):
            return None
        is_own = _FOREIGN.isdisjoint(record) and "message" not in record
        return _Sample(several, {}, f"{where}messages", 2 if is_own else 1)
    sample = _training_sample(record) or next(_samples(record), None)
    if sample is None:
        return None
    strength = min(sample.strength, 1 if not _FOREIGN.isdisjoint(record) else 2)
    return sample._replace(what=where + sample.what, strength=strength)


def _training_sample(record: dict[str, Any]) -> _Sample | None:
    try:
        found = training_record(record)
    except UnknownMessageError:
        return _Sample([], record, "records of a training set", 2)
    if found is None:
        return None
    return _Sample(found.record["messages"], found.record, f"records with {found.what}", 2)


def _samples(record: dict[str, Any]) -> Iterator[_Sample]:
    """Where messages are in a record, what counts for most first."""
    for is_one, what, strength in _ALONE:
        if is_one(record):
            yield _Sample([], record, what, strength)
    if (key := messages_key(record)) is not None:
        listed = _listed(record[key])
        yield _Sample(listed, record, f"messages in `{key}`", 2 if listed else 1)
    for key in REQUEST:
        yield from _in_request(record, key)
    for key in RESPONSE:
        for layer in layers(_opened(record.get(key)), _BODY):
            if is_answer(layer) or ("custom_id" in record and is_refusal_to_answer(layer)):
                yield _Sample([], {**layer, **record}, f"answers in `{key}`", 2)


_ALONE: tuple[tuple[Callable[[Mapping[str, Any]], bool], str, int], ...] = (
    (is_answer, "a model's answer", 2),
    (is_run, "a run's input with its `raw_responses`", 2),
    (is_refusal_to_answer, "an API's error", 1),
    (is_batch_error, "an error of a batch", 2),
)


def _in_request(record: dict[str, Any], key: str) -> Iterator[_Sample]:
    strength = 1 if key in _WEAK else 2
    value = _opened(record.get(key))
    if are_messages(value) and (strength == 2 or not _ANSWERED.isdisjoint(record)):
        yield _Sample(value, record, f"messages in `{key}`", strength)
    for layer in layers(value, _BODY):
        if (inner := messages_key(layer)) is not None:
            what = f"requests with messages in `{key}`"
            yield _Sample(_listed(layer[inner]), {**layer, **record}, what, strength)


_ANSWERED = frozenset(RESPONSE)


def _opened(value: Any) -> Any:
    """A request or a response, or what transported it, without the text around its JSON."""
    match decoded(value):
        case {**found}:
            return {key: decoded(each) if key in BODY else each for key, each in found.items()}
        case other:
            return other


def _listed(value: Any) -> Sequence[Any]:
    value = decoded(value)
    return cast("list[Any]", value) if isinstance(value, list) else []


def _told(sample: _Sample) -> Told:
    messages, around, what, strength = sample
    marks = [*_marks_around(around)]
    for message in messages[:20]:
        marks += [*_marks_of(message), *_marks_of_parts(message)]
    marks.sort(key=lambda mark: mark[0] == "openai")  # one word of another API tells
    dialect, mark = marks[0] if marks else ("openai", "roles and content")
    if dialect == "openai" and around.get("object") in ("chat.completion", "response"):
        strength = 3
    return Told(dialect, Claim(strength, f"{what}, with {mark}"))


def _marks_around(around: dict[str, Any]) -> Iterator[Mark]:
    for layer in layers(around, _ALL):
        yield from (mark for key, mark in _KEYS.items() if key in layer)
        match layer:
            case {"output": {"message": {"role": _}}}:
                yield "other", "Bedrock's `output.message`"
            case _:
                pass


def _marks_of(message: Any) -> Iterator[Mark]:
    match message:
        case {"from": _, "value": _} | {"role": _, "parts": _} as other:
            yield "other", f"messages with `{'parts' if 'parts' in other else 'value'}`"
        case {"author": _, "content": {"parts": _}}:
            yield "other", "events of Google's ADK"
        case {"type": "message", "role": "assistant", "model": _}:
            yield "other", "Anthropic's type `message` beside a `model`"
        case {"lc": _} | {"type": "human" | "ai"}:
            yield "other", "LangChain's messages"
        case {"role": str(role)} if role in _ROLES:
            yield _ROLES[role]
        case {"tool_calls": [{"function": _}, *_]} | {"function_call": {"name": _}}:
            yield "openai", "tool calls"
        case _ if is_item(message):
            yield "openai", "items of the Responses API"
        case _:
            pass


def _marks_of_parts(message: Any) -> Iterator[Mark]:
    match message:
        case {"content": [*parts]}:
            for part in parts[:10]:
                yield from _marks_of_part(part)
        case _:
            pass


def _marks_of_part(part: Any) -> Iterator[Mark]:
    match part:
        case {"type": "image", "source": _}:
            yield "other", "Anthropic's images"
        case {"type": "text" | "image_url", "value": str()}:
            yield "other", "parts with a `value`"
        case {"type": str(kind)} if kind in _PART_TYPES:
            yield _PART_TYPES[kind]
        case {"toolUse": _} | {"toolResult": _}:
            yield "other", "Bedrock's tools"
        case {"text": str(), **rest} if "type" not in rest:
            yield "other", "Bedrock's text blocks"
        case _:
            pass

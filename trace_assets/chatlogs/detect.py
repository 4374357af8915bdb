"""Whose words a chat log is in: OpenAI's, or those of another API."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, cast

from trace_assets.chatlogs.exchange import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import (
    are_messages,
    decoded,
    is_answer,
    is_item,
    is_message,
    is_refusal_to_answer,
    layers,
    messages_key,
)
from trace_assets.formats import Claim

Dialect = Literal["openai", "other"]

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

_OTHER_KEYS = {
    "contents": "Gemini's `contents`",
    "candidates": "Gemini's `candidates`",
    "systemInstruction": "Gemini's `systemInstruction`",
    "stop_reason": "Anthropic's `stop_reason`",
    "anthropic_version": "`anthropic_version`",
    "stopReason": "Bedrock's `stopReason`",
    "inferenceConfig": "Bedrock's `inferenceConfig`",
}
_OPENAI_KEYS = {
    "choices": "`choices`",
    "functions": "`functions`",
    "tool_choice": "`tool_choice`",
    "custom_id": "the `custom_id` of a batch",
    "previous_response_id": "`previous_response_id`",
}


_BODY = frozenset(BODY)
_BOTH = frozenset((*RESPONSE, *REQUEST, *BODY))


class Told(NamedTuple):
    """What a log was told by."""

    dialect: Dialect
    claim: Claim


def told(documents: Sequence[Any]) -> Told | None:
    """Whose words the first documents of a file are in; None if they are no chat log."""
    found = [each for document in documents[:5] if (each := _told(document)) is not None]
    if len(found) * 2 <= len(documents[:5]):
        return None  # messages in some lines only: a log that holds more than a conversation
    return max(found, key=lambda each: (each.claim.strength, each.dialect == "other"))


def _told(document: Any) -> Told | None:
    where, sample = "", document
    match document:
        case [{**first}, *_]:
            where, sample = "a list of ", first
        case [[*inner], *_] if are_messages(inner):
            where, sample = "a list of ", {"messages": inner}
        case _:
            pass
    if not isinstance(sample, dict):
        return None
    record = cast("dict[str, Any]", sample)
    if is_message(record) and not is_answer(record):
        messages = document if isinstance(document, list) else [record]
        return _of(cast("list[Any]", messages), {}, f"{where}messages", 2)
    return _of_record(record, where)


def _of_record(record: dict[str, Any], where: str) -> Told | None:
    strength = 1 if not _FOREIGN.isdisjoint(record) else 2
    if is_answer(record):
        return _of([], record, f"{where}a model's answer", strength)
    if is_refusal_to_answer(record):
        return Told("openai", Claim(1, f"{where}an API's error"))
    key = messages_key(record)
    if key is not None:
        messages = decoded(record[key])
        messages = messages if isinstance(messages, list) else []
        return _of(messages, record, f"{where}objects with the messages in `{key}`", strength)
    for key in REQUEST:
        for layer in layers(decoded(record.get(key)), _BODY):
            if (inner := messages_key(layer)) is not None:
                said = decoded(layer[inner])
                said = said if isinstance(said, list) else []
                weak = min(strength, 1 if key in ("input", "inputs") else 2)
                around = {**layer, **record}
                return _of(said, around, f"{where}requests with messages in `{key}`", weak)
        if are_messages(decoded(record.get(key))) and key not in ("input", "inputs"):
            return _of(record[key], record, f"{where}requests with messages", strength)
        if are_messages(decoded(record.get(key))) and any(name in record for name in RESPONSE):
            return _of(record[key], record, f"{where}messages in `{key}` and an answer", 1)
    for key in RESPONSE:
        for layer in layers(decoded(record.get(key)), _BODY):
            if is_answer(layer):
                return _of([], layer | record, f"{where}responses in `{key}`", strength)
    return None


def _of(messages: Sequence[Any], around: dict[str, Any], what: str, strength: int) -> Told:
    marks = [*_marks(messages, around)]
    others = [mark for dialect, mark in marks if dialect == "other"]
    if others:
        return Told("other", Claim(strength, f"{what}, with {others[0]}"))
    is_named = around.get("object") in ("chat.completion", "response")
    strength = 3 if is_named else strength
    named = [mark for _, mark in marks]
    evidence = f"{what}, with {named[0]}" if named else f"{what}, with roles and content"
    return Told("openai", Claim(strength, evidence))


def _marks(messages: Sequence[Any], around: dict[str, Any]) -> Iterator[tuple[Dialect, str]]:
    for layer in layers(around, _BOTH):
        yield from (("other", mark) for key, mark in _OTHER_KEYS.items() if key in layer)
        yield from (("openai", mark) for key, mark in _OPENAI_KEYS.items() if key in layer)
        match layer:
            case {"output": {"message": {"role": _}}}:
                yield "other", "Bedrock's `output.message`"
            case _:
                pass
    for message in messages[:20]:
        yield from _marks_of(message)


def _marks_of(message: Any) -> Iterator[tuple[Dialect, str]]:
    match message:
        case {"from": _, "value": _}:
            yield "other", "ShareGPT's `from` and `value`"
        case {"role": _, "parts": _}:
            yield "other", "messages with `parts`"
        case {"lc": _} | {"type": "human" | "ai"}:
            yield "other", "LangChain's messages"
        case {"role": "human" | "ai" | "model" | "gpt" | "bot"}:
            yield "other", f"the role `{message['role']}`"
        case {"role": _, "tool_calls": [{"function": _}, *_]} | {"role": "tool" | "function"}:
            yield "openai", "tool calls"
        case {"role": "developer"} | {"function_call": {"name": _}}:
            yield "openai", "roles and calls as OpenAI's"
        case {"content": [*parts]}:
            yield from _marks_of_parts(parts)
        case _ if is_item(message):
            yield "openai", "items of the Responses API"
        case _:
            pass


def _marks_of_parts(parts: Sequence[Any]) -> Iterator[tuple[Dialect, str]]:
    for part in parts[:10]:
        match part:
            case {"type": "tool_use" | "tool_result" | "thinking" | "redacted_thinking" as kind}:
                yield "other", f"Anthropic's `{kind}`"
            case {"type": "image" | "document", "source": _}:
                yield "other", "Anthropic's sources"
            case {"toolUse": _} | {"toolResult": _}:
                yield "other", "Bedrock's tools"
            case {"type": "tool-call" | "tool-result" as kind}:
                yield "other", f"the AI SDK's `{kind}`"
            case {"type": "text", "value": str()}:
                yield "other", "parts with a `value`"
            case {"text": str(), **rest} if "type" not in rest:
                yield "other", "Bedrock's text blocks"
            case {"type": "image_url" | "input_audio" | "input_text" | "output_text" as kind}:
                yield "openai", f"`{kind}` parts"
            case _:
                pass

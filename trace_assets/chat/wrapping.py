"""The messages inside what a model call was given or made: whole requests and responses.

Tracers log the request and the response of an API as they are, or what some framework makes of
them. Where an instruction stands beside the messages, it comes first: that is what it means.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from trace_assets.chat import blocks
from trace_assets.chat.alternatives import alternatives
from trace_assets.chat.message import is_pair, pieces, pieces_of
from trace_assets.chat.piece import Piece, Role, Said, UnknownMessageError, with_rest
from trace_assets.trace import build
from trace_assets.trace.build import Json


class Unwrapped(NamedTuple):
    """Messages, and what was around them."""

    messages: list[list[Piece]]
    """The pieces of each message; empty where the value has a place for messages, and none in it"""
    rest: dict[str, Any]
    """What the request or response says beside its messages: model, usage, tools, settings."""

    @property
    def pieces(self) -> list[Piece]:
        """Those of all messages in one list, as `fold` wants them."""
        return [piece for each in self.messages for piece in each]


def unwrap(value: Any, *, role: Role, pointer: str = "") -> Unwrapped | None:
    """The messages of a request, a response, a list of messages, a message, or a text.

    Args:
        value: as decoded from JSON.
        role: who speaks where nothing says it: `user` in what a call was given, `assistant` in what
            it made.
        pointer: where the value is, for errors.

    Returns:
        None where the value is nothing of these: a format decides what it is then.

    Raises:
        UnknownMessageError: one of several messages is none.
    """
    given: Json = value
    match given:
        case str():
            return Unwrapped([pieces(given, role=role, pointer=pointer)], {})
        case [[*_] as only] if not is_pair(only):  # LangChain's batch of one
            return Unwrapped(_list(only, role, f"{pointer}/0"), {})
        case list():
            return Unwrapped(_list(given, role, pointer), {})
        case dict():
            found = _response(given, pointer) or _request(given, role, pointer)
            return found or _one(given, role, pointer)
        case _:
            return None


def _list(messages: Sequence[Any], role: Role, pointer: str) -> list[list[Piece]]:
    """The messages of a list; a list of calls or of content parts is one message."""
    if messages and all(map(_is_bare_call, messages)):
        return [pieces({"role": "assistant", "tool_calls": [*messages]}, pointer=pointer)]
    if messages and all(map(_is_part, messages)):
        return [pieces([*messages], role=role, pointer=pointer)]
    return [
        pieces(message, role=role, pointer=f"{pointer}/{position}")
        for position, message in enumerate(messages)
    ]


def _one(value: dict[str, Any], role: Role, pointer: str) -> Unwrapped | None:
    """A lone message; one that does not say so needs content that a dialect knows."""
    match value:
        case {"role": str()} | {"from": str(), "value": _} | {"message": {"role": str()}}:
            pass
        case {"id": [*_], "kwargs": dict()} | {"type": str(), "data": dict()}:
            pass
        case {"parts": [*_]} | {"content": [*_] | str()}:
            pass
        case _ if not _is_part(value):
            return None
        case _:
            pass
    return Unwrapped([pieces(value, role=role, pointer=pointer)], {})


def _is_part(value: Any) -> bool:
    match value:
        case {"role": _}:
            return False
        case dict():
            return bool(blocks.block("user", cast("dict[str, Any]", value)))
        case _:
            return False


def _is_bare_call(value: Any) -> bool:
    """Whether a value is an entry of `tool_calls`; the AI SDK logs an answer as these alone."""
    match value:
        case {"role": _}:
            return False
        case {"toolName": str(), "toolCallId": _} | {"function": {"name": str()}, "id": _}:
            return "output" not in value and "result" not in value
        case _:
            return False


def _request(value: dict[str, Any], role: Role, pointer: str) -> Unwrapped | None:
    match value:
        case {"messages": [[*_] as messages], **rest} if not is_pair(messages):
            place = f"{pointer}/messages/0"
        case {"messages": [*messages], **rest}:
            place = f"{pointer}/messages"
        case {"contents": [*messages], **rest}:
            place = f"{pointer}/contents"
        case {"input": [*messages], "model": str(), **rest}:
            rest, place = {"model": value["model"], **rest}, f"{pointer}/input"
        case {"input": str(text), "model": str(), **rest}:
            messages, rest = [text], {"model": value["model"], **rest}
            place = f"{pointer}/input"
        case _:
            return None
    said = [*_instructions(rest, pointer), *_list(messages, role, place)]
    if role == "assistant":
        said += _answer_beside(rest, said)
    return Unwrapped(said, rest)


def _answer_beside(rest: dict[str, Any], said: Sequence[list[Piece]]) -> Iterator[list[Piece]]:
    """Take the separate answer of a CrewAI task, if no message contains it."""
    match rest.get("raw"):
        case str(answer) if answer.strip() and not _is_in_last(answer.strip(), said):
            del rest["raw"]
            yield [Said("assistant", [build.text_part("assistant", answer)], {})]
        case _:
            pass


def _is_in_last(answer: str, said: Sequence[list[Piece]]) -> bool:
    """Return whether the last message contains a text."""
    texts = [
        part.get("text") or ""
        for piece in (said[-1] if said else ())
        if isinstance(piece, Said) and piece.role == "assistant"
        for part in piece.parts
    ]
    return answer in "".join(texts)


_INSTRUCTIONS = ("system", "instructions", "systemInstruction", "system_instruction")


def _instructions(rest: dict[str, Any], pointer: str) -> Iterator[list[Piece]]:
    for key in _INSTRUCTIONS:
        if isinstance(rest.get(key), str | list | dict) and rest[key]:
            yield _system(rest.pop(key), f"{pointer}/{key}")


def _system(value: Any, pointer: str) -> list[Piece]:
    match value:
        case {"role": str(word), **message}:  # Gemini's client writes the user's role, or none
            return with_rest(pieces(message, role="system", pointer=pointer), {"role": word})
        case _:
            return pieces(value, role="system", pointer=pointer)


def _response(value: dict[str, Any], pointer: str) -> Unwrapped | None:
    match value:
        case {"choices": [*each], **rest}:
            return _alternatives(each, _choice, f"{pointer}/choices", rest)
        case {"candidates": [*each], **rest}:
            return _alternatives(each, _candidate, f"{pointer}/candidates", rest)
        case {"generations": [[*_] as each], **rest} | {"generations": [*each], **rest}:
            return _alternatives(each, _choice, f"{pointer}/generations", rest)
        case {"output": {"message": {"role": _} as message, **beside}, **rest}:
            said = with_rest(pieces(message, pointer=f"{pointer}/output/message"), beside)
            return Unwrapped([said], rest)
        case {"output": [{"type": _}, *_] as each, **rest}:
            return Unwrapped(list(pieces_of(each, pointer=f"{pointer}/output")), rest)
        case _:
            return None


def _choice(choice: Any, pointer: str) -> list[Piece]:
    """An answer of a completion: a message with what stands around it, or bare text.

    Loggers that must not keep what was said leave the message out.
    """
    match choice:
        case {"text": str(text), **rest} if "message" not in rest:
            return with_rest(pieces(text, role="assistant", pointer=pointer), rest)
        case {"finish_reason": _, **rest} if rest.keys() <= {"index", "logprobs"}:
            return [Said("assistant", [], {"finish_reason": choice["finish_reason"], **rest})]
        case _:
            return pieces(choice, role="assistant", pointer=pointer)


def _candidate(candidate: Any, pointer: str) -> list[Piece]:
    """An answer of Gemini's; one that was blocked has no content."""
    match candidate:
        case {"content": {"parts": _} as content, **rest}:
            return with_rest(pieces(content, role="assistant", pointer=f"{pointer}/content"), rest)
        case {**rest}:
            return [Said("assistant", [], rest)]
        case _:
            raise UnknownMessageError(
                pointer, f"expected a candidate, found {build.sketch(candidate)}"
            )


def _alternatives(
    values: Sequence[Any],
    read: Callable[[Any, str], list[Piece]],
    pointer: str,
    rest: dict[str, Any],
) -> Unwrapped:
    """The answer among several, and the others beside it."""
    answer, others = alternatives(values)
    messages = [read(value, f"{pointer}/{position}") for position, value in enumerate(answer)]
    return Unwrapped(messages, build.joined(rest, others, prefix="response_"))

"""The steps of one trajectory as the items of a conversation."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Answered, Called, Piece
from trace_assets.formats import UnknownShapeError
from trace_assets.formats.atif.agents import Agent
from trace_assets.trace import build


def items_of(agent: Agent, name: str) -> list[dict[str, Any]]:
    """The items of a trajectory; their ids begin with the name.

    Raises:
        UnknownShapeError: a step is none.
    """
    conversation = chat.Conversation(name)
    for number, step in enumerate(agent.steps):
        pointer = f"{agent.pointer}/steps/{number}"
        try:
            conversation.add(*_pieces(step, pointer))
        except chat.UnknownMessageError as error:
            raise UnknownShapeError(error.pointer, str(error)) from error
    return conversation.items()


def is_copied(step: Mapping[str, Any]) -> bool:
    """Whether a step is history of another trajectory."""
    return step.get("is_copied_context") is True


def _pieces(step: Any, pointer: str) -> list[Piece]:
    match step:
        case {"source": "agent" | "assistant" as source, **rest}:
            said = rest if source == "agent" else step
            return _agent_step(_with_usage(said), pointer)
        case {"source": "user" | "system" as source, **rest}:
            return _other_step(source, _with_usage(rest), pointer)
        case {"source": str(source)}:
            found = f"`{source[:40]}`"
        case _:
            found = "none"
    raise UnknownShapeError(f"{pointer}/source", f"expected agent, user or system, found {found}")


def _agent_step(step: dict[str, Any], pointer: str) -> list[Piece]:
    """Thoughts, the answer, the calls, and what came of them."""
    results = _take_results(step)
    message = {"role": "assistant", **_with_content(step)}
    pieces = chat.pieces(message, pointer=pointer)
    has_calls = any(isinstance(piece, Called) for piece in pieces)
    return [*pieces, *_answers(results, "user", has_calls=has_calls)]


def _other_step(role: chat.Role, step: dict[str, Any], pointer: str) -> list[Piece]:
    results = _take_results(step)
    message = {"role": role, **_with_content(step)}
    pieces = chat.pieces(message, pointer=pointer)
    return [*pieces, *_answers(results, role, has_calls=False)]


def _with_content(step: dict[str, Any]) -> dict[str, Any]:
    """A step with its `message` under the name that every dialect has for it."""
    match step:
        case {"message": message, **rest} if message and "content" not in rest:
            return {"content": _content(message), **rest}
        case _:
            return step


def _with_usage(step: dict[str, Any]) -> dict[str, Any]:
    """A step with its tokens and its price where a reader of traces looks for them.

    Copied steps keep theirs as they are: they were counted in the trajectory they come from.
    """
    match step:
        case {"metrics": {**metrics}, **rest} if not is_copied(step):
            tokens = {key: metrics.pop(key) for key in _TOKENS if type(metrics.get(key)) is int}
            cost = metrics.pop("cost_usd", None)
        case _:
            return step
    own = {
        **({"usage": tokens} if tokens else {}),
        **({"cost": cost} if cost is not None else {}),
        **({"metrics": metrics} if metrics else {}),
    }
    return build.joined(own, rest, prefix="step_")


_TOKENS = ("prompt_tokens", "completion_tokens", "cached_tokens")


def _take_results(step: dict[str, Any]) -> list[dict[str, Any]]:
    """Take what was observed out of a step; what is not about a call or has no content stays."""
    match step.get("observation"):
        case {"results": [*results], **rest} if results:
            pass
        case _:
            return []
    told = [cast("dict[str, Any]", one) for one in results if _is_result(one)]
    left = [one for one in results if not _is_result(one)]
    del step["observation"]
    if rest or left:
        step["observation"] = {**({"results": left} if left else {}), **rest}
    return told


def _is_result(value: Any) -> bool:
    match value:
        case {"source_call_id": call_id} if call_id is not None:
            return True
        case {"content": content} if content is not None:
            return True
        case _:
            return False


def _answers(results: list[dict[str, Any]], role: chat.Role, *, has_calls: bool) -> Iterator[Piece]:
    for result in results:
        rest = dict(result)
        call_id, content = rest.pop("source_call_id", None), _content(rest.pop("content", None))
        if call_id is not None or has_calls:
            yield Answered(call_id, None, content, False, rest)
        else:
            yield from _told(role, content, rest)


def _told(role: chat.Role, content: Any, rest: dict[str, Any]) -> list[Piece]:
    """What was observed without a call, as what the agent is told next."""
    message = {"role": role, "content": content, "source": "observation"}
    return chat.with_rest(chat.pieces(message), rest)


def _content(value: Any) -> Any:
    match value:
        case [*parts]:
            return [_part(part) for part in parts]
        case _:
            return value


def _part(part: Any) -> Any:
    """A part as other dialects write it: one that stands in a file is at its path."""
    match part:
        case {"type": "image", "source": {"path": str(path), **source}, **rest}:
            return {**build.joined(rest, source, prefix="source_"), "type": "image_url"} | {
                "image_url": {"url": path}
            }
        case {"type": "audio" | "video" | "file" as kind, "source": {"path": str(path)}, **rest}:
            source = {key: value for key, value in part["source"].items() if key != "path"}
            residue = build.joined(rest, source, prefix="source_")
            return {**residue, "type": "file", "file": {"url": path, "kind": kind}}
        case _:
            return part

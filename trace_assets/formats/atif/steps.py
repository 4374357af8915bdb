"""The steps of one trajectory as the items of a conversation."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Answered, Called, Piece
from trace_assets.formats import UnknownShapeError
from trace_assets.formats.atif.agents import Agent
from trace_assets.trace import build
from trace_assets.vocabulary import OBSERVATION


def items_of(agent: Agent, name: str) -> list[dict[str, Any]]:
    """Convert the steps of a trajectory to items, whose ids begin with the name.

    Raises:
        UnknownShapeError: a step has an unknown shape.
    """
    conversation = chat.Conversation(name)
    unanswered: list[Called] = []
    for number, step in enumerate(agent.steps):
        pointer = f"{agent.pointer}/steps/{number}"
        try:
            conversation.add(*_pieces(step, pointer, unanswered))
        except chat.UnknownMessageError as error:
            raise UnknownShapeError(error.pointer, str(error)) from error
    return conversation.items()


def is_copied(step: Mapping[str, Any]) -> bool:
    """Whether a step is history of another trajectory."""
    return step.get("is_copied_context") is True


def _pieces(step: Any, pointer: str, unanswered: list[Called]) -> list[Piece]:
    """Convert a step: reasoning, message, calls, and then what was observed.

    `unanswered` has the calls of the last step with a message or calls that have no result yet; it
    is updated. A step with observations only has no message: its other keys go to the first output.
    """
    role, rest = _role_of(step, pointer)
    rest = _with_usage(rest)
    results = _take_results(rest)
    if results and _is_blank(rest):
        if role != "assistant":
            rest = build.joined({"step_source": role}, rest, prefix="original_")
        return chat.with_rest(list(_outputs(results, unanswered)), rest, prefix="step_")
    pieces = chat.pieces({"role": role, **_with_content(rest)}, pointer=pointer)
    unanswered[:] = [piece for piece in pieces if isinstance(piece, Called)]
    return [*pieces, *_outputs(results, unanswered)]


def _role_of(step: Any, pointer: str) -> tuple[chat.Role, dict[str, Any]]:
    """Read who acts in a step. Returns the role and the other keys of the step."""
    match step:
        case {"source": "agent", **rest}:
            return "assistant", rest
        case {"source": "assistant"}:
            return "assistant", dict(step)
        case {"source": "user" | "system" as source, **rest}:
            return source, rest
        case {"source": str(source)}:
            found = f"`{source[:40]}`"
        case _:
            found = "none"
    raise UnknownShapeError(f"{pointer}/source", f"expected agent, user or system, found {found}")


def _is_blank(step: dict[str, Any]) -> bool:
    """Return whether a step has no message, no reasoning and no calls."""
    return not any(
        step.get(key) for key in ("message", "content", "reasoning_content", "tool_calls")
    )


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
    """Remove the results from a step and return them.

    A result without a call id and without content, such as a reference, stays in the step.
    """
    match step.get("observation"):
        case {"results": [*results], **rest} if results:
            pass
        case _:
            return []
    taken = [cast("dict[str, Any]", one) for one in results if _is_result(one)]
    left = [one for one in results if not _is_result(one)]
    del step["observation"]
    if rest or left:
        step["observation"] = {**({"results": left} if left else {}), **rest}
    return taken


def _is_result(value: Any) -> bool:
    match value:
        case {"source_call_id": call_id} if call_id is not None:
            return True
        case {"content": content} if content is not None:
            return True
        case _:
            return False


def _outputs(results: list[dict[str, Any]], unanswered: list[Called]) -> Iterator[Piece]:
    """Convert results to outputs, and remove the calls that they answer from `unanswered`.

    A result without a call id answers the first call that no result names. If there is no such
    call, it is output of the environment: nobody says it, so it begins no turn.
    """
    named = {build.json_text(own) for result in results if (own := result.get("source_call_id"))}
    free = deque(call for call in unanswered if build.json_text(call.original_id) not in named)
    for result in results:
        rest = dict(result)
        call_id, content = rest.pop("source_call_id", None), _content(rest.pop("content", None))
        if call_id is not None:
            yield Answered(call_id, None, content, False, rest)
        elif free:
            yield Answered(free.popleft().original_id, None, content, False, rest)
        else:
            rest = build.joined({"source": OBSERVATION}, rest, prefix="result_")
            yield Answered(None, _ENVIRONMENT, content, False, rest)
    unanswered[:] = free


_ENVIRONMENT = "environment"
"""The name of an output that answers no call."""


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

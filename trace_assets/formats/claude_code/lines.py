"""What one line of a session is: its place in the tree, and what it adds to the conversation."""

from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Piece

_SPEAKERS = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "system": "system",
    "tool_result": "user",
    "tool": "tool",
}
"""Whose the message of a line is, by the line's type, where the message does not say."""


class Line:
    """One line, read once. There are 100,000 in a long session: slots, and no copies."""

    __slots__ = (
        "agent",
        "answers",
        "calls",
        "file",
        "is_forked",
        "is_inherited",
        "is_message",
        "is_repeat",
        "is_sidechain",
        "is_uncertain",
        "message_id",
        "parent",
        "part",
        "queued",
        "session",
        "stamp",
        "uuid",
        "value",
    )

    def __init__(self, part: int, file: str, value: dict[str, Any]) -> None:
        self.part = part
        self.file = file
        self.value = value
        self.uuid = _id(value.get("uuid"))
        self.parent = _id(value.get("parentUuid")) or _id(value.get("logicalParentUuid"))
        self.session = _id(value.get("sessionId")) or _id(value.get("session_id"))
        if value.get("direction") == "send":
            self.session = ""  # the SDK says `default`, before the session has an id
        self.is_sidechain = value.get("isSidechain") is True or _is_of_subagent(value)
        self.agent = _id(value.get("agentId")) or _id(value.get("parent_tool_use_id"))
        self.stamp = _stamp(value)
        self.is_message = is_message(value) and not is_api_error(value)
        self.message_id = _message_id(value)
        self.calls, self.answers = _links(value)
        self.is_forked = isinstance(value.get("forkedFrom"), dict)
        """Whether the line was copied from the session that this one branched off."""
        self.is_inherited = False
        """Whether the line is a copy of one in another session, where its tokens count."""
        self.is_repeat = False
        """Whether the file has the same line before."""
        self.queued: Any = None
        """The message that the model absorbed from the queue here, if no other line has it."""
        self.is_uncertain = False
        """Whether a message left the queue here and the log does not say what became of it."""

    @property
    def refers_to(self) -> str:
        """The line that a line without a place in the tree tells about."""
        return _id(self.value.get("messageId")) or _id(self.value.get("leafUuid"))

    @property
    def is_clear(self) -> bool:
        """Whether the user began afresh here."""
        match self.value:
            case {"type": "user", "message": {"content": str(said)}}:
                return "<command-name>/clear</command-name>" in said
            case _:
                return False


def _id(value: Any) -> str:
    """An id as text; "" where there is none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _stamp(value: dict[str, Any]) -> Any:
    match value:
        case {"timestamp": stamp} | {"_audit_timestamp": stamp}:
            return stamp
        case {"snapshot": {"timestamp": stamp}}:
            return stamp
        case _:
            return None


def _is_of_subagent(value: dict[str, Any]) -> bool:
    """Whether a streamed line is one of a sub-agent: it names the call that began it."""
    return bool(_id(value.get("parent_tool_use_id"))) and "isSidechain" not in value


def opened(value: dict[str, Any]) -> dict[str, Any]:
    """A line out of what wraps it: recordings of the control protocol say which way it went.

    The dict is used up.
    """
    match value:
        case {"direction": str(), "message": {"type": _} as line}:
            inner = cast("dict[str, Any]", line)
            del value["message"]
            return inner | {key: each for key, each in value.items() if key not in inner}
        case _:
            return value


def is_message(value: dict[str, Any]) -> bool:
    """Whether a line is part of what was said, called or answered."""
    match value:
        case {"type": "user" | "assistant", "message": dict() | str()}:
            return True  # as nearly all are
        case {"type": "attachment", "attachment": {"type": "queued_command", "prompt": _}}:
            return True
        case {"type": "tool_use", "name": str(), "input": _}:
            return True
        case {"type": "tool_result", "tool_use_id": _} | {"type": "tool_result", "output": _}:
            return True
        case {"type": str(kind), "message": dict() | str()}:
            return kind in _SPEAKERS
        case {"type": "user" | "human" | "assistant", "content": _}:
            return True
        case {"message": {"role": str()}}:
            return not isinstance(value.get("type"), str)
        case _:
            return False


def _message_id(value: dict[str, Any]) -> str:
    match value:
        case {"message": {"id": message_id}}:
            return _id(message_id)
        case _:
            return ""


def _links(value: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the calls that a line makes, and of those that it answers."""
    match value:
        case {"type": "tool_result", "tool_use_id": call_id}:
            return (), (_id(call_id),)
        case {"message": {"content": [*content]}}:
            return _links_of(content)
        case _:
            return (), ()


def _links_of(content: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    calls: list[str] = []
    answers: list[str] = []
    for block in content:
        match block:
            case {"type": "tool_use", "id": call_id}:
                calls.append(_id(call_id))
            case {"type": "tool_result", "tool_use_id": call_id}:
                answers.append(_id(call_id))
            case _:
                pass
    return tuple(calls), tuple(answers)


def pieces_of(rest: dict[str, Any]) -> tuple[list[Piece], dict[str, Any]]:
    """What a message line adds to the conversation, and what it says around that.

    The message's own id is `message_id`. The dict is used up.

    Raises:
        UnknownMessageError: the message is none in any dialect.
    """
    match rest:
        case {"type": "attachment", "attachment": {"prompt": prompt, **around}}:
            del rest["attachment"]
            is_notice = around.get("commandMode") == "task-notification"
            message = {"role": "developer" if is_notice else "user", "content": prompt}
            return chat.pieces(message, pointer="/attachment"), {**rest, "attachment": around}
        case {"type": "tool_use" | "tool_result" as kind, **around} if "message" not in rest:
            return _lone_block(kind, around)
        case {"message": {"tool_name": str(name), **message}}:
            del rest["message"]
            return _tool_run(name, message), _without_type(rest)
        case _:
            return _said(rest)


def queued_pieces(rest: dict[str, Any], content: Any) -> tuple[list[Piece], dict[str, Any]]:
    """What the user said in a message that the model absorbed from the queue.

    Raises:
        UnknownMessageError: the content has no known shape.
    """
    around = {key: each for key, each in rest.items() if key != "content"}
    # A notice of a background task comes from the client.
    is_notice = isinstance(content, str) and content.lstrip().startswith("<task-notification>")
    message = {"role": "developer" if is_notice else "user", "content": content}
    return chat.pieces(message, pointer=""), around


def is_api_error(value: dict[str, Any]) -> bool:
    """Whether the client wrote an error of the API in place of an answer."""
    if value.get("isApiErrorMessage") is True:
        return True
    match value:
        case {"message": {"model": "<synthetic>", "content": [{"text": str(text)}]}}:
            return text.startswith("API Error")
        case _:
            return False


def error_text(value: dict[str, Any]) -> str:
    """Return the error message of a failed API call."""
    match value:
        case {"message": {"content": [{"text": str(text)}, *_]} | {"content": str(text)}}:
            return text
        case {"error": {"message": str(text)} | {"error": {"message": str(text)}}}:
            return text
        case {"error": {"error": {"error": {"message": str(text)}}}}:
            return text
        case {"error": str(text)}:
            return text
        case _:
            return "a call of the API failed"


def _said(rest: dict[str, Any]) -> tuple[list[Piece], dict[str, Any]]:
    role = _SPEAKERS.get(str(rest.get("type")), "assistant")
    match rest.pop("message", None):
        case {} as given:
            message = cast("dict[str, Any]", given)
        case None:
            message = {"content": rest.pop("content")}
        case text:
            message = {"content": text}
    if message.get("type") == "message":
        del message["type"]
    if "id" in message:
        message["message_id"] = message.pop("id")
    if not isinstance(message.get("role"), str):
        if message.get("role") is not None:
            message["message_role"] = message["role"]
        message["role"] = role
    return chat.pieces(message, pointer="/message"), _without_type(rest)


def _without_type(rest: dict[str, Any]) -> dict[str, Any]:
    """The line without a type that the item says."""
    if rest.get("type") in ("user", "assistant"):
        del rest["type"]
    return rest


def _lone_block(kind: str, rest: dict[str, Any]) -> tuple[list[Piece], dict[str, Any]]:
    """A call or a result that is a line by itself, in either of two generations."""
    if kind == "tool_use":
        return [chat.Called(rest.pop("id", None), rest.pop("name"), rest.pop("input"), {})], rest
    original_id = rest.pop("tool_use_id", None)
    name = rest.pop("name") if isinstance(rest.get("name"), str) else None
    output = rest.pop("output", None) if "output" in rest else rest.pop("content", None)
    is_error = rest.get("is_error") is True
    return [chat.Answered(original_id, name, output, is_error, {})], rest


def _tool_run(name: str, message: dict[str, Any]) -> list[Piece]:
    """A call and its result in one message, as converters from other tools write them."""
    arguments = message.pop("tool_input", "")
    output = message.pop("tool_output", None)
    if message.get("role") == "tool":
        del message["role"]
    is_error = message.get("status") in ("error", "failed")
    called = chat.Called(None, name, arguments, {"created_by": "assistant"})
    return [called, chat.Answered(None, name, output, is_error, message)]

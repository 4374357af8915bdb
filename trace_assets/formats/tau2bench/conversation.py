"""The messages of a simulation as items: what both sides said, called and were answered."""

from typing import Any, NamedTuple, cast

from trace_assets.formats import UnknownShapeError
from trace_assets.trace import build
from trace_assets.trace.build import Json


def items_of(messages: list[Json], trace_id: str) -> list[dict[str, Any]]:
    """The items of a simulation. The messages are used up: their dicts become the items'.

    Raises:
        UnknownShapeError: a message is none, or holds what no message does.
    """
    return _Conversation(trace_id).items_of(messages)


class _Call(NamedTuple):
    """A call that has no result yet."""

    key: str
    """Its id in the log, as text; "" where it has none."""
    call_id: str
    side: str
    message: int
    """How many messages with calls its side had sent before."""


class _Conversation:
    """The items of one simulation, made in one walk over its messages.

    A fifth of a conversion's time is spent here: keys are taken out of the log's own dicts, and
    what is then left in them is the residue, so that no dict is copied only to leave a key out.
    """

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.items: list[dict[str, Any]] = []
        self.open: list[_Call] = []
        self.sent: dict[str, int] = {}  # how many messages with calls each side has sent
        self.repeated: frozenset[str] = frozenset()
        self.answered: set[str] = set()  # call ids that have an output

    def items_of(self, messages: list[Json]) -> list[dict[str, Any]]:
        self.repeated = build.repeated(_call_ids(messages))
        number = -1
        try:
            for message in messages:
                number += 1
                self.add(message)
        except UnknownShapeError as error:
            pointer = f"/messages/{number}{error.pointer}"
            raise UnknownShapeError(pointer, str(error), reason=error.reason) from error
        return self.items

    def add(self, rest: Json) -> None:
        if not isinstance(rest, dict):
            raise UnknownShapeError("", f"expected a message, found {build.sketch(rest)}")
        match rest.pop("role", None):
            case "assistant" | "user" as role:
                self.add_said(role, rest)
            case "tool" if rest.get("tool_messages"):
                self.add_results(rest)
            case "tool":
                self.add_result(rest)
            case "system" | "developer" as role:
                self.add_text(role, _text_of(role, rest), rest)
            case other:
                raise UnknownShapeError(
                    "/role", f"expected user, assistant, system or tool, found {_quoted(other)}"
                )

    def next_id(self) -> str:
        return f"{self.trace_id}:{len(self.items)}"

    def add_text(self, role: str, parts: list[dict[str, Any]], rest: dict[str, Any]) -> None:
        items = self.items
        items.append(build.message(f"{self.trace_id}:{len(items)}", role, parts, rest))

    def add_said(self, role: str, rest: dict[str, Any]) -> None:
        """Add the text, then the calls; the residue goes to the first item of these."""
        parts = _text_of(role, rest)
        calls: Json = rest.get("tool_calls")
        if not calls or not isinstance(calls, list):
            self.add_text(role, parts, rest)
            return
        del rest["tool_calls"]
        if parts:
            self.add_text(role, parts, rest)
            rest = {}
        self.add_calls(role, calls, rest)

    def add_calls(self, role: str, calls: list[Any], rest: dict[str, Any]) -> None:
        self.sent[role] = sent = self.sent.get(role, 0) + 1
        for position, call in enumerate(calls):
            name, arguments, residue = _call_parts(call, position)
            original_id = residue.pop("id", None)
            key = _key(original_id)
            call_id = self.call_id(key)
            residue = _created_by(role, residue)
            if rest:
                residue, rest = build.joined(residue, rest, prefix="message_"), {}
            item = build.function_call(
                f"{self.trace_id}:{len(self.items)}",
                call_id,
                name=name,
                arguments=build.json_text(arguments),
                original_call_id=original_id,
                rest=residue,
            )
            self.items.append(item)
            if call_id not in self.answered:
                self.open.append(_Call(key, call_id, role, sent))

    def call_id(self, key: str) -> str:
        """The id that links call and output: of the log's own id where that names one call only."""
        return build.short_id(self.next_id() if key in self.repeated else key)

    def add_results(self, rest: dict[str, Any]) -> None:
        """Add each of the tool messages that one message wraps."""
        if not isinstance(rest["tool_messages"], list):
            self.add_result(rest)
            return
        wrapped: list[Any] = rest.pop("tool_messages")
        for position, result in enumerate(wrapped):
            match result:
                case {"role": "tool", **own}:
                    self.add_result(build.joined(own, rest, prefix="multi_") if rest else own)
                    rest = {}  # what stands around the results goes to the first
                case _:
                    raise UnknownShapeError(
                        f"/tool_messages/{position}",
                        f"expected a message of role tool, found {build.sketch(result)}",
                    )

    def add_result(self, rest: dict[str, Any]) -> None:
        is_openai = "tool_call_id" in rest and rest.get("id") is None
        original_id = rest.pop("tool_call_id" if is_openai else "id", None)
        key, requestor = _key(original_id), rest.get("requestor")
        call = self.call_of(key, requestor)
        call_id = call.call_id if call else self.id_without_call(key)
        self.answered.add(call_id)
        content = rest.pop("content", "")
        residue = _created_by(call.side if call else requestor, rest)
        if content is None:
            content, residue["content"] = "", None
        item = build.function_call_output(
            f"{self.trace_id}:{len(self.items)}",
            call_id,
            output=build.json_text(content),
            is_error=rest.get("error") is True,
            original_call_id=original_id,
            rest=residue,
        )
        self.items.append(item)

    def call_of(self, key: str, requestor: Any) -> _Call | None:
        """Take the open call that a result answers: by its id, else by its place."""
        if key not in self.repeated:
            for position, call in enumerate(self.open):
                if call.key == key:
                    return self.open.pop(position)
        candidates = [call for call in self.open if self.may_answer(call, key, requestor)]
        if not candidates:
            return None
        found = max(candidates, key=lambda call: call.message)  # the first one of the latest
        self.open.remove(found)
        return found

    def may_answer(self, call: _Call, key: str, requestor: Any) -> bool:
        """Whether a result with a repeated id, or with none, can be that of a call.

        Where ids are missing, results come in the order of the calls; a call of an earlier message
        that got none does not steal that of a later one.
        """
        if requestor in ("user", "assistant") and call.side != requestor:
            return False
        if key and call.key:
            return call.key == key
        return call.message == self.sent[call.side]

    def id_without_call(self, key: str) -> str:
        """The call id of a result whose call is missing, or has another result already."""
        call_id = self.call_id(key)
        return build.short_id(self.next_id()) if call_id in self.answered else call_id


def _key(call_id: Any) -> str:
    """A call's id as text; "" where there is none."""
    if isinstance(call_id, str):
        return call_id
    return "" if call_id is None else build.json_text(call_id)


def _call_ids(messages: list[Json]) -> list[str]:
    ids: list[str] = []
    for message in messages:
        calls: Json = message.get("tool_calls") if isinstance(message, dict) else None
        if calls and isinstance(calls, list):
            each: list[Json] = calls
            ids += [_key(call.get("id")) for call in each if isinstance(call, dict)]
    return ids


def _call_parts(call: Any, position: int) -> tuple[str, Any, dict[str, Any]]:
    """Name, arguments and the rest of a tool call, in tau2's shape or OpenAI's."""
    rest = cast("dict[str, Any]", call)
    if type(rest) is dict and type(rest.get("name")) is str:  # a third of the cost of `match`
        return rest.pop("name"), rest.pop("arguments", ""), rest
    match call:
        case {"function": {"name": str(name), **function}, **around}:
            arguments = function.pop("arguments", "")
            return name, arguments, build.joined(around, function, prefix="function_")
        case _:
            raise UnknownShapeError(
                f"/tool_calls/{position}",
                f"expected a call with a `name`, found {build.sketch(call)}",
            )


def _created_by(side: Any, rest: dict[str, Any]) -> dict[str, Any]:
    """The residue behind the side that made or wanted the call."""
    if "created_by" in rest:
        rest["original_created_by"] = rest.pop("created_by")
    return {"created_by": side, **rest}


def _text_of(role: str, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the text out of a message; where there is none, nothing is taken."""
    content: Json = message.get("content")
    if not content:
        return []
    del message["content"]
    if isinstance(content, str):
        return [build.text_part(role, content)]
    match content:
        case list():
            return [_part(role, part, position) for position, part in enumerate(content)]
        case _:
            raise UnknownShapeError("/content", f"expected text, found {build.sketch(content)}")


def _part(role: str, part: Any, position: int) -> dict[str, Any]:
    match part:
        case {"type": "text", "text": str(text), **rest}:
            return build.text_part(role, text, rest)
        case _:
            raise UnknownShapeError(
                f"/content/{position}", f"expected a text part, found {build.sketch(part)}"
            )


def _quoted(role: Any) -> str:
    """An unknown role by its name, which is a word and not what somebody said."""
    return f"`{role[:40]}`" if isinstance(role, str) else build.sketch(role)

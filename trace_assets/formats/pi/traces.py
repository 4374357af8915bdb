"""The entries of one session as a trace."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Custom, Piece, UnknownMessageError
from trace_assets.formats import Assembled, Converted, Part, Refused
from trace_assets.formats.pi.tree import Branch, Entry, tree_of
from trace_assets.spans.timeline import Happening, extent, timeline
from trace_assets.trace import build, marks

COLUMNS = ("session_id", "parent_session", "cwd", "title")

_FAILED = ("error", "aborted")
"""The stop reasons of an answer that the model did not finish."""


def traces_of(
    header: dict[str, Any] | None, entries: Sequence[Entry], parts: Sequence[Part], first: int
) -> Iterator[Assembled | Refused]:
    """One session as one trace. `first` is the part of the session's first line."""
    walk = _Walk(_id_of(header) or build.record_id(parts[first].record.raw), header)
    tree = tree_of(entries, _id_of(header))
    for place, entry in enumerate(entries):
        walk.add(entry, is_active=tree.is_active[place])
    kept = [_kept(branch, walk, number) for number, branch in enumerate(tree.branches)]
    yield from walk.refused
    numbers = [entry.part for entry in entries]
    if header is not None:
        numbers.append(first)
    numbers = sorted(set(numbers) - {each.part for each in walk.refused})
    items = walk.conversation.items()
    if not items:
        message = "the session has no message"
        yield from (Refused(number, "no_conversation", message) for number in numbers)
        return
    trace = walk.trace(items, kept, _marks(walk, kept, has_hole=tree.has_hole))
    yield Assembled(Converted(trace, walk.columns()), numbers)


def _id_of(header: dict[str, Any] | None) -> str:
    match header:
        case {"id": str(own)}:
            return own
        case _:
            return ""


def _kept(branch: Branch, walk: "_Walk", number: int) -> dict[str, Any]:
    """An abandoned branch: its items, and the item after which it began."""
    own = _Walk(f"{walk.trace_id}/branch{number + 1}", None)
    for entry in branch.messages:
        own.add(entry, is_active=True)
    walk.refused += own.refused
    walk.happenings += own.happenings
    return {"after": walk.last_item.get(branch.fork), "items": own.conversation.items()}


def _marks(walk: "_Walk", kept: Sequence[dict[str, Any]], *, has_hole: bool) -> Iterator[str]:
    if has_hole or walk.refused:
        yield marks.INCOMPLETE
    if any(marks.has_calls(branch["items"]) for branch in kept):
        yield marks.BRANCH_WITH_CALLS
    if walk.has_failed_call:
        yield marks.MODEL_CALL_FAILED


class _Walk:
    """A walk over the entries of one session in their order."""

    def __init__(self, trace_id: str, header: dict[str, Any] | None) -> None:
        self.trace_id = trace_id
        self.header = header
        self.conversation = chat.Conversation(trace_id)
        self.refused: list[Refused] = []
        self.happenings: list[Happening] = []
        self.last_item: dict[int, str | None] = {}
        """By place of an entry: the newest item at that point."""
        self.has_failed_call = False
        self._begins = _parent_ends(header)
        self._model: str | None = None
        self._titles: list[str] = []
        self._stamps: list[Any] = []
        self._latest: str | None = None
        self._inherited = 0

    def add(self, entry: Entry, *, is_active: bool) -> None:
        """Take in the next entry, whose dict is used up. Only active messages become items."""
        match entry.value:
            case {"type": "session_info", "name": str(title)} | {
                "type": "title",
                "title": str(title),
            }:
                self._titles.append(title)
            case _:
                pass
        if is_active and entry.is_message:
            self._add_message(entry)
        elif not entry.is_message:
            self._happen(entry)
        if is_active:
            self._note_model(entry.value)
        self.last_item[len(self.last_item)] = self._latest

    def _add_message(self, entry: Entry) -> None:
        stamp = entry.value.get("timestamp")
        is_inherited = self._begins is not None and _is_before(stamp, self._begins)
        try:
            pieces = _pieces_of(entry.value)
        except UnknownMessageError as error:
            message = f"its message is of no known shape: {error}"
            self.refused.append(Refused(entry.part, "unknown_shape", message, error.pointer))
            return
        if is_inherited:
            self._inherited += 1
            pieces = list(map(_as_inherited, pieces))
        else:
            self._stamps.append(stamp)
            self._note_failure(entry)
        places = self.conversation.add(*pieces)
        self._latest = f"{self.trace_id}:{places[-1]}"

    def _note_failure(self, entry: Entry) -> None:
        """Record an answer that ends with an error as an event, too."""
        match entry.value:
            case {"message": {"stopReason": "error", "errorMessage": str(text)}}:
                self.has_failed_call = True
                about = {"after_item": self._latest, "entry": entry.id or None}
                stamp = entry.value.get("timestamp")
                self.happenings.append(Happening("error", {"message": text}, stamp, about))
            case _:
                pass

    def _note_model(self, value: dict[str, Any]) -> None:
        """The first model that answered; else the first that was chosen."""
        match value:
            case {"message": {"role": "assistant", "model": str(model)}} if self._model is None:
                self._model = model
            case _:
                pass

    def _happen(self, entry: Entry) -> None:
        happening = _happening(entry.value, {"after_item": self._latest})
        self.has_failed_call = self.has_failed_call or happening.kind == "error"
        self.happenings.append(happening)

    def trace(
        self, items: list[dict[str, Any]], kept: Sequence[dict[str, Any]], tags: Iterator[str]
    ) -> dict[str, Any]:
        """Everything that was taken in."""
        events, untimed = timeline(self.happenings, self.trace_id)
        extra: dict[str, Any] = {"session": self.header} if self.header else {}
        if kept:
            extra["branches"] = list(kept)
        if self._inherited:
            extra["inherited_messages"] = self._inherited
        if untimed:
            extra["untimed_events"] = untimed
        metadata: dict[str, Any] = {"trace_id": self.trace_id}
        model = self._model or self._chosen_model()
        if model is not None:
            metadata["model"] = model
        metadata |= extent(self._stamps)
        trace: dict[str, Any] = {
            "FORMAT": "open_responses",
            "items": items,
            "metadata": {**marks.with_tags(metadata, tags), "extra": extra},
        }
        return trace | ({"events": events} if events else {})

    def _chosen_model(self) -> str | None:
        values = [self.header or {}, *(each.fields.get("data", {}) for each in self.happenings)]
        return next((v["modelId"] for v in values if isinstance(v.get("modelId"), str)), None)

    def columns(self) -> dict[str, Any]:
        """The values of the format's own columns."""
        header = self.header or {}
        parent = header.get("parentSession", header.get("branchedFrom"))
        title = self._titles[-1] if self._titles else None
        values = (header.get("id"), parent, header.get("cwd"), title)
        return dict(zip(COLUMNS, values, strict=True))


def _parent_ends(header: dict[str, Any] | None) -> str | None:
    """When a forked session begins: its earlier entries are copies of its parent's."""
    match header:
        case {"timestamp": str(begins), "parentSession": str()} | {
            "timestamp": str(begins),
            "branchedFrom": str(),
        } if build.is_time(begins):
            return begins
        case _:
            return None


def _is_before(stamp: Any, begins: str) -> bool:
    """Whether an entry is older than the session. Pi writes all times in one form, in UTC."""
    return build.is_time(stamp) and len(stamp) == len(begins) and stamp < begins


def _as_inherited(piece: Piece) -> Piece:
    """A message of the parent session: its tokens count there."""
    rest = {"inherited": True, **piece.rest}
    for key in ("usage", "cost"):
        if key in rest:
            rest[f"inherited_{key}"] = rest.pop(key)
    return piece._replace(rest=rest)


def _pieces_of(value: dict[str, Any]) -> list[Piece]:
    """The pieces of a message entry, with the entry's own keys.

    Raises:
        UnknownMessageError: the message has no known shape.
    """
    match value:
        case {"type": "custom_message", "content": content, **around}:
            said = chat.pieces({"role": "developer", "content": content}, pointer="")
            return chat.with_rest(said, {"type": "custom_message", **around}, prefix="entry_")
        case {"message": {"role": "bashExecution", **run}, **around}:
            content = {"role": "bashExecution", **cast("dict[str, Any]", run)}
            return [Custom(True, content, _without_type(around))]
        case {"message": {"role": "custom" | "hookMessage" as role, **said}, **around}:
            message = {**said, "role": "developer", "original_role": role}
        case {"message": {} as message, **around}:
            pass
        case _:
            raise UnknownMessageError("", "expected an entry with a `message`")
    return chat.pieces(_with_entry(message, around), pointer="/message")


def _with_entry(message: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """The message with the keys of its entry, which come first: the entry has the exact time."""
    return build.joined(_without_type(around), message, prefix="message_")


def _without_type(around: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in around.items() if key != "type"}


def _happening(value: dict[str, Any], about: dict[str, Any]) -> Happening:
    stamp = value.get("timestamp")
    match value:
        case {"type": "compaction"}:
            before = value.get("tokensBefore")
            counts = {"tokens_before": before} if type(before) is int else {}
            fields = {"strategy": "summary", **counts}
            return Happening("compaction", fields, stamp, {**about, "entry": value})
        case {"type": "message", "message": {"errorMessage": str(text)}}:
            return Happening("error", {"message": text}, stamp, {**about, "entry": value})
        case {"type": "message", "message": {"stopReason": str(reason)}} if reason in _FAILED:
            return Happening("error", {"message": reason}, stamp, {**about, "entry": value})
        case {"type": "message", "message": {"role": str(role)}}:
            name = f"message/{role}"
        case {"type": "custom" | "custom_message" as kind, "customType": str(custom)}:
            name = f"{kind}/{custom}"
        case {"type": str(name)}:
            pass
        case _:
            name = "entry"
    return Happening("custom", {"name": name, "data": value}, stamp, about)

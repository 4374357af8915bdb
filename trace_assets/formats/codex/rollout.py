"""The walk over the lines of one rollout that makes its trace."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from trace_assets.chat import Piece, Said, with_rest
from trace_assets.formats import Part, Refused
from trace_assets.formats.codex.history import OwnStart, own_start
from trace_assets.formats.codex.items import pieces_of, texts_of
from trace_assets.formats.codex.session import session_of
from trace_assets.formats.codex.thread import Thread
from trace_assets.formats.codex.tokens import TokenCounts
from trace_assets.spans.timeline import Happening, extent, timeline
from trace_assets.trace import build, marks

COLUMNS = ("session_id", "parent_session_id", "cwd", "git_branch", "client_version")

_ECHOES = {"user_message": "user", "agent_message": "assistant", "agent_reasoning": "reasoning"}
"""The events that repeat an item, and the role of the item."""


class _Noted(NamedTuple):
    """A line that is no item."""

    line: dict[str, Any]
    stamp: Any
    size: int
    """How many items the thread had before it."""


class Rollout:
    """A walk over the lines of one session."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.refused: list[Refused] = []
        self.session = session_of(parts)
        self._header: dict[str, Any] | None = None
        self._id = self.session.id or build.record_id(parts[0].record.raw)
        self._own = _own_start(parts) if self.session.parent is not None else OwnStart(0)
        self._texts = texts_of(parts)
        self._own_thread = Thread()
        self._thread = self._own_thread
        if self._own.line and self.session.is_subagent:
            self._thread = Thread()  # of the parent: kept beside the sub-agent's own work
        self._inherited = self._thread
        self._is_copy = False
        """Whether the line that is read is a copy of one of the parent session."""
        self._copied_items = 0
        self._noted: list[_Noted] = []
        self._inherited_noted: list[_Noted] = []
        self._stamps: list[Any] = []
        self._lines: Counter[str] = Counter()
        self._model: str | None = None
        self._turn: Any = None
        self._counts = TokenCounts()
        match parts[0].context:
            case {"/session": {} as session}:
                self._begin(cast("dict[str, Any]", session))
                self._stamps.append(self.session.meta.get("timestamp"))
            case _:
                pass

    @property
    def size(self) -> int:
        """How many items the trace has."""
        return self._own_thread.size

    def trace(self) -> dict[str, Any]:
        """Everything that was taken in."""
        self._own_thread.end()
        items = self._own_thread.items(self._id)
        branches = self._own_thread.branches(self._id)
        metadata: dict[str, Any] = {"trace_id": self._id}
        if (agent := _agent_of(self.session.meta)) is not None:
            metadata["agent"] = agent
        if self._model is not None:
            metadata["model"] = self._model
        extra: dict[str, Any] = {"session_meta": self._header} if self._header else {}
        if self._lines:
            extra["line_types"] = [{"type": kind, "count": n} for kind, n in self._lines.items()]
        if branches:
            extra["branches"] = branches
        if self._own.line:
            extra["inherited"] = self._history()
        events, untimed = timeline(self._happenings(self._noted), self._id)
        if untimed:
            extra["untimed_events"] = untimed
        metadata = marks.with_tags({**metadata, **extent(self._stamps)}, self._marks(branches))
        trace = {
            "FORMAT": "open_responses",
            "items": items,
            "metadata": {**metadata, "extra": extra},
        }
        return trace | ({"events": events} if events else {})

    def _marks(self, branches: Sequence[dict[str, Any]]) -> Iterator[str]:
        if self.refused:
            yield marks.INCOMPLETE
        if any(marks.has_calls(branch["items"]) for branch in branches):
            yield marks.BRANCH_WITH_CALLS
        if not self._own.is_certain:
            yield marks.INHERITED_UNCERTAIN

    def _history(self) -> dict[str, Any]:
        """The copied history of the parent session; its tokens count there."""
        history: dict[str, Any] = {"from": self.session.parent, "lines": self._own.line - 1}
        if self._inherited is self._own_thread:
            history["items_in_conversation"] = self._copied_items
        else:
            history["items"] = self._inherited.items(f"{self._id}/inherited")
            history |= {"branches": b} if (b := self._inherited.branches(self._id)) else {}
        history["events"] = [noted.line for noted in self._inherited_noted]
        return history

    def _happenings(self, noted: Sequence[_Noted]) -> list[Happening]:
        found: list[Happening] = []
        for line, stamp, size in noted:
            after = f"{self._id}:{size - 1}" if size else None
            found.append(_happening(line, stamp, {"after_item": after}))
        return found

    def columns(self) -> dict[str, Any]:
        """Return the facts of the session for the dataset row."""
        meta = self.session.meta
        match meta:
            case {"git": {"branch": str(branch)}}:
                pass
            case _:
                branch = None
        own = self.session.id or None
        values = (own, self.session.parent, meta.get("cwd"), branch, meta.get("cli_version"))
        return dict(zip(COLUMNS, values, strict=True))

    def add(self, number: int, line: dict[str, Any]) -> None:
        """Take in the next line, whose dict is used up.

        Raises:
            UnknownMessageError: it has an item of no known shape.
        """
        if number and number == self._own.line:
            self._begin_own()
        self._is_copy = 0 < number < self._own.line
        stamp = line.get("timestamp", line.get("created_at"))
        if not self._is_copy:
            self._stamps.append(stamp)
        if "type" in line and "payload" in line:
            self._lines[str(line["type"])] += 1
        self._read(line, stamp)

    def _read(self, line: dict[str, Any], stamp: Any) -> None:
        match line:
            case {"type": "response_item", "payload": payload, **around}:
                self._add_item(payload, around, "/payload")
            case {"type": "event_msg", "payload": {"type": str(kind)}}:
                self._add_event(kind, line, stamp)
            case {"type": "turn_context", "payload": {} as payload}:
                self._add_turn(cast("dict[str, Any]", payload), line)
                self._note(line, stamp)
            case {"type": str(), "payload": _} | {"record_type": _}:
                self._add_other(line, stamp)
            case {"id": _, "timestamp": _} if "type" not in line and "role" not in line:
                self._add_other(line, stamp)
            case _:
                own = {k: line[k] for k in ("timestamp", "created_at", "ordinal") if k in line}
                item = {k: v for k, v in line.items() if k not in own}
                self._add_item(item, own, "")

    def _begin_own(self) -> None:
        """Go on with the session's own lines after the copied ones."""
        self._inherited_noted, self._noted = self._noted, []
        self._model, self._turn = None, None
        self._thread = self._own_thread

    def _add_other(self, line: dict[str, Any], stamp: Any) -> None:
        """Take in what is no item: the first line about the session, or what happened in it."""
        match line:
            case {"type": "session_meta", "payload": {} as payload, **around}:
                meta = cast("dict[str, Any]", payload) | build.prefixed("line_", around)
            case {"id": _} if "payload" not in line:
                meta = line
            case _:
                meta = None
        if meta is None or self._header is not None:
            self._note(line, stamp)
        else:
            self._begin(meta)

    def _begin(self, meta: dict[str, Any]) -> None:
        """Keep what is said of the session; the base instructions are its system message."""
        self._header = dict(meta)
        match meta:
            case {"base_instructions": {"text": str(text), **rest}}:
                self._header["base_instructions"] = rest
            case {"base_instructions": str(text)}:
                del self._header["base_instructions"]
            case _:
                return
        self._own_thread.say([Said("system", [build.text_part("system", text)], {})])

    def _say(self, pieces: list[Piece]) -> None:
        if self._is_copy:
            self._copied_items += len(pieces)
            pieces = [piece._replace(rest={"inherited": True, **piece.rest}) for piece in pieces]
        self._thread.say(pieces)

    def _add_item(self, payload: Any, around: dict[str, Any], pointer: str) -> None:
        match payload:
            case {"type": "ghost_snapshot"}:
                self._note({"type": "response_item", "payload": payload, **around}, None)
            case _:
                self._say(with_rest(pieces_of(payload, pointer), around, prefix="line_"))

    def _add_turn(self, turn: dict[str, Any], line: dict[str, Any]) -> None:
        if self._model is None:
            match turn:
                case {"model": str(model)} | {"metadata": {"model": str(model)}}:
                    self._model = model
                case _:
                    pass
        if turn == self._turn:
            del line["payload"]
        self._turn = turn

    def _add_event(self, kind: str, line: dict[str, Any], stamp: Any) -> None:
        payload: dict[str, Any] = line["payload"]
        match payload:
            case {"type": "token_count", "info": {} as info}:
                used = self._counts.used(cast("dict[str, Any]", info))
                if used is not None and not self._is_copy:
                    self._thread.count(used)
            case {"type": "thread_rolled_back", "num_turns": int(turns)}:
                self._roll_back(turns)
            case {"message": str(text)} | {"text": str(text)} if kind in _ECHOES and text:
                place = "message" if "message" in payload else "text"
                if not self._is_echo(_ECHOES[kind], text):
                    self._say_event(_ECHOES[kind], text, line, place)
                    return
                del payload[place]
            case _:
                pass
        self._note(line, stamp)

    def _roll_back(self, turns: int) -> None:
        """Take turns out. Events of these turns come after the last item that is left."""
        self._thread.roll_back(turns)
        size = self._thread.size
        self._noted = [noted._replace(size=min(noted.size, size)) for noted in self._noted]

    def _is_echo(self, role: str, text: str) -> bool:
        """Whether an item says the same; each item for one event."""
        left = self._texts.get((role, text.strip()), 0)
        if left:
            self._texts[role, text.strip()] = left - 1
        return left > 0

    def _say_event(self, role: str, text: str, line: dict[str, Any], place: str) -> None:
        """A message that only an event has."""
        payload = {key: each for key, each in line.pop("payload").items() if key != place}
        kind = "reasoning_text" if role == "reasoning" else None
        speaker = "user" if role == "user" else "assistant"
        part = {"type": kind, "text": text} if kind else build.text_part(speaker, text)
        around = build.joined(line, {"payload": payload}, prefix="event_")
        self._say([Said(speaker, [part], around)])

    def _note(self, line: dict[str, Any], stamp: Any) -> None:
        self._noted.append(_Noted(line, stamp, self._thread.size))


def _own_start(parts: Sequence[Part]) -> OwnStart:
    return own_start([part.record.value for part in parts])


def _agent_of(meta: dict[str, Any]) -> str | None:
    match meta:
        case {"agent_role": str(agent)}:
            return agent
        case {"source": {"subagent": {"thread_spawn": {"agent_role": str(agent)}}}}:
            return agent
        case _:
            return None


def _happening(line: dict[str, Any], stamp: Any, metadata: dict[str, Any]) -> Happening:
    match line:
        case {"type": "compacted"}:
            return Happening(
                "compaction", {"strategy": "summary"}, stamp, {**metadata, "line": line}
            )
        case {"type": "event_msg", "payload": {"type": "error", "message": str(message)}}:
            return Happening("error", {"message": message}, stamp, {**metadata, "line": line})
        case {"type": str(kind), "payload": {"type": str(subtype)}}:
            name = f"{kind}/{subtype}"
        case {"type": str(name)} | {"record_type": str(name)}:
            pass
        case _:
            name = "line"
    return Happening("custom", {"name": name, "data": line}, stamp, metadata)

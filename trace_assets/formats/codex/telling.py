"""The walk over the lines of one rollout that makes its trace."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Piece, Said
from trace_assets.formats import Part, Refused
from trace_assets.formats.codex.items import is_made, pieces_of, texts_of
from trace_assets.spans.timeline import Happening, extent, timeline
from trace_assets.trace import build

COLUMNS = ("session_id", "parent_session_id", "cwd", "git_branch", "client_version")

_ECHOES = {"user_message": "user", "agent_message": "assistant", "agent_reasoning": "reasoning"}
"""The events that repeat what an item says, and whose it is."""


class Telling:
    """A walk over the lines of one session."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.refused: list[Refused] = []
        self.size = 0
        self._meta = _session_of(parts)
        self._session: dict[str, Any] | None = None
        self._id = _own_id(self._meta) or build.record_id(parts[0].record.raw)
        self._texts = texts_of(parts)
        self._messages: list[list[Piece]] = []
        self._happenings: list[Happening] = []
        self._stamps: list[Any] = []
        self._lines: Counter[str] = Counter()
        self._model: str | None = None
        self._turn: Any = None
        self._total: Any = None
        self._counted = 0
        """How many messages there were when tokens were counted last."""
        match parts[0].context:
            case {"/session": {} as session}:
                self._begin(cast("dict[str, Any]", session))
                self._stamps.append(self._meta.get("timestamp"))
            case _:
                pass

    def trace(self) -> dict[str, Any]:
        """Everything that was taken in."""
        conversation = chat.Conversation(self._id)
        for pieces in self._messages:
            conversation.add(*pieces)
        metadata: dict[str, Any] = {"trace_id": self._id}
        match self._meta:
            case {"agent_role": str(agent)}:
                metadata["agent"] = agent
            case _:
                pass
        if self._model is not None:
            metadata["model"] = self._model
        extra: dict[str, Any] = {"session_meta": self._session} if self._session else {}
        if self._lines:
            extra["line_types"] = [{"type": kind, "count": n} for kind, n in self._lines.items()]
        events, untimed = timeline(self._happenings, self._id)
        if untimed:
            extra["untimed_events"] = untimed
        trace: dict[str, Any] = {
            "FORMAT": "open_responses",
            "items": conversation.items(),
            "metadata": {**metadata, **extent(self._stamps), "extra": extra},
        }
        if events:
            trace["events"] = events
        return trace

    def columns(self) -> dict[str, Any]:
        """What the session says of itself, for the dataset row."""
        meta = self._meta
        match meta:
            case {"git": {"branch": str(branch)}}:
                pass
            case _:
                branch = None
        match meta:
            case {"source": {"subagent": {"thread_spawn": {"parent_thread_id": str(parent)}}}}:
                pass
            case _:
                parent = meta.get("forked_from_id")
        own = _own_id(meta) or None
        values = (own, parent, meta.get("cwd"), branch, meta.get("cli_version"))
        return dict(zip(COLUMNS, values, strict=True))

    def add(self, line: dict[str, Any]) -> None:
        """Take in the next line, whose dict is used up.

        Raises:
            UnknownMessageError: it has an item that is none.
        """
        stamp = line.get("timestamp", line.get("created_at"))
        self._stamps.append(stamp)
        if "type" in line and "payload" in line:
            self._lines[str(line["type"])] += 1
        match line:
            case {"type": "response_item", "payload": payload, **around}:
                self._add_item(payload, around, "/payload")
            case {"type": "event_msg", "payload": {"type": str(kind)}}:
                self._add_event(kind, line, stamp)
            case {"type": "turn_context", "payload": {} as payload}:
                self._add_turn(cast("dict[str, Any]", payload), line)
                self._happen(line, stamp)
            case {"type": str(), "payload": _} | {"record_type": _}:
                self._add_other(line, stamp)
            case {"id": _, "timestamp": _} if "type" not in line and "role" not in line:
                self._add_other(line, stamp)
            case _:
                own = {k: line[k] for k in ("timestamp", "created_at", "ordinal") if k in line}
                item = {k: v for k, v in line.items() if k not in own}
                self._add_item(item, own, "")

    def _add_other(self, line: dict[str, Any], stamp: Any) -> None:
        """Take in what is no item: the first line about the session, or what happened in it."""
        match line:
            case {"type": "session_meta", "payload": {} as payload, **around}:
                meta = cast("dict[str, Any]", payload) | build.prefixed("line_", around)
            case {"id": _} if "payload" not in line:
                meta = line
            case _:
                meta = None
        if meta is None or self._session is not None:
            self._happen(line, stamp)
        else:
            self._begin(meta)

    def _begin(self, meta: dict[str, Any]) -> None:
        """Keep what is said of the session; the base instructions are its system message."""
        self._session = dict(meta)
        match meta:
            case {"base_instructions": {"text": str(text), **rest}}:
                self._session["base_instructions"] = rest
            case {"base_instructions": str(text)}:
                del self._session["base_instructions"]
            case _:
                return
        self._say([Said("system", [build.text_part("system", text)], {})])

    def _say(self, pieces: list[Piece]) -> None:
        self._messages.append(pieces)
        self.size += len(pieces)

    def _add_item(self, payload: Any, around: dict[str, Any], pointer: str) -> None:
        match payload:
            case {"type": "ghost_snapshot"}:
                self._happen({"type": "response_item", "payload": payload, **around}, None)
            case _:
                self._say(chat.with_rest(pieces_of(payload, pointer), around, prefix="line_"))

    def _add_turn(self, turn: dict[str, Any], line: dict[str, Any]) -> None:
        model = turn.get("model")
        if self._model is None and isinstance(model, str):
            self._model = model
        if turn == self._turn:
            del line["payload"]
        self._turn = turn

    def _add_event(self, kind: str, line: dict[str, Any], stamp: Any) -> None:
        payload: dict[str, Any] = line["payload"]
        match payload:
            case {"type": "token_count", "info": {"last_token_usage": {} as used, **info}}:
                self._count(cast("dict[str, Any]", used), info.get("total_token_usage"))
            case {"message": str(text)} | {"text": str(text)} if kind in _ECHOES and text:
                place = "message" if "message" in payload else "text"
                if not self._is_echo(_ECHOES[kind], text):
                    self._say_event(_ECHOES[kind], text, line, place)
                    return
                del payload[place]
            case _:
                pass
        self._happen(line, stamp)

    def _is_echo(self, role: str, text: str) -> bool:
        """Whether an item says the same; each item for one event."""
        left = self._texts.get((role, text.strip()), 0)
        if left:
            self._texts[role, text.strip()] = left - 1
        return left > 0

    def _say_event(self, role: str, text: str, line: dict[str, Any], place: str) -> None:
        """What is told by an event only is said all the same."""
        payload = {key: each for key, each in line.pop("payload").items() if key != place}
        kind = "reasoning_text" if role == "reasoning" else None
        speaker = "user" if role == "user" else "assistant"
        part = {"type": kind, "text": text} if kind else build.text_part(speaker, text)
        around = build.joined(line, {"payload": payload}, prefix="event_")
        self._say([Said(speaker, [part], around)])

    def _count(self, used: dict[str, Any], total: Any) -> None:
        """Note what a model call used, at the last item that it made; a repeated count is none."""
        if total is not None and total == self._total:
            return
        self._total = total
        for number in range(len(self._messages) - 1, self._counted - 1, -1):
            pieces = self._messages[number]
            for place in range(len(pieces) - 1, -1, -1):
                piece = pieces[place]
                if is_made(piece) and "usage" not in piece.rest:
                    pieces[place] = piece._replace(rest={**piece.rest, "usage": used})
                    self._counted = len(self._messages)
                    return

    def _happen(self, line: dict[str, Any], stamp: Any) -> None:
        after = f"{self._id}:{self.size - 1}" if self.size else None
        self._happenings.append(_happening(line, stamp, {"after_item": after}))


def _session_of(parts: Sequence[Part]) -> dict[str, Any]:
    """What the file says of its session first; nothing where it says nothing."""
    match parts[0].context:
        case {"/session": {} as session}:
            return cast("dict[str, Any]", session)
        case _:
            pass
    for part in parts:
        match part.record.value:
            case {"type": "session_meta", "payload": {} as payload}:
                return cast("dict[str, Any]", payload)
            case {"id": _, "timestamp": _} as line if "type" not in line and "role" not in line:
                return cast("dict[str, Any]", line)
            case _:
                pass
    return {}


def _own_id(meta: Mapping[str, Any]) -> str:
    match meta:
        case {"id": str(own)} | {"session_id": str(own)}:
            return own
        case {"id": int(own)} if not isinstance(own, bool):
            return str(own)
        case _:
            return ""


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

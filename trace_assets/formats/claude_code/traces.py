"""The lines of one conversation as traces."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.chat import Answered, Piece, UnknownMessageError
from trace_assets.formats import Assembled, Converted, Part, Refused
from trace_assets.formats.claude_code.lines import (
    Line,
    error_text,
    is_api_error,
    pieces_of,
    queued_pieces,
)
from trace_assets.formats.claude_code.tree import Branch, conversation_of
from trace_assets.spans.timeline import Happening, extent, timeline
from trace_assets.trace import build, marks

COLUMNS = ("session_id", "agent_id", "cwd", "git_branch", "client_version", "title")

_SAID_ONCE = (
    "sessionId",
    "session_id",
    "cwd",
    "gitBranch",
    "version",
    "userType",
    "entrypoint",
    "isSidechain",
    "agentId",
    "slug",
    "workspace",
    "agent",
    "agentSlug",
)
"""What every line repeats: it stands in `metadata.extra`, and at a line where it differs there."""

_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle", "summary": "summary"}


def traces_of(lines: Sequence[Line], parts: Sequence[Part]) -> Iterator[Assembled | Refused]:
    """A conversation as one trace, or several where the user cleared the context."""
    conversation = conversation_of(lines)
    segments = _segments(conversation.active)
    homes = {id(line): number for number, segment in enumerate(segments) for line in segment}
    branches: list[list[Branch]] = [[] for _ in segments]
    for branch in conversation.branches:
        branches[homes.get(id(branch.fork), 0)].append(branch)
    for number, segment in enumerate(segments):
        trace_id = _named(conversation.active, parts, number)
        yield from _trace(trace_id, segment, branches[number])


def _segments(active: Sequence[Line]) -> list[list[Line]]:
    """Cut where the user cleared the context, if something was said before and after."""
    cuts = [place for place, line in enumerate(active) if line.is_clear]
    segments: list[list[Line]] = []
    start = 0
    for cut in cuts:
        before = any(line.is_message for line in active[start:cut])
        if before and any(line.is_message for line in active[cut + 1 :]):
            segments.append(list(active[start:cut]))
            start = cut
    return [*segments, list(active[start:])]


def _named(active: Sequence[Line], parts: Sequence[Part], number: int) -> str:
    """The id of a conversation's trace: of its session, and its sub-agent's within that.

    Where a session was resumed as another one, the newest is the one that goes on.
    """
    newest = next((line for line in reversed(active) if line.session), active[0])
    name = newest.session
    if newest.is_sidechain:
        own = newest.agent or next((line.uuid for line in active if line.uuid), "")
        name = f"{name}/{own}" if name and own else ""
    name = name or build.record_id(parts[active[0].part].record.raw)
    return f"{name}/{number + 1}" if number else name


def _trace(
    trace_id: str, lines: Sequence[Line], branches: Sequence[Branch]
) -> Iterator[Assembled | Refused]:
    walk = _Walk(trace_id, lines)
    walk.add_all(lines)
    kept = [_kept(branch, walk, number) for number, branch in enumerate(branches)]
    everything = [*lines, *(line for branch in branches for line in branch.lines)]
    yield from walk.refused
    numbers = sorted({line.part for line in everything} - {each.part for each in walk.refused})
    items = walk.conversation.items()
    if not items and not any(kept) and not walk.has_failed_call:
        message = "no message of the session is in the drop"
        yield from (Refused(number, "no_conversation", message) for number in numbers)
        return
    events, untimed = timeline(walk.happenings, trace_id)
    extra = walk.extra | ({"branches": kept} if kept else {})
    if walk.inherited:
        extra["inherited_items"] = walk.inherited
    if untimed:
        extra["untimed_events"] = untimed
    trace = {
        "FORMAT": "open_responses",
        "items": items,
        "metadata": {**_metadata(walk, lines, kept), "extra": extra},
    }
    if events:
        trace["events"] = events
    yield Assembled(Converted(trace, _columns(walk.extra, lines)), numbers)


def _kept(branch: Branch, walk: "_Walk", number: int) -> dict[str, Any]:
    """An abandoned branch, whole: its items, and behind which item it began."""
    own = _Walk(f"{walk.trace_id}/branch{number + 1}", branch.lines, walk.once)
    own.add_all(branch.lines)
    walk.refused += own.refused
    return {"after": walk.last_item.get(id(branch.fork)), "items": own.conversation.items()}


class _Message(NamedTuple):
    """What the lines of one message have said so far."""

    said: dict[str, Any]
    last: int
    """Which line of the conversation is its last: that one tells the final usage."""


class _Walk:
    """A walk over the lines of one trace in their order."""

    def __init__(
        self, trace_id: str, lines: Sequence[Line], once: dict[str, Any] | None = None
    ) -> None:
        self.trace_id = trace_id
        self.conversation = chat.Conversation(trace_id)
        self.happenings: list[Happening] = []
        self.refused: list[Refused] = []
        self.last_item: dict[int, str | None] = {}
        """The item before which the next line goes on, by line."""
        self.once = _first_values(lines) if once is None else once
        self.extra = dict(self.once)
        self.model: str | None = None
        self.inherited = 0
        """How many items are copies of those of the session that this one branched off."""
        self.has_failed_call = False
        self._messages: dict[str, _Message] = {}
        self._prompts: set[str] = set()
        self._latest: str | None = None

    def add_all(self, lines: Sequence[Line]) -> None:
        """Tell the lines, the system prompt first: logs have it behind the first question."""
        _drop_repeated_calls(lines)
        ends = {line.message_id: id(line) for line in lines if line.message_id}
        for line in lines:
            self._add_prompt(line)
        for line in lines:
            if line.is_message:
                self._add_message(line, is_last=ends.get(line.message_id) == id(line))
            else:
                self._add_happening(line)
            self.last_item[id(line)] = self._latest

    def _add_prompt(self, line: Line) -> None:
        """Take the system prompt and the tools out of an attachment that has them."""
        attachment: Any = line.value.get("attachment")
        match attachment:
            case {"systemPrompt": prompt} if prompt:
                try:
                    pieces = chat.pieces({"role": "system", "content": prompt})
                except UnknownMessageError:
                    pass
                else:
                    del attachment["systemPrompt"]
                    key = build.json_text(prompt)
                    if key not in self._prompts:
                        self._prompts.add(key)
                        self._say(pieces)
            case _:
                pass
        match attachment:
            case {"tools": [_, *_]} if (
                self.extra.setdefault("tools", attachment["tools"]) == attachment["tools"]
            ):
                del attachment["tools"]
            case _:
                pass

    def _say(self, pieces: Sequence[Piece]) -> None:
        places = self.conversation.add(*pieces)
        if places:
            self._latest = f"{self.trace_id}:{places[-1]}"

    def _add_message(self, line: Line, *, is_last: bool) -> None:
        try:
            value = self._without_known(line.value)
            if line.queued is None:
                pieces, around = pieces_of(value)
            else:
                pieces, around = queued_pieces(value, line.queued)
        except UnknownMessageError as error:
            pointer, message = error.pointer, f"its message is of no known shape: {error}"
            self.refused.append(Refused(line.part, "unknown_shape", message, pointer))
            return
        place = next((n for n, piece in enumerate(pieces) if _may_tell(piece)), 0)
        rest = pieces[place].rest
        if line.message_id:
            rest = self._news(line, rest, is_last=is_last)
        if "costUSD" in around and "cost" not in rest:
            around["cost"] = around.pop("costUSD")
        rest = build.joined(rest, around, prefix="line_")
        pieces[place] = pieces[place]._replace(rest=rest)
        if line.is_inherited:
            self.inherited += len(pieces)
            pieces = list(map(_as_inherited, pieces))
        self._say(pieces)

    def _news(self, line: Line, rest: dict[str, Any], *, is_last: bool) -> dict[str, Any]:
        """What a line says of its message beyond its earlier lines; the last one has the usage.

        Each line of a message repeats the usage so far, which grows: to add them up would count
        tokens twice.
        """
        known = self._messages.get(line.message_id)
        said = {} if known is None else known.said
        news = {k: v for k, v in rest.items() if k == "message_id" or said.get(k, said) != v}
        self._messages[line.message_id] = _Message({**said, **rest}, 0)
        if is_last and "usage" in rest:
            news["usage"] = rest["usage"]
        elif "usage" in news:
            news["usage_so_far"] = news.pop("usage")
        return news

    def _add_happening(self, line: Line) -> None:
        rest = self._without_known(line.value)
        happening = _happening(line, rest, {"after_item": self._latest})
        self.has_failed_call = self.has_failed_call or is_api_error(rest)
        self.happenings.append(happening)

    def _without_known(self, value: dict[str, Any]) -> dict[str, Any]:
        for key, usual in self.once.items():
            if key in value and value[key] == usual and type(value[key]) is type(usual):
                del value[key]
        if self.model is None:
            match value:
                case {"message": {"model": str(model)}} if model != "<synthetic>":
                    self.model = model
                case _:
                    pass
        return value


def _drop_repeated_calls(lines: Sequence[Line]) -> None:
    """Remove repeated calls from lines: some forks of Claude Code write a message again.

    A line that has nothing else is no message.
    """
    called: dict[str, Any] = {}
    for line in lines:
        if not line.calls:
            continue
        if not called.keys().isdisjoint(line.calls):
            _drop_calls(line, called)
        called |= _calls_in(line.value)


def _drop_calls(line: Line, called: dict[str, Any]) -> None:
    message = line.value["message"]
    again = [block for block in message["content"] if _is_known_call(block, called)]
    message["content"] = [block for block in message["content"] if block not in again]
    if again and not message["content"]:
        line.is_message = False


def _is_known_call(block: Any, called: dict[str, Any]) -> bool:
    match block:
        case {"type": "tool_use", "id": str(own)}:
            return called.get(own) == block
        case _:
            return False


def _calls_in(value: dict[str, Any]) -> dict[str, Any]:
    match value:
        case {"message": {"content": [*blocks]}}:
            return {block["id"]: block for block in blocks if _has_call_id(block)}
        case _:
            return {}


def _has_call_id(block: Any) -> bool:
    match block:
        case {"type": "tool_use", "id": str()}:
            return True
        case _:
            return False


def _as_inherited(piece: Piece) -> Piece:
    """A message of the session that this one branched off: its tokens count there."""
    rest = {"inherited": True, **piece.rest}
    for key in ("usage", "cost"):
        if key in rest:
            rest[f"inherited_{key}"] = rest.pop(key)
    return piece._replace(rest=rest)


def _may_tell(piece: Piece) -> bool:
    """Whether a piece is one to say what its line says around it: thoughts are not, if others are.

    Told so by `chat.with_rest`, which would do the same for what is around a whole message.
    """
    return isinstance(piece, Answered) or not getattr(piece, "is_reasoning", False)


def _first_values(lines: Sequence[Line]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        for key in _SAID_ONCE:
            if key not in found and key in line.value:
                found[key] = line.value[key]
        if len(found) == len(_SAID_ONCE):
            break
    return found


def _happening(line: Line, rest: dict[str, Any], metadata: dict[str, Any]) -> Happening:
    match rest:
        case {"type": "system", "subtype": "compact_boundary"}:
            match rest.get("compactMetadata"):
                case {"preTokens": int() as before} if not isinstance(before, bool):
                    counts = {"tokens_before": before}
                case _:
                    counts = {}
            fields = {"strategy": "summary", **counts}
            return Happening("compaction", fields, line.stamp, {**metadata, "line": rest})
        case {"type": "system", "subtype": "api_error"}:
            fields = {"message": error_text(rest)}
            return Happening("error", fields, line.stamp, {**metadata, "line": rest})
        case _ if is_api_error(rest):
            fields = {"message": error_text(rest)}
            return Happening("error", fields, line.stamp, {**metadata, "line": rest})
        case {"type": str(kind), "subtype": str(subtype)}:
            name = f"{kind}/{subtype}"
        case {"type": "attachment", "attachment": {"type": str(subtype)}}:
            name = f"attachment/{subtype}"
        case _:
            kind = rest.get("type")
            name = kind if isinstance(kind, str) else "line"
    return Happening("custom", {"name": name, "data": rest}, line.stamp, metadata)


def _metadata(
    walk: _Walk, lines: Sequence[Line], branches: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"trace_id": walk.trace_id}
    if walk.model is not None:
        metadata["model"] = walk.model
    stamps = [line.stamp for line in lines if not line.is_inherited]
    tags = _marks(walk, lines, branches)
    return marks.with_tags(metadata | extent(stamps or [line.stamp for line in lines]), tags)


def _marks(walk: _Walk, lines: Sequence[Line], branches: Sequence[dict[str, Any]]) -> Iterator[str]:
    if walk.refused:
        yield marks.INCOMPLETE
    if any(marks.has_calls(branch["items"]) for branch in branches):
        yield marks.BRANCH_WITH_CALLS
    if walk.has_failed_call:
        yield marks.MODEL_CALL_FAILED
    if any(line.is_uncertain for line in lines):
        yield marks.QUEUED_UNCERTAIN


def _columns(extra: dict[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    titles = dict.fromkeys(_TITLES, "")
    for line in lines:
        match line.value:
            case {"type": "custom-title" | "ai-title" | "summary" as kind}:
                if isinstance(title := line.value.get(_TITLES[kind]), str):
                    titles[kind] = title
            case _:
                pass
    return {
        "session_id": next((line.session for line in reversed(lines) if line.session), None),
        "agent_id": extra.get("agentId"),
        "cwd": extra.get("cwd"),
        "git_branch": extra.get("gitBranch"),
        "client_version": extra.get("version"),
        "title": next(filter(None, titles.values()), None),
    }

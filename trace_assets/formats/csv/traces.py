"""Rows as traces: each by itself, or those of one conversation together."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Values
from typing import Any

from trace_assets import chat, vocabulary
from trace_assets.chatlogs.nodes import Node
from trace_assets.chatlogs.shapes import is_span
from trace_assets.chatlogs.trees import tree_of
from trace_assets.formats import Assembled, Converted, Copies, Part, UnknownShapeError
from trace_assets.formats.csv.columns import guess
from trace_assets.formats.csv.rows import UNKNOWN_ROLE, Row, Said, number, read, speaker_of
from trace_assets.mapping import Mapping
from trace_assets.reading import Record
from trace_assets.trace import build, marks, moment

COLUMNS = ("conversation_id",)

_Mapped = tuple[Row, Mapping]
"""A row, and which of its columns say what."""


class Rows:
    """What becomes of rows under a mapping; None: each row's is guessed from its columns."""

    def __init__(self, declared: Mapping | None = None) -> None:
        self._declared = declared

    def key(self, record: Record, _: Values[str, Any]) -> str | None:
        """The conversation that a row belongs to; None where it is one by itself."""
        row, mapping = self._row(record)
        conversation = conversation_of(row, mapping)
        if conversation is None and mapping.role is None:
            return None
        try:
            read(row, mapping)  # a row that says nothing belongs in quarantine, alone
        except UnknownShapeError as error:
            if error.reason != UNKNOWN_ROLE:  # without that turn, the others would mislead
                raise
        return f"/{record.place.file}" if conversation is None else f"={conversation}"

    def convert(self, record: Record, _: Values[str, Any]) -> Converted:
        """A row that is a conversation by itself."""
        row, mapping = self._row(record)
        said = read(row, mapping)
        pieces = [*_instructions([said]), *said.given, *_with_facts(said)]
        if not said.made:
            pieces = _annotated(pieces, said.facts)
        trace_id = build.record_id(record.raw)
        extra = said.rest
        metadata = marks.with_tags(_metadata(trace_id, [said]), _unanswered([said], mapping))
        if (duration := _duration(said.facts)) is not None:
            metadata["total_time"] = duration
        return self._trace(chat.items_of(trace_id, _timed(pieces, said)), metadata, extra, mapping)

    def assemble(self, parts: Sequence[Part]) -> list[Assembled | Copies]:
        """The rows of one conversation, in order; or the turns of a file that names none."""
        rows = [self._row(part.record) for part in parts]
        if (conversation := conversation_of(*rows[0])) is None:
            runs = _runs(rows)
            return [self._together(rows, run, _id(parts, run)) for run in runs]
        kept, copies = _once(parts, rows)
        whole = self._together(rows, _ordered(kept, rows), conversation)
        whole.converted.columns["conversation_id"] = conversation
        return [whole, Copies(copies)] if copies else [whole]

    def _together(
        self, rows: Sequence[tuple[Row, Mapping]], numbers: list[int], trace_id: str
    ) -> Assembled:
        path, branches = _path([rows[number] for number in numbers])
        said = [read(_apart(row, mapping, trace_id), mapping) for row, mapping in path]
        items = chat.items_of(trace_id, _conversation(said))
        tags = [*_tags(branches), *_unanswered(said, path[-1][1])]
        metadata = marks.with_tags(_metadata(trace_id, said), tags)
        left = [[row for row, _ in branch] for branch in branches]
        extra: Row = {"branches": left} if left else {}
        converted = self._trace(items, metadata, extra, path[0][1])
        return Assembled(converted, sorted(numbers))

    def _row(self, record: Record) -> tuple[Row, Mapping]:
        value: build.Json = record.value
        if not isinstance(value, dict):
            raise UnknownShapeError("", f"expected a row, found {type(value).__name__}")
        row = value
        mapping = self._declared or guess(tuple(row))
        if mapping is None and is_span(row):
            raise UnknownShapeError("", "the row is a span: no conversation by itself")
        if mapping is None:
            there = ", ".join(f"`{column[:40]}`" for column in list(row)[:20])
            raise UnknownShapeError(
                "",
                f"no column's name tells of anything that was said; a mapping can say which do: "
                f"{there}",
                reason="no_conversation",
            )
        return row, mapping

    def _trace(
        self, items: list[dict[str, Any]], metadata: Row, extra: Row, mapping: Mapping
    ) -> Converted:
        if self._declared is None:
            extra = build.joined({"guessed_mapping": mapping.told()}, extra, prefix="column_")
        trace = {
            "FORMAT": "open_responses",
            "items": items,
            "metadata": metadata | {"extra": extra},
        }
        return Converted(trace, dict.fromkeys(COLUMNS))


def _path(rows: list[_Mapped]) -> tuple[list[_Mapped], list[list[_Mapped]]]:
    """The rows of the conversation, and those of branches, where rows name their parents."""
    mapping = rows[0][1]
    if mapping.parent is None:
        return rows, []
    try:
        tree = tree_of([_node(row, each) for row, each in rows])
    except chat.UnknownMessageError as error:
        raise UnknownShapeError(f"/{mapping.parent}", str(error)) from error
    if tree is None:
        return rows, []
    branches = [[rows[place] for place in branch] for branch in tree.branches]
    return [rows[place] for place in tree.path], branches


def _node(row: Row, mapping: Mapping) -> Node:
    named = {"id": row.get(mapping.id or ""), "parent": row.get(mapping.parent or "")}
    own, parent = (vocabulary.find_id(named, (name,)) for name in named)
    stamp = row.get(mapping.time or "")
    return Node(own, parent, speaker_of(row, mapping), stamp if build.is_time(stamp) else None)


def _tags(branches: Sequence[Sequence[_Mapped]]) -> list[str]:
    """The tags of a conversation with such branches: one with calls never leaves without a mark."""
    said = (read(row, mapping) for branch in branches for row, mapping in branch)
    pieces = (piece for each in said for piece in (*each.given, *each.made))
    has_calls = any(isinstance(piece, chat.Called) for piece in pieces)
    return [marks.BRANCH_WITH_CALLS] if has_calls else []


def _unanswered(said: Sequence[Said], mapping: Mapping) -> list[str]:
    """The tag of a conversation with a row that has a column for an answer, and no answer in it."""
    lacks = (each.given and not each.made and not each.is_whole for each in said)
    return [marks.NO_ANSWER] if mapping.output is not None and any(lacks) else []


def conversation_of(row: Row, mapping: Mapping) -> str | None:
    """The conversation that a row names."""
    if mapping.conversation is None:
        return None
    match row.get(mapping.conversation):
        case str() as own if own.strip():
            return own
        case bool():
            return None
        case int() as own:
            return str(own)
        case _:
            return None


def _apart(row: Row, mapping: Mapping, conversation: str) -> Row:
    """A row without the id of its conversation, which the trace has."""
    own = conversation_of(row, mapping)
    if own is None or own != conversation:
        return row
    return {column: cell for column, cell in row.items() if column != mapping.conversation}


def _runs(rows: Sequence[tuple[Row, Mapping]]) -> list[list[int]]:
    """The turns of a file as conversations: a new one begins where the numbers begin again."""
    runs: list[list[int]] = []
    last: float | None = None
    for index, (row, mapping) in enumerate(rows):
        own = number(row.get(mapping.order)) if mapping.order else None
        if not runs or (own is not None and last is not None and own < last):
            runs.append([])
        runs[-1].append(index)
        last = own
    return runs


def _id(parts: Sequence[Part], run: Sequence[int]) -> str:
    return build.record_id(b"\n".join(parts[number].record.raw for number in run))


def _once(
    parts: Sequence[Part], rows: Sequence[tuple[Row, Mapping]]
) -> tuple[list[int], list[int]]:
    """The rows to use, and the copies: equal rows that say when they were written, or which.

    Without that, somebody may well have said the same thing twice.
    """
    seen: dict[bytes, int] = {}
    kept: list[int] = []
    copies: list[int] = []
    for index, (part, (row, mapping)) in enumerate(zip(parts, rows, strict=True)):
        marks = [row.get(column) for column in (mapping.time, mapping.order) if column]
        if any(mark not in (None, "") for mark in marks) and part.record.raw in seen:
            copies.append(index)
            continue
        seen[part.record.raw] = index
        kept.append(index)
    return kept, copies


def _ordered(kept: list[int], rows: Sequence[tuple[Row, Mapping]]) -> list[int]:
    """Rows by their numbers, else by their times, else as they stand."""
    numbers = [number(row.get(mapping.order)) for row, mapping in rows if mapping.order]
    if len(numbers) == len(rows) and all(each is not None for each in numbers):
        return sorted(kept, key=lambda index: numbers[index] or 0)
    stamps = [row.get(mapping.time) for row, mapping in rows if mapping.time]
    moments = [moment(stamp) for stamp in stamps if stamp and build.is_time(stamp)]
    if len(moments) == len(rows) and len({one.at.tzinfo is None for one in moments}) == 1:
        return sorted(kept, key=moments.__getitem__)
    return kept


def _conversation(said: Sequence[Said]) -> list[chat.Piece]:
    """What the rows of a conversation say.

    Exchanges and turns stand one after the other; whole ones are folded, as each repeats what was
    said before.
    """
    if any(each.is_whole for each in said):
        folded = chat.fold(
            chat.ModelCall(
                [*_instructions([each]), *_with_rest(each, each.given)], _with_facts(each)
            )
            for each in said
        )
        return folded.pieces
    pieces: list[chat.Piece] = []
    system: str | None = None
    for each in said:
        if each.system != system and each.system is not None:
            pieces += _instructions([each])
            system = each.system
        own = [*each.given, *_with_facts(each)]
        own = own if each.made else _annotated(own, each.facts)
        pieces += _timed(_with_rest(each, own), each)
    return pieces


def _with_rest(said: Said, pieces: list[chat.Piece]) -> list[chat.Piece]:
    return chat.with_rest(pieces, said.rest, prefix="column_")


def _instructions(said: Iterable[Said]) -> Iterator[chat.Piece]:
    for each in said:
        if each.system is not None:
            yield chat.Said("system", [build.text_part("system", each.system)], {})


def _with_facts(said: Said) -> list[chat.Piece]:
    """The answer, with what its row says of how it was made."""
    return _annotated(said.made, said.facts)


def _annotated(pieces: list[chat.Piece], facts: Values[str, Any]) -> list[chat.Piece]:
    """Model, tokens and cost on the last piece: the one that the model made, if it made any."""
    own: Row = {}
    usage = {key: facts[key] for key in ("input_tokens", "output_tokens") if key in facts}
    for key, value in (
        ("model", facts.get("model")),
        ("agent", facts.get("agent")),
        ("usage", usage or None),
        ("cost", facts.get("cost_usd")),
        ("duration_s", facts.get("duration_s")),
        ("duration_ms", facts.get("duration_ms")),
    ):
        if value is not None:
            own[key] = value
    if not own or not pieces:
        return pieces
    last = pieces[-1]
    return [*pieces[:-1], last._replace(rest=build.joined(own, last.rest, prefix="original_"))]


def _timed(pieces: list[chat.Piece], said: Said) -> list[chat.Piece]:
    """The first thing that was said in a row, with the row's time."""
    if "time" not in said.facts or not pieces:
        return pieces
    first, *others = pieces
    own = {"timestamp": said.facts["time"]}
    return [first._replace(rest=build.joined(own, first.rest, prefix="original_")), *others]


def _metadata(trace_id: str, said: Sequence[Said]) -> Row:
    known = {
        "trace_id": trace_id,
        "agent": next((each.facts["agent"] for each in said if "agent" in each.facts), None),
        "model": next((each.facts["model"] for each in said if "model" in each.facts), None),
        "tags": list(dict.fromkeys(tag for each in said for tag in each.facts.get("tags", ())))
        or None,
        "created_at": next((each.facts["time"] for each in said if "time" in each.facts), None),
    }
    return {key: value for key, value in known.items() if value is not None}


def _duration(facts: Values[str, Any]) -> float | None:
    if "duration_s" in facts:
        return facts["duration_s"]
    return facts["duration_ms"] / 1000 if "duration_ms" in facts else None

"""What is wrong with a dataset row by row, and the rows as they should have been written."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from trace_assets.convert import Seen
from trace_assets.judge import judge_value
from trace_assets.lint.insert import inserted
from trace_assets.reading.decode import decode
from trace_assets.reading.ladder import Fault
from trace_assets.trace.explicit import Gap, gaps
from trace_assets.trace.item_ids import ORIGINAL, free_id, new_item_ids

_BREAKS_LINES = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")
_BOM = b"\xef\xbb\xbf"


class Verdict(NamedTuple):
    """What was found in one line."""

    problems: list[str]
    """As the line stands."""
    left: int
    """How many of them are there still when the line is written as `repaired`."""
    repaired: bytes
    """The line with what it left unsaid; the line itself where there is nothing to repair, or not
    all of it can be."""


class Rows:
    """Judges the rows of one dataset in their order: some things only hold between rows."""

    def __init__(self) -> None:
        self.warnings: Counter[str] = Counter()
        """How many rows bend which rule that the log itself may truthfully bend."""
        self._ids = Seen()
        self._columns: list[str] | None = None

    def judge(self, line: bytes, *, is_first: bool) -> Verdict:
        """Judge one line, given without its newline."""
        problems = list(_of_bytes(line, is_first=is_first))
        if not line.strip():
            return Verdict([*problems, _BLANK], len(problems) + 1, line)
        decoded = decode(line.removeprefix(_BOM) if is_first else line)
        if isinstance(decoded, Fault):
            where = f"{decoded.pointer}: " if decoded.pointer else ""
            problems.append(f"{where}{decoded.reason}: {decoded.message}")
            return Verdict(problems, len(problems), line)
        problems += [
            f"{repair.pointer or 'row'}: {repair.found} is nothing that JSON can hold"
            for repair in decoded.repairs
        ]
        return self._of_value(decoded.value, line, problems)

    def _of_value(self, value: Any, line: bytes, problems: list[str]) -> Verdict:
        match value:
            case {"trace": dict() as trace, **columns}:
                problems += self._of_columns(["trace", *columns])
                way: tuple[str, ...] = ("trace",)
            case {"trace": _}:
                problems.append("trace: expected an object")
                return Verdict(problems, len(problems), line)
            case {"items": _, **_rest}:
                trace, columns, way = value, {}, ()
                problems += self._of_columns([])
            case dict():
                keys = ", ".join(list(value)[:10]) or "none"
                problems.append(f"row: no column `trace`, and no trace itself; keys: {keys}")
                return Verdict(problems, len(problems), line)
            case _:
                problems.append("row: expected an object")
                return Verdict(problems, len(problems), line)
        problems += self._of_id(columns, trace)
        ids = new_item_ids(trace, _trace_id(columns, trace))
        return self._of_trace(trace, way, line, problems, ids)

    def _of_columns(self, columns: list[str]) -> Iterator[str]:
        if self._columns is None:
            self._columns = columns
        elif set(columns) != set(self._columns):
            missing = [name for name in self._columns if name not in columns]
            added = [name for name in columns if name not in self._columns]
            differences = [("lacks", missing), ("has also", added)]
            said = "; ".join(f"{verb} {', '.join(names)}" for verb, names in differences if names)
            yield f"columns: not those of the first row: {said}"

    def _of_id(self, columns: dict[str, Any], trace: dict[str, Any]) -> Iterator[str]:
        match columns, trace:
            case {"trace_id": str(own)}, _:
                where = "trace_id"
            case _, {"metadata": {"trace_id": str(own)}}:
                where = "metadata.trace_id"
            case _:
                return
        if self._ids.add(own.encode("utf-8", "surrogatepass")):
            yield f"{where}: an earlier row has the id {own!r}, too"

    def _of_trace(
        self,
        trace: dict[str, Any],
        way: tuple[str, ...],
        line: bytes,
        problems: list[str],
        ids: dict[int, str],
    ) -> Verdict:
        found = gaps(trace)
        problems += map(str, found)
        problems += [_id_problem(at, trace["items"][at]) for at in ids]
        for at, new in ids.items():
            trace["items"][at]["id"] = new
        for gap in found:
            if gap.value is not None:
                _object_at(trace, gap)[gap.key] = gap.value
        judgement = judge_value(trace)
        self.warnings.update(judgement.warnings)
        open_gaps = [gap for gap in found if gap.value is None]
        # What stays open is said already, in more words than the model has for it.
        said = tuple(f"{gap.where}:" for gap in open_gaps)
        problems += [text for text in judgement.problems if not text.startswith(said or "\0")]
        if not (found or ids) or any(gap.key != "id" for gap in open_gaps):
            return Verdict(problems, len(problems), line)
        keys = [((*way, *gap.path), gap.key, gap.value) for gap in found if gap.value is not None]
        new = [((*way, "items", at), "id", value) for at, value in ids.items()]
        left = len(problems) - len(keys) - len(new)
        renamed = {
            path: ("id", free_id(ORIGINAL, set(trace["items"][at])))
            for at, (path, _, _) in zip(ids, new, strict=True)
        }
        return Verdict(problems, left, inserted(line, [*new, *keys], renamed))


def _trace_id(columns: dict[str, Any], trace: dict[str, Any]) -> str | None:
    match columns, trace:
        case (_, {"metadata": {"trace_id": str(own)}}) | ({"trace_id": str(own)}, _):
            return own
        case _:
            return None


def _id_problem(at: int, item: dict[str, Any]) -> str:
    match item.get("id"):
        case None:
            return f"items[{at}].id: required: a text that no other item of the trace has"
        case "":
            return f"items[{at}].id: empty: expected a text that no other item of the trace has"
        case own:
            return f"items[{at}].id: items share the id {own!r}"


_BLANK = "blank line: readers that split the text into lines cannot parse it"


def _of_bytes(line: bytes, *, is_first: bool) -> Iterator[str]:
    if is_first and line.startswith(_BOM):
        yield "byte order mark: expected the first row to begin with {"
    if breaks := _BREAKS_LINES.findall(line):
        code = ", ".join(sorted({f"U+{ord(found.decode()):04X}" for found in breaks}))
        yield f"not ASCII-safe: {code} unescaped, where many readers end the line"


def _object_at(trace: dict[str, Any], gap: Gap) -> dict[str, Any]:
    value: Any = trace
    for step in gap.path:
        value = value[step]
    return value

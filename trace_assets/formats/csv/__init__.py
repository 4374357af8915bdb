"""Flat logs: CSV, TSV and flat JSON, a row per exchange, per turn or per conversation.

Source: logs that small tools and chat widgets write with a spreadsheet in mind; CSV as in
https://www.rfc-editor.org/rfc/rfc4180, and what real files make of it.
Observed: a row with what the user asked and what was answered; a row per turn with a role and a
text, grouped by a conversation's id and ordered by a number or a time; a row with a whole
conversation as JSON, or as Python prints it; JSON arrays and lines with the same columns; logs
without any words, of tokens and times alone; Alpaca's records, whose `input` belongs to the
user's message and whose `history` comes before it; a chosen and a rejected answer, of which the
chosen one is read; rows that name their parent's id, of
which the path to the newest row is the conversation. Which column says what is declared
(`mapping` in `sources.yaml`, `--mapping FILE`), else guessed from names that such logs have; the
guess is then in `metadata.extra.guessed_mapping`. A table whose names tell nothing is read all the
same, so that each of its rows can say in quarantine that it needs a mapping. A row whose
cells hold the JSON of a request and of its response, as gateways export them, is read as
`openai_messages` reads the same record. Rows with one
conversation's id are one trace, in whichever files of a drop they stand. Turns without such an id
are one trace per file; a new one begins where the numbers of the turns begin again.
Residue: every column that is not mapped, and every cell that is not what its column says (a time
that is none), is an extra key of the first item of its row; of a row that is a conversation by
itself, in `metadata.extra`. Rows that are not on the path are in `metadata.extra.branches`.
Dropped on purpose: an instruction that the rows of a conversation repeat; of rows that each have
the whole conversation so far, what rows before them had.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from trace_assets import vocabulary
from trace_assets.formats import Format, Gather
from trace_assets.formats.csv import logged
from trace_assets.formats.csv.detection import ARRAYS, detect
from trace_assets.formats.csv.reading import read
from trace_assets.formats.csv.traces import COLUMNS, Rows
from trace_assets.guards import Kinds, texts_at
from trace_assets.mapping import Mapping
from trace_assets.reading import Shape

_ROWS = Rows()


def mapped(told: dict[str, Any]) -> Format:
    """The format under a declared mapping."""
    columns = told.get("columns")
    mapping = Mapping()._replace(**{**told, "columns": columns and tuple(columns)})
    rows = Rows(mapping)
    return FORMAT._replace(
        convert=rows.convert,
        gather=Gather(rows.key, rows.assemble),
        read=partial(read, mapping=mapping),
    )


SILENT = frozenset(
    (
        "retrieved_chunks",
        "retrieved_examples",
        "retrieved_documents",
        "context_documents",
        "sources",
        "sources_json",
        "explanation",
    )
)
"""What was found for a question, and what the program says about its answer."""


def kinds_of(value: Any) -> Iterable[str]:
    """The words for speakers that the vocabulary has not."""
    words = texts_at(value, ("role",))
    return [f"role/{word}" for word in words if not _is_speaker(word)]


def _is_speaker(word: str) -> bool:
    return not word or vocabulary.role(word) is not None or vocabulary.is_tool(word)


FORMAT = Format(
    name="csv",
    spec_url="https://www.rfc-editor.org/rfc/rfc4180",
    detect=detect,
    shape=Shape(arrays=ARRAYS),
    convert=logged.convert(_ROWS.convert),
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=logged.gather(Gather(_ROWS.key, _ROWS.assemble)),
    read=read,
    mapped=mapped,
    silent=SILENT,
    kinds=Kinds(frozenset(), kinds_of),
)

"""Guards: a wrong reading is noticed by the program and not by the user.

Three guards look at each trace and at the records that it was made of. `text` counts how much of
the prose of the records is in the items, `kinds` finds what a format does not know, `structure`
finds signs of a wrong reading in the items. What they find is tags of the trace and counts of the
ledger; they change nothing else.

    looks = [look(record.value, kinds=format.kinds, silent=format.silent) for record in records]
    ...  # convert the records
    findings = inspect(trace, looks, sources)
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

from trace_assets.guards.kinds import Kinds, count_kinds, texts_at, unknown_in
from trace_assets.guards.pointers import pointers_of
from trace_assets.guards.structure import outline_of
from trace_assets.guards.tags import INCOMPLETE, SIGNS, UNKNOWN_KIND, UNREAD_TEXT
from trace_assets.guards.text import SILENT, count_text, is_prose, texts_in

__all__ = [
    "UNREAD_TEXT",
    "Findings",
    "Kinds",
    "Look",
    "Source",
    "count_kinds",
    "inspect",
    "is_prose",
    "look",
    "texts_at",
]

LEAST_SHARE = 0.5
"""A trace of which less was read is tagged `unread_text`."""

LEAST_UNREAD = 200
"""Fewer unread characters are no reason to tag a trace."""


class Look(NamedTuple):
    """What the guards note of a record before it is converted."""

    texts: Sequence[str]
    unknown: Sequence[str]
    """Kinds that its format does not know."""


class Source(NamedTuple):
    """A record that a trace was made of: where it is, and its bytes."""

    uri: str
    raw: bytes


class Findings(NamedTuple):
    """What the guards found about one trace."""

    text_read: int = 0
    """Characters of distinct prose of the records that are in the items."""
    text_all: int = 0
    """Characters of distinct prose of the records."""
    tags: Sequence[str] = ()

    @property
    def text_share(self) -> float | None:
        """The share that was read; None where the records have no prose."""
        return round(self.text_read / self.text_all, 4) if self.text_all else None


NO_LOOK = Look((), ())


def look(value: Any, *, kinds: Kinds | None, silent: Set[str]) -> Look:
    """Note the strings and the unknown kinds of a record; the value is not changed."""
    texts = texts_in(value, SILENT | silent if silent else SILENT)
    return Look(texts, unknown_in(value, kinds) if kinds else ())


def inspect(
    trace: dict[str, Any],
    looks: Sequence[Look],
    sources: Sequence[Source],
    *,
    silent: Set[str],
    missing: Sequence[str] = (),
) -> Findings:
    """Inspect a trace; `metadata.extra` gets the details of what is tagged.

    `missing` names the records of the conversation that are in quarantine.
    """
    metadata = trace["metadata"]
    outline = outline_of(trace)
    tags = [sign.tag for sign in SIGNS if sign.check(outline)]
    texts = looks[0].texts if len(looks) == 1 else [text for each in looks for text in each.texts]
    count = count_text(texts, outline.said, silent=SILENT | silent, least=LEAST_SHARE)
    details: dict[str, Any] = {}
    if count.all - count.read >= LEAST_UNREAD and count.read < count.all * LEAST_SHARE:
        tags.append(UNREAD_TEXT)
        details["unread_text"] = pointers_of(count.unread, sources)
    if unknown := [label for each in looks for label in each.unknown]:
        tags.append(UNKNOWN_KIND)
        counts: Counter[str] = Counter()
        count_kinds(counts, unknown)
        details["unknown_kinds"] = dict(sorted(counts.items()))
    if missing:
        tags.append(INCOMPLETE)
        details["missing_records"] = list(missing)
    if details:
        _keep(metadata.setdefault("extra", {}), details)
    return Findings(count.read, count.all, tags)


def _keep(extra: dict[str, Any], details: Mapping[str, Any]) -> None:
    """Add details to what the log says, whose own keys stay as they are."""
    for name, value in details.items():
        extra[name if name not in extra else f"guard_{name}"] = value

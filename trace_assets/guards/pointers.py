"""JSON pointers to the strings in the records of a trace."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

from trace_assets.reading.decode import Decoded, decode


class Source(Protocol):
    """A record of a trace."""

    @property
    def uri(self) -> str:
        """Where it is."""
        ...

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        ...


def pointers_of(texts: Sequence[str], sources: Sequence[Source]) -> list[dict[str, str]]:
    """The first place of each string: the record, and a JSON pointer in it.

    A record that is no JSON, such as a row of a table, has the pointer "" for all its strings.
    """
    wanted = set(texts)
    found: list[dict[str, str]] = []
    for source in sources:
        decoded = decode(source.raw)
        if isinstance(decoded, Decoded):
            found += [{"record": source.uri, "pointer": at} for at in _find(decoded.value, wanted)]
        if not wanted:
            return found
    return found or [{"record": sources[0].uri, "pointer": ""}]


def _find(value: Any, wanted: set[str]) -> list[str]:
    """Pointers to the wanted strings in a value; what is found is wanted no more."""
    found: list[str] = []
    pending: list[tuple[str, Any]] = [("", value)]
    while pending and wanted:
        pointer, part = pending.pop()
        if isinstance(part, str) and part in wanted:
            wanted.discard(part)
            found.append(pointer)
        elif isinstance(part, dict):
            entries = cast("dict[str, Any]", part).items()
            pending += [(f"{pointer}/{_escaped(key)}", child) for key, child in entries]
        elif isinstance(part, list):
            children = enumerate(cast("list[Any]", part))
            pending += [(f"{pointer}/{number}", child) for number, child in children]
    return found


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")

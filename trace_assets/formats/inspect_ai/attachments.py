"""Long texts and images, which a sample keeps apart under their hashes, put where they belong."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

_SCHEMES = ("attachment://", "tc://")
"""What a reference begins with, now and in the first logs."""


class Attachments:
    """The attachments of one sample."""

    def __init__(self, *pools: Any) -> None:
        self._texts: dict[str, Any] = {}
        for pool in pools:
            if isinstance(pool, Mapping):
                self._texts |= cast("Mapping[str, Any]", pool)
        self._used: set[str] = set()

    def resolve(self, value: Any) -> Any:
        """Put attachments in the place of all references to them; the value is changed in place."""
        holder = [value]
        for container, key, name in self._references(holder):
            container[key] = self._texts[name]
            self._used.add(name)
        return holder[0]

    def left(self, residue: Any) -> dict[str, Any]:
        """The attachments that no resolved value holds, or that residue still refers to."""
        referred = {name for _, _, name in self._references([residue])}
        return {
            name: text
            for name, text in self._texts.items()
            if name not in self._used or name in referred
        }

    def _references(self, top: Any) -> Iterator[tuple[Any, Any, str]]:
        """Where each reference stands: container, key, and the name of the attachment."""
        pending: list[Any] = [top] if self._texts else []
        while pending:
            container = pending.pop()
            for key, value in _entries(container):
                if isinstance(value, str) and (name := self._name(value)):
                    yield container, key, name
                elif isinstance(value, dict | list):
                    pending.append(value)

    def _name(self, text: str) -> str | None:
        """The attachment that a text refers to."""
        if not text.startswith(_SCHEMES):
            return None
        name = text.partition("://")[2]
        return name if name in self._texts else None


def _entries(container: Any) -> list[tuple[Any, Any]]:
    """The keys and values of an object, or the indices and elements of a list."""
    match container:
        case {**members}:
            return [*members.items()]
        case [*elements]:
            return [*enumerate(elements)]
        case _:
            return []

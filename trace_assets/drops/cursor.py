"""What a sensor remembers from one look at the inbox to the next."""

import json
from dataclasses import dataclass, field
from typing import Self

import msgspec

from trace_assets.drops.scan import Place


@dataclass(frozen=True)
class Cursor:
    """What is remembered from one look at the inbox to the next."""

    seen: dict[str, str] = field(default_factory=dict[str, str])
    """The fingerprint of a day (`bot/2026-01-02`) or of an older month (`bot/2025-11`); behind a
    point the mark of its last request, where the day has changed."""

    place: Place = Place()  # noqa: RUF009 - frozen
    trouble: str | None = None
    """Why what was remembered could not be used, if so."""

    @classmethod
    def loads(cls, text: str | None) -> Self:
        """Read a cursor; one that cannot be read starts afresh and says so in `trouble`."""
        if not text:
            return cls()
        try:
            saved = msgspec.convert(json.loads(text), _Saved)
        except (ValueError, RecursionError, msgspec.ValidationError) as error:
            return cls(
                trouble=f"the cursor cannot be read ({error}); looking at every drop afresh, "
                "runs that were made before are not made again"
            )
        seen = {
            f"{s}/{when}": mark for s, marks in saved.seen.items() for when, mark in marks.items()
        }
        return cls(seen, saved.place)

    def dumps(self) -> str:
        """Write the cursor: about 60 days and all older months of each source, 30 bytes each."""
        seen: dict[str, dict[str, str]] = {}
        for key, mark in sorted(self.seen.items()):
            source, _, when = key.partition("/")
            seen.setdefault(source, {})[when] = mark
        # The standard library escapes what is not UTF-8 in a name, where msgspec would refuse.
        saved = msgspec.to_builtins(_Saved(seen, self.place))
        return json.dumps(saved, separators=(",", ":"))


class _Saved(msgspec.Struct, tag=1, tag_field="version"):
    seen: dict[str, dict[str, str]]
    place: Place

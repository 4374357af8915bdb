"""Listing the inbox a bit at a time, for a sensor that may not take long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from trace_assets.drops.inbox import ANY_DAY, Group, LeftOut, drops_in
from trace_assets.store import Store
from trace_assets.store.objects import StoredObject


class Place(msgspec.Struct, frozen=True):
    """Where a listing stopped for lack of time; as it is made first, the start."""

    after: str = ""
    pending: tuple[Group, ...] = ()
    """The drops of the month it stopped in, the last one perhaps unfinished."""


class Scan(NamedTuple):
    """The drops of the months that were listed to their end, and where to go on."""

    groups: list[Group]
    place: Place

    @property
    def is_complete(self) -> bool:
        """Whether the end of the inbox was reached."""
        return self.place == Place()


def scan(
    inbox: Store,
    place: Place,
    *,
    left_out: LeftOut,
    budget: Callable[[], bool],
    days: tuple[str, str] = ANY_DAY,
) -> Scan:
    """List the inbox from a place on, for as long as there is time.

    Args:
        inbox: where drops arrive.
        place: where the last scan stopped.
        left_out: where files that belong to no drop are noted.
        budget: says whether there is time for more; one file is listed whatever it says.
        days: the first and the last day that there are partitions for.

    Raises:
        StoreError: the inbox could not be listed; nothing is known, and nothing was decided.
    """
    listed = _Listed(inbox.list(after=place.after), budget)
    begun = place.pending[-1] if place.pending else None
    groups = [*place.pending[:-1], *drops_in(listed, left_out, begun=begun, days=days)]
    if listed.is_complete:
        return Scan(groups, Place())
    # A month is compared as a whole, so one that was cut is kept for the next time.
    kept = tuple(group for group in groups if group.month == groups[-1].month)
    return Scan(groups[: len(groups) - len(kept)], Place(listed.last_key, kept))


@dataclass
class _Listed:
    """A listing that ends when the time does."""

    files: Iterator[StoredObject]
    budget: Callable[[], bool]
    last_key: str = ""
    is_complete: bool = False

    def __iter__(self) -> Iterator[StoredObject]:
        for file in self.files:
            self.last_key = file.key
            yield file
            if not self.budget():
                return
        self.is_complete = True

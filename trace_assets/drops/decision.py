"""Which drops to run, given what was seen before."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from trace_assets.drops.inbox import Drop, Group


@dataclass(frozen=True)
class Decision:
    """What one look at the inbox leads to."""

    requests: list[tuple[Drop, str]]
    """The drops to run, each with a mark that no earlier run of it has: for the run key."""

    waiting: list[Drop]
    """Drops that may still be growing."""

    seen: dict[str, str]
    """What to remember: advanced only for what is requested."""

    more: bool
    """Whether the limit kept some for the next time."""


def changed(
    groups: Iterable[Group],
    seen: Mapping[str, str],
    *,
    now: datetime,
    settle: timedelta,
    limit: int,
    settle_of: Mapping[str, timedelta] | None = None,
) -> Decision:
    """Decide which drops to run, given all drops of some months in key order.

    A drop waits while its newest file is younger than the settle time. A time in the far future
    says that a clock is wrong, not that a file is new: such a drop does not wait.

    Months before the last one are remembered as one fingerprint each. When it changes, all days
    of that month are requested: for those that did not change Dagster knows the run key already.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> def arrived(source, minutes_ago, digest):
    ...     modified_at = now - timedelta(minutes=minutes_ago)
    ...     return Group(Drop(source, "2026-01-02"), digest, 1, 10, modified_at)
    >>> drops = [arrived("bot", 10, "aa"), arrived("shop", 1, "bb")]
    >>> first = changed(drops, {}, now=now, settle=timedelta(minutes=5), limit=20)
    >>> first.requests
    [(Drop(source='bot', date='2026-01-02'), 'aa')]
    >>> first.waiting
    [Drop(source='shop', date='2026-01-02')]
    >>> later = now + timedelta(minutes=5)
    >>> second = changed(drops, first.seen, now=later, settle=timedelta(minutes=5), limit=20)
    >>> second.requests
    [(Drop(source='shop', date='2026-01-02'), 'bb')]
    """
    decision = _Deciding(dict(seen), now, settle, settle_of or {}, limit)
    for month, group_of_month in groupby(groups, lambda group: group.month):
        decision.look_at(month, list(group_of_month))
    return Decision(decision.requests, decision.waiting, decision.seen, decision.more)


@dataclass
class _Deciding:
    seen: dict[str, str]
    now: datetime
    settle: timedelta
    settle_of: Mapping[str, timedelta]
    limit: int
    requests: list[tuple[Drop, str]] = field(default_factory=list[tuple[Drop, str]])
    waiting: list[Drop] = field(default_factory=list[Drop])
    more: bool = False

    def look_at(self, month: str, groups: list[Group]) -> None:
        whole = _digest(*(f"{group.drop.date} {group.digest}" for group in groups))
        if self.seen.get(month) == whole:
            return
        for group in groups:
            if not self._is_seen(group):
                self._decide(group)
        if self._is_old(month) and all(map(self._is_seen, groups)):
            for day in range(1, 32):
                self.seen.pop(f"{month}-{day:02}", None)
            self.seen[month] = whole

    def _is_seen(self, group: Group) -> bool:
        return self.seen.get(group.key, "").partition(".")[0] == group.fingerprint

    def _decide(self, group: Group) -> None:
        settle = self.settle_of.get(group.drop.source, self.settle)
        if abs(self.now - group.modified_at) < settle:
            self.waiting.append(group.drop)
        elif len(self.requests) >= self.limit:
            self.more = True
        else:
            self._request(group)

    def _request(self, group: Group) -> None:
        # A file that is taken away and put back leads back to an old fingerprint, and Dagster
        # never runs a run key twice: so a change is marked by all the way that led to it.
        before = self.seen.get(group.key)
        if before:
            mark = _digest(before, group.fingerprint)
            self.seen[group.key] = f"{group.fingerprint}.{mark}"
        else:
            mark = self.seen[group.key] = group.fingerprint
        self.requests.append((group.drop, mark))

    def _is_old(self, month: str) -> bool:
        return month[-7:] < (self.now - timedelta(days=31)).isoformat()[:7]


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]

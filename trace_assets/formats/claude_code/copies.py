"""Lines that are copies of others: written again in one file, or copied into another session's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from trace_assets.formats.claude_code.lines import Line
from trace_assets.trace.build import encode

_COPIES_CHANGE = (
    "parentUuid",
    "logicalParentUuid",
    "sessionId",
    "forkedFrom",
    "timestamp",
    "cwd",
    "gitBranch",
    "version",
    "slug",
    "userType",
    "entrypoint",
)
"""The keys that a resumed or branched session changes in the lines that it copies."""


def identities(lines: Sequence[Line]) -> dict[int, str]:
    """By place of a line whose uuid is there more than once: its uuid with its content.

    Hand-made and scrubbed logs repeat ids for other lines.
    """
    counts = Counter(line.uuid for line in lines if line.uuid)
    return {
        place: f"{line.uuid} {_content(line)}"
        for place, line in enumerate(lines)
        if line.uuid and counts[line.uuid] > 1
    }


def _content(line: Line) -> str:
    own = dict(line.value)
    for name in _COPIES_CHANGE:
        own.pop(name, None)
    return sha256(encode(own)).hexdigest()


def mark_repeats(lines: Sequence[Line], identity: dict[int, str]) -> None:
    """Mark the lines that their own file has already."""
    seen: set[tuple[str, str]] = set()
    for place, own in identity.items():
        line = lines[place]
        line.is_repeat = (line.file, own) in seen
        seen.add((line.file, own))


def kept_of(
    conversations: Sequence[Sequence[int]], lines: Sequence[Line], identity: dict[int, str]
) -> tuple[list[list[Line]], list[int]]:
    """The lines of each conversation without copies of one another, and the parts of the copies.

    A line that is the copy of one in another conversation stays, marked as inherited: its tokens
    count where the original is. The original is the first one without `forkedFrom`.
    """
    originals: dict[str, int] = {}
    for place, own in identity.items():
        if not lines[place].is_forked and not lines[place].is_repeat:
            originals.setdefault(own, place)
    for place, line in enumerate(lines):
        original = originals.get(identity[place], place) if place in identity else place
        line.is_inherited = line.is_forked or original != place
    kept: list[list[Line]] = []
    copies: list[int] = []
    for places in conversations:
        dropped = _dropped(places, lines, identity, originals)
        copies += (lines[place].part for place in dropped)
        own = [n for n in places if lines[n].is_repeat or n not in dropped]
        kept.append([lines[n] for n in own])
    return kept, copies


def _dropped(
    places: Sequence[int],
    lines: Sequence[Line],
    identity: dict[int, str],
    originals: dict[str, int],
) -> set[int]:
    """The places of one conversation's lines that are copies of others of it."""
    here = set(places)
    chosen: dict[str, int] = {}
    dropped: set[int] = set()
    for place in places:
        own = identity.get(place)
        if own is None:
            continue
        if lines[place].is_repeat:
            dropped.add(place)
            continue
        original = originals.get(own, -1)
        if chosen.setdefault(own, original if original in here else place) != place:
            dropped.add(place)
    return dropped


def merged(
    groups: Sequence[Sequence[int]], lines: Sequence[Line], identity: dict[int, str]
) -> list[list[int]]:
    """Join the groups of lines that are one conversation in several files.

    A session whose messages are all in another one was resumed there. A session that has an end of
    its own is a conversation by itself.
    """
    if len(groups) < 2:
        return [list(group) for group in groups]
    home = {place: number for number, group in enumerate(groups) for place in group}
    messages = [_messages(group, lines, identity) for group in groups]
    above = list(range(len(groups)))
    for one, other in sorted(_neighbours(identity, home)):
        if messages[one] <= messages[other]:
            _join(above, one, other)
    for one, other in sorted(_resumed(groups, lines, home)):
        _join(above, one, other)
    found: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        found.setdefault(_top(above, number), []).extend(group)
    return [sorted(places) for places in found.values()]


def _messages(
    group: Sequence[int], lines: Sequence[Line], identity: dict[int, str]
) -> frozenset[str]:
    return frozenset(
        identity.get(place, lines[place].uuid or f"#{place}")
        for place in group
        if lines[place].is_message
    )


def _neighbours(identity: dict[int, str], home: dict[int, int]) -> set[tuple[int, int]]:
    """Pairs of groups that share a line, both ways."""
    sharing: dict[str, dict[int, None]] = {}
    for place, own in identity.items():
        sharing.setdefault(own, {})[home[place]] = None
    return {
        (one, other)
        for numbers in sharing.values()
        for one in numbers
        for other in numbers
        if one != other and len(numbers) > 1
    }


def _resumed(
    groups: Sequence[Sequence[int]], lines: Sequence[Line], home: dict[int, int]
) -> Iterable[tuple[int, int]]:
    """Pairs of groups of which one goes on, in another file, at the end of the other."""
    first: dict[str, int] = {}
    local: set[tuple[str, str]] = set()
    for place, line in enumerate(lines):
        if line.uuid:
            first.setdefault(line.uuid, place)
            local.add((line.file, line.uuid))
    newest = [max((n for n in group if lines[n].is_message), default=-1) for group in groups]
    for place, line in enumerate(lines):
        parent = first.get(line.parent, -1) if line.parent else -1
        if parent < 0 or (line.file, line.parent) in local:
            continue
        is_alike = lines[parent].is_sidechain == line.is_sidechain
        if is_alike and home[parent] != home[place] and newest[home[parent]] <= parent:
            yield home[parent], home[place]


def _join(above: list[int], one: int, other: int) -> None:
    one, other = _top(above, one), _top(above, other)
    above[max(one, other)] = min(one, other)


def _top(above: list[int], number: int) -> int:
    while above[number] != number:
        above[number] = above[above[number]]
        number = above[number]
    return number

"""Which lines of a drop's session files are one conversation."""

from collections import Counter
from collections.abc import Sequence

from trace_assets.formats.claude_code.copies import identities, kept_of, mark_repeats, merged
from trace_assets.formats.claude_code.lines import Line


def conversations(lines: Sequence[Line]) -> tuple[list[list[Line]], list[int]]:
    """Divide lines into conversations, in the order of their first lines.

    What a sub-agent does is a conversation of its own. A line that names no session belongs to that
    of the line that it refers to, else to that of the lines before it. The second value has the
    parts that are copies, which are in no trace.
    """
    _divide_files(lines)
    identity = identities(lines)
    mark_repeats(lines, identity)
    groups = merged(_groups(lines), lines, identity)
    return kept_of(groups, lines, identity)


def _divide_files(lines: Sequence[Line]) -> None:
    """Treat a branched session as a file of its own where users joined session files to one."""
    forked = {(line.file, line.session) for line in lines if line.is_forked and line.session}
    sessions = {(line.file, line.session) for line in lines if line.session}
    counts = Counter(file for file, _ in sessions)
    for line in lines if forked else ():
        if (line.file, line.session) in forked and counts[line.file] > 1:
            line.file = f"{line.file}#{line.session}"


def _groups(lines: Sequence[Line]) -> list[list[int]]:
    """The places of lines that name one session, or a parent in their own file."""
    sets = _Sets(len(lines))
    local: dict[tuple[str, str], int] = {}
    by_uuid: dict[str, int] = {}
    for place, line in enumerate(lines):
        if line.uuid:
            local.setdefault((line.file, line.uuid), place)
            by_uuid.setdefault(line.uuid, place)
    names: dict[tuple[str, ...], int] = {}
    for place, line in enumerate(lines):
        name = _name(line)
        if name is not None:
            sets.join(names.setdefault(name, place), place)
        parent = local.get((line.file, line.parent)) if line.parent else None
        if parent is None and line.parent and name is None:
            parent = by_uuid.get(line.parent)
        if parent is not None and lines[parent].is_sidechain == line.is_sidechain:
            sets.join(parent, place)
    _place_the_nameless(lines, by_uuid, sets)
    found: dict[int, list[int]] = {}
    for place in range(len(lines)):
        found.setdefault(sets.of(place), []).append(place)
    return list(found.values())


def _name(line: Line) -> tuple[str, ...] | None:
    """What all lines of a conversation share; None where the line does not say."""
    if line.is_sidechain:
        return (line.session, line.agent) if line.agent else None
    return (line.session,) if line.session else None


def _place_the_nameless(lines: Sequence[Line], by_uuid: dict[str, int], sets: "_Sets") -> None:
    homes = _Homes(lines)
    for place, line in enumerate(lines):
        if line.session and not line.is_sidechain:
            homes.latest[line.file] = place
        elif not line.session and not line.is_sidechain:
            about = by_uuid.get(line.refers_to) if line.refers_to else None
            is_linked = bool(line.parent) and line.parent in by_uuid
            if about is not None or not is_linked:
                sets.join(homes.of(line) if about is None else about, place)


class _Homes:
    """By file, the line whose conversation takes those that name none."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.latest: dict[str, int] = {}
        self.first: dict[str, tuple[int, int]] = {}
        for place, line in enumerate(lines):
            fit = 0 if line.session and not line.is_sidechain else 1 if line.session else 2
            self.first[line.file] = min(self.first.get(line.file, (3, 0)), (fit, place))

    def of(self, line: Line) -> int:
        return self.latest.get(line.file, self.first[line.file][1])


class _Sets:
    """Disjoint sets of places."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def of(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    def join(self, one: int, other: int) -> None:
        one, other = self.of(one), self.of(other)
        self._above[max(one, other)] = min(one, other)

"""The lines of one conversation as a tree: the path to the newest message, and what left it.

`parentUuid` makes a tree and not a list for two reasons. Where a user goes back and asks otherwise,
the old way stays as an abandoned branch. And parallel calls fork it, though nobody went back: each
result hangs on the line of its own call, so that only one of them has the next answer below it.
Nothing here recurses: a session is one chain of 100,000 lines.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trace_assets.formats.claude_code.lines import Line
from trace_assets.formats.claude_code.links import parents_of
from trace_assets.spans.times import keys, zones_agree
from trace_assets.trace import build


class Branch(NamedTuple):
    """What was said on an abandoned way."""

    fork: Line
    """The last line that it has in common with the conversation."""
    lines: list[Line]


class Conversation(NamedTuple):
    """One conversation in the order in which it went on."""

    active: list[Line]
    """With the lines that are no message, wherever they hang."""
    branches: list[Branch]


def conversation_of(lines: Sequence[Line]) -> Conversation:
    """Separate the active path from abandoned ones.

    A tree's newest message is at the end of its path. Several trees, where the links are broken or
    missing, follow one another.
    """
    return _Tree(lines).conversation()


class _Tree:
    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.parents = parents_of(lines)
        self.depths = _depths(self.parents)
        self.order = self._order()

    def _order(self) -> list[int]:
        """Places of all lines, parents before children, otherwise as they were written.

        A log is appended to, so that a file is in order; where it was shuffled, or there are
        several, time tells.
        """
        lines, parents = self.lines, self.parents
        is_one_file = all(line.file == lines[0].file for line in lines)
        if is_one_file and all(parent < place for place, parent in enumerate(parents)):
            return list(range(len(lines)))
        ranks = _ranks(lines)
        for place in sorted(range(len(lines)), key=self.depths.__getitem__):
            if parents[place] >= 0:
                ranks[place] = max(ranks[place], ranks[parents[place]])
        return sorted(range(len(lines)), key=lambda n: (ranks[n], self.depths[n], n))

    def conversation(self) -> Conversation:
        on_path = self._paths()
        active: list[Line] = []
        branches: list[Branch] = []
        branch_of: dict[int, Branch] = {}
        latest: dict[str, int] = {}
        beside = _Beside(self.lines[place] for place in self.order if on_path[place])
        for place in self.order:
            line, parent = self.lines[place], self.parents[place]
            if line.queued is not None:
                parent = latest.get(line.file, -1)  # it shares the fate of the line before it
            elif line.uuid:
                latest[line.file] = place
            branch = branch_of.get(parent)
            if self._is_active(line, branch, beside, on_path=on_path[place]):
                active.append(line)
                if branch is not None:
                    branch_of[place] = branch
            else:
                if branch is None:
                    branch = Branch(self.lines[parent], [])
                    branches.append(branch)
                branch.lines.append(line)
                branch_of[place] = branch
        return Conversation([line for line in active if not line.is_repeat], branches)

    def _is_active(
        self, line: Line, branch: Branch | None, beside: "_Beside", *, on_path: bool
    ) -> bool:
        if on_path or not line.is_message or line.is_repeat:
            return True
        if branch is not None:
            return False
        return line.queued is not None or beside.holds(line)

    def _paths(self) -> list[bool]:
        """Which lines are on the way from a root to the newest message of its tree."""
        roots = list(range(len(self.lines)))
        newest: dict[int, int] = {}
        for place in self.order:
            if self.parents[place] >= 0:
                roots[place] = roots[self.parents[place]]
            if self.lines[place].is_message and self.lines[place].queued is None:
                newest[roots[place]] = place
        on_path = [False] * len(self.lines)
        for leaf in newest.values():
            place = leaf
            while place >= 0:
                on_path[place] = True
                place = self.parents[place]
        return on_path


class _Beside:
    """What belongs to the path without being on it: the other results of parallel calls."""

    def __init__(self, path: Iterable[Line]) -> None:
        self.said: set[str] = set()
        self.called: set[str] = set()
        self.answered: set[str] = set()
        for line in path:
            self._add(line)

    def holds(self, line: Line) -> bool:
        """Whether a line is more of a message of the path, or answers an open call of it.

        A line that only repeats calls of the path is more of it, too.
        """
        is_more = (line.message_id != "" and line.message_id in self.said) or (
            bool(line.calls) and self.called.issuperset(line.calls)
        )
        is_answer = (
            bool(line.answers)
            and self.called.issuperset(line.answers)
            and self.answered.isdisjoint(line.answers)
        )
        if is_more or is_answer:
            self._add(line)
        return is_more or is_answer

    def _add(self, line: Line) -> None:
        if line.message_id:
            self.said.add(line.message_id)
        self.called.update(line.calls)
        self.answered.update(line.answers)


def _depths(parents: Sequence[int]) -> list[int]:
    depths = [-1] * len(parents)
    for start in range(len(parents)):
        way: list[int] = []
        place = start
        while place >= 0 and depths[place] < 0:
            way.append(place)
            place = parents[place]
        depth = depths[place] if place >= 0 else -1
        for below in reversed(way):
            depth += 1
            depths[below] = depth
    return depths


def _ranks(lines: Sequence[Line]) -> list[int]:
    """The place of each line by time, or as it stands where times cannot be compared."""
    stamps = [line.stamp if build.is_time(line.stamp) else None for line in lines]
    ranks = list(range(len(lines)))
    if zones_agree([stamp for stamp in stamps if stamp is not None]):
        by = keys(stamps)
        for rank, place in enumerate(sorted(range(len(lines)), key=by.__getitem__)):
            ranks[place] = rank
    return ranks

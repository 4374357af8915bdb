"""Where the end of one sequence stands in another, in linear time."""

from collections.abc import Sequence


def end_within(one: Sequence[bytes], other: Sequence[bytes]) -> tuple[int, int]:
    """How much of the end of one sequence stands in the other in one block, and where.

    Where it does in several places, the last one.

    >>> end_within([b"a", b"b", b"c"], [b"x", b"b", b"c", b"d"])
    (2, 1)
    >>> end_within([b"c", b"a", b"b", b"a"], [b"c", b"a", b"b", b"a", b"b", b"a"])
    (4, 0)
    >>> end_within([b"a"], [b"b"])
    (0, 1)
    """
    wanted = one[::-1]
    shorter = _borders(wanted)
    length, longest, start = 0, 0, len(other)
    for place in range(len(other) - 1, -1, -1):
        while length and (length == len(wanted) or wanted[length] != other[place]):
            length = shorter[length - 1]
        if wanted and wanted[length] == other[place]:
            length += 1
        if length > longest:
            longest, start = length, place
    return longest, start


def _borders(wanted: Sequence[bytes]) -> list[int]:
    """For each beginning, how much of its own end is a beginning too (Knuth, Morris, Pratt)."""
    borders = [0] * len(wanted)
    length = 0
    for place in range(1, len(wanted)):
        while length and wanted[length] != wanted[place]:
            length = borders[length - 1]
        if wanted[length] == wanted[place]:
            length += 1
        borders[place] = length
    return borders

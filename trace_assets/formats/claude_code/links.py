"""The parent of each line of a conversation."""

from collections.abc import Sequence

from trace_assets.formats.claude_code.lines import Line


def parents_of(lines: Sequence[Line]) -> list[int]:
    """Return the place of each line's parent, or -1. Of lines with one uuid, the first counts.

    Where a file has a line a second time, a link to it means the second one, which follows the line
    before it in the file. A line that is its own ancestor is a root.
    """
    parents = _named(lines)
    _break_circles(parents)
    _follow_results(lines, parents)
    return parents


def _named(lines: Sequence[Line]) -> list[int]:
    anywhere: dict[str, int] = {}
    local: dict[tuple[str, str], int] = {}
    for place, line in enumerate(lines):
        if line.uuid:
            anywhere.setdefault(line.uuid, place)
            local.setdefault((line.file, line.uuid), place)
    parents: list[int] = []
    latest: dict[tuple[str, bool], int] = {}
    for place, line in enumerate(lines):
        side = (line.file, line.is_sidechain)
        if line.is_repeat:
            parents.append(latest.get(side, -1))
            local[line.file, line.uuid] = place
        elif line.parent:
            own = local.get((line.file, line.parent))
            parents.append(anywhere.get(line.parent, -1) if own is None else own)
        else:
            parents.append(-1)
        if line.uuid:
            latest[side] = place
    return parents


def _break_circles(parents: list[int]) -> None:
    seen = [0] * len(parents)  # the walk that a line was met in
    for start in range(len(parents)):
        place = start
        while place >= 0 and not seen[place]:
            seen[place] = start + 1
            above = parents[place]
            if above >= 0 and seen[above] == start + 1:
                parents[place] = -1
                break
            place = above


def _follow_results(lines: Sequence[Line], parents: list[int]) -> None:
    """Link answers of one turn that all name the user's line as parent in a row.

    Such an answer follows the tool results of the one before it, or repeats a call of it that was
    not complete yet; and such a result follows its call. Where the user goes back, it is the user
    who speaks again.
    """
    newest: dict[int, int] = {}
    """By place of a line of the user: the newest message of its turn."""
    turn_of = [-1] * len(lines)
    for place, line in enumerate(lines):
        parent = parents[place]
        if parent >= place:
            continue
        if line.is_message and _is_question(line):
            turn_of[place] = place
            continue
        turn = turn_of[place] = turn_of[parent] if parent >= 0 else -1
        if not line.is_message or turn < 0:
            continue
        before = newest.get(turn)
        if before is not None and parent == turn and _goes_on(lines[before], line):
            parents[place] = before
        newest[turn] = place


def _is_question(line: Line) -> bool:
    return line.value.get("type") == "user" and not line.answers


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a message follows another one though it names the question as its parent."""
    if line.answers:
        return bool(before.calls) or bool(before.answers)
    if line.value.get("type") != "assistant":
        return False
    return bool(before.answers) or not set(before.calls).isdisjoint(line.calls)

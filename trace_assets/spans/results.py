"""The main conversation with what its tools did where no model call's context repeats it.

A log may show a call without its result (it came last), or a tool without the call (the program
used it by itself, or contents were not recorded).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from trace_assets.chat import blocks
from trace_assets.spans.model import Span, ToolCall
from trace_assets.spans.scopes import MAIN
from trace_assets.spans.talks import AROUND, Link, Talks
from trace_assets.trace.build import function_call, function_call_output, json_text

Item = dict[str, Any]


def with_results(
    told: Talks,
    spans: Sequence[Span],
    parents: Sequence[int],
    belongs: Sequence[int],
    trace_id: str,
) -> list[Item]:
    """Return the items of the main conversation; what is added is numbered on from the last."""
    if not told.links:
        return told.main
    added = _Added(told, parents, trace_id)
    for place, found in _last_attempts(told, spans).items():
        if found.asked is not None and found.asked.conversation == MAIN:
            added.answer(spans[place], found)
        elif found.asked is None and belongs[place] == MAIN:
            added.call(place, spans[place], found)
    return list(added.merged())


def _last_attempts(told: Talks, spans: Sequence[Span]) -> dict[int, Link]:
    """The last span of each call that came to something: the ones before were tried again."""
    last: dict[str, int] = {}
    for place, found in told.links.items():
        if found.call_id not in last or outcome(spans[place]) is not None:
            last[found.call_id] = place
    return {place: told.links[place] for place in last.values()}


def outcome(span: Span) -> str | list[dict[str, Any]] | None:
    """What a tool span left: its result, else its error; None if neither is known."""
    call = span.call
    if isinstance(call, ToolCall) and call.result is not None:
        return blocks.output(call.result)
    return error_of(span)


def error_of(span: Span) -> str | None:
    """Why a tool failed."""
    own = span.call.error if isinstance(span.call, ToolCall) else None
    return span.error if own is None else own


class _Added:
    """Items to put between those of the conversation."""

    def __init__(self, told: Talks, parents: Sequence[int], trace_id: str) -> None:
        self.told = told
        self.trace_id = trace_id
        self.count = len(told.main)
        self.before: dict[int, list[Item]] = {}  # by the number of the item that follows
        self.answered: dict[str, int] = {}  # call id -> the number of its result
        for number, item in enumerate(told.main):
            if item["type"] == "function_call_output":
                self.answered.setdefault(item["call_id"], number)
        self.block_ends = _block_ends(told)
        self.makers, self.made = _first_made(told, parents)

    def next_id(self) -> str:
        self.count += 1
        return f"{self.trace_id}:{self.count - 1}"

    def answer(self, span: Span, found: Link) -> None:
        """Put a result behind the calls that its own was made with."""
        if (number := self.answered.get(found.call_id)) is not None:
            if error_of(span) is not None:  # what the model was told does not say so
                self.told.main[number]["status"] = "incomplete"
            return
        if outcome(span) is None:
            return
        self.put(self.block_ends[found.call_id], self.output(span, found))

    def call(self, place: int, span: Span, found: Link) -> None:
        """Put a call that no model shows before its result, or what the next model call made."""
        tool = span.call
        if not isinstance(tool, ToolCall):
            return
        following = bisect_left(self.makers, place)
        where = self.made[following] if following < len(self.made) else len(self.told.main)
        where = self.answered.get(found.call_id, where)
        self.put(
            where,
            function_call(
                self.next_id(),
                found.call_id,
                name=tool.name,
                arguments="" if tool.arguments is None else json_text(tool.arguments),
                original_call_id=tool.original_call_id,
                rest={},
            ),
        )
        if outcome(span) is not None and found.call_id not in self.answered:
            self.put(where, self.output(span, found))

    def put(self, where: int, item: Item) -> None:
        self.before.setdefault(where, []).append(item)

    def output(self, span: Span, found: Link) -> Item:
        original = span.call.original_call_id if isinstance(span.call, ToolCall) else None
        if original is None and found.asked is not None:
            original = found.asked.item.get("original_call_id")
        return function_call_output(
            self.next_id(),
            found.call_id,
            output=outcome(span) or "",
            is_error=error_of(span) is not None,
            original_call_id=original,
            rest={},
        )

    def merged(self) -> Iterator[Item]:
        for number, item in enumerate(self.told.main):
            yield from self.before.get(number, ())
            yield item
        yield from self.before.get(len(self.told.main), ())


def _block_ends(told: Talks) -> dict[str, int]:
    """Call id -> the number behind the last of the calls that were made together with it."""
    ends: dict[str, int] = {}
    end = len(told.main)
    following = None
    for number in range(len(told.main) - 1, -1, -1):
        item = told.main[number]
        block = told.first_shown[number] if item["type"] == "function_call" else None
        if block is None or block != following:
            end = number + 1
        if block is not None:
            ends[item["call_id"]] = end
        following = block
    return ends


def _first_made(told: Talks, parents: Sequence[int]) -> tuple[list[int], list[int]]:
    """Where the model calls that made something new end, in order, and the number of its first.

    A call ends with the last span inside it: what was done there came before the answer.
    """
    first: dict[int, int] = {}
    for number, item in enumerate(told.main):
        place = told.first_shown[number]
        if told.made_by.get(item["id"]) == place:
            first.setdefault(place, number)
    ends = _ends(parents)
    ended = sorted(
        (len(parents) if place == AROUND else ends[place], number)
        for place, number in first.items()
    )
    return [end for end, _ in ended], [number for _, number in ended]


def _ends(parents: Sequence[int]) -> list[int]:
    """The last span inside each span; itself if there is none."""
    ends = list(range(len(parents)))
    for place in range(len(parents) - 1, -1, -1):
        if parents[place] >= 0:
            ends[parents[place]] = max(ends[parents[place]], ends[place])
    return ends

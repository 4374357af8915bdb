"""What must hold across the items and events of one trace.

The Trace model checks each field by itself; a rule checks what needs two of them. A rule is a
function that yields a sentence for each thing that is wrong. A broken rule that would make a reader
of the dataset see something that did not happen quarantines the trace; one that the log itself may
truthfully break (a call that nobody answered) is a warning, kept as a tag of the trace.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from trace_assets.errors import InvalidTraceError, SpanTreeError
from trace_assets.trace.moments import moment
from trace_assets.trace.spans import sort_events
from trace_assets.vocabulary import OBSERVATION

if TYPE_CHECKING:
    from trace_assets.trace import Trace, TraceEvent, TraceItem


class Parts(NamedTuple):
    """The items and events of a trace, sorted once by kind for all rules."""

    items: "Sequence[TraceItem]"
    events: "Sequence[TraceEvent]"
    calls: dict[str, list[int]]
    """Positions of the function calls, by call id."""
    outputs: dict[str, list[int]]
    """Positions of the function call outputs, by call id."""


class Finding(NamedTuple):
    """One broken rule in one trace."""

    rule: str
    quarantines: bool
    message: str


def items_or_events_are_there(parts: Parts) -> Iterator[str]:
    """A trace holds something that happened."""
    if not parts.items and not parts.events:
        yield "no item and no event: nothing was said or done"


def item_ids_are_unique(parts: Parts) -> Iterator[str]:
    """No two items share an id."""
    ids = [own for item in parts.items if (own := getattr(item, "id", None)) is not None]
    if len(set(ids)) != len(ids):
        shared = [own for own, count in Counter(ids).items() if count > 1]
        yield from (f"items share the id {own!r}" for own in shared)


def call_ids_are_unique(parts: Parts) -> Iterator[str]:
    """No two calls share a call id: else each would be shown with the other's output."""
    if len(parts.calls) != sum(map(len, parts.calls.values())):
        for call_id, positions in parts.calls.items():
            if len(positions) > 1:
                yield f"items {positions} are calls with one call_id {call_id!r}"


def a_call_has_one_output(parts: Parts) -> Iterator[str]:
    """No call has two outputs: readers disagree on whether the first or the last counts."""
    if len(parts.outputs) != sum(map(len, parts.outputs.values())):
        for call_id, positions in parts.outputs.items():
            if len(positions) > 1:
                yield f"items {positions} are outputs for one call_id {call_id!r}"


def outputs_follow_their_calls(parts: Parts) -> Iterator[str]:
    """An output comes after the call that it answers."""
    for call_id, positions in parts.outputs.items():
        call = parts.calls.get(call_id)
        if call and positions[0] < call[0]:
            yield f"items[{positions[0]}] answers the call at items[{call[0]}], which comes later"


def outputs_answer_a_call(parts: Parts) -> Iterator[str]:
    """Every output answers a call of the same trace, except for observations."""
    if not parts.outputs.keys() <= parts.calls.keys():
        for call_id, positions in parts.outputs.items():
            source = getattr(parts.items[positions[0]], "source", None)
            if call_id not in parts.calls and source != OBSERVATION:
                yield f"items[{positions[0]}] answers no call: call_id {call_id!r}"


def calls_are_answered(parts: Parts) -> Iterator[str]:
    """Every call has an output; the last ones of a run that was cut short may have none."""
    if not parts.calls.keys() <= parts.outputs.keys():
        for call_id, positions in parts.calls.items():
            if call_id not in parts.outputs:
                yield f"items[{positions[0]}] has no output: call_id {call_id!r}"


def somebody_asks(parts: Parts) -> Iterator[str]:
    """A user message starts a turn: without one there is nothing to evaluate turn by turn."""
    if parts.items and not any(
        item.type == "message" and item.role == "user" for item in parts.items
    ):
        yield "no user message, so no turns"


def times_of_events_agree(parts: Parts) -> Iterator[str]:
    """Events have time stamps all or none, all with a time zone or all without: else no order."""
    stamps = [event.timestamp for event in parts.events if event.type != "span_end"]
    given = [stamp for stamp in stamps if stamp is not None]
    if given and len(given) != len(stamps):
        yield f"{len(stamps) - len(given)} of {len(stamps)} events have no timestamp"
    if len({moment(stamp).at.tzinfo is None for stamp in given}) > 1:
        yield "some timestamps have a time zone and some have none"


def spans_form_a_tree(parts: Parts) -> Iterator[str]:
    """Every span begins once, inside one that is there, and the events stand in the tree's order.

    Readers drop, repeat or misplace the events of any other stream without a word.
    """
    if not parts.events:
        return
    try:
        ordered = sort_events(parts.events)
    except (SpanTreeError, InvalidTraceError) as error:
        yield str(error)
        return
    if any(one is not other for one, other in zip(ordered, parts.events, strict=True)):
        yield "the events are not in the order of their spans and times"


class Rule(NamedTuple):
    """A rule, under the name that a reason or a tag gives it."""

    name: str
    quarantines: bool
    check: Callable[[Parts], Iterator[str]]


RULES = (
    Rule("empty_trace", True, items_or_events_are_there),
    Rule("repeated_item_id", True, item_ids_are_unique),
    Rule("repeated_call_id", True, call_ids_are_unique),
    Rule("repeated_output", True, a_call_has_one_output),
    Rule("mixed_timestamps", True, times_of_events_agree),
    Rule("broken_span_tree", True, spans_form_a_tree),
    Rule("output_before_call", False, outputs_follow_their_calls),
    Rule("orphan_output", False, outputs_answer_a_call),
    Rule("unanswered_call", False, calls_are_answered),
    Rule("no_user_message", False, somebody_asks),
)


def check(trace: "Trace") -> list[Finding]:
    """Every rule that a trace breaks, in the order of `RULES`."""
    parts = _parts(trace)
    return [
        Finding(rule.name, rule.quarantines, message)
        for rule in RULES
        for message in rule.check(parts)
    ]


def _parts(trace: "Trace") -> Parts:
    calls: dict[str, list[int]] = {}
    outputs: dict[str, list[int]] = {}
    for position, item in enumerate(trace.items):
        if item.type == "function_call":
            calls.setdefault(item.call_id, []).append(position)
        elif item.type == "function_call_output":
            outputs.setdefault(item.call_id, []).append(position)
    return Parts(trace.items, trace.events or [], calls, outputs)

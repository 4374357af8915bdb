"""Whatever a valid trace holds, its interactions hold, and can be written and read back."""

from io import BytesIO
from itertools import chain
from typing import Any

import msgspec
from hypothesis import example, given

from tests.interactions.making import conversation, steps
from tests.trace.strategies import conversations, traces
from trace_assets.interactions import (
    Checker,
    Conversed,
    InteractionsConfig,
    InteractionStep,
    Original,
    directory_of,
    each_of,
)
from trace_assets.interactions.dataset import Rows
from trace_assets.interactions.layout import metadata_bytes, step_lines
from trace_assets.trace.build import encode

SPAN_WITH_AN_EMPTY_ID = {
    "FORMAT": "open_responses",
    "items": [],
    "events": [
        {
            "id": "a",
            "type": "message_event",
            "item": {"type": "custom_task_input_message", "content": None},
        },
        {"id": "b", "type": "span_begin", "span_id": "", "name": "n"},
    ],
}


@example(trace=SPAN_WITH_AN_EMPTY_ID)
@given(trace=traces)
def test_a_trace_that_holds_makes_interactions_that_hold(trace: dict[str, Any]) -> None:
    line, refused = encode({"trace": trace}) + b"\n", BytesIO()
    rows = list(Rows(BytesIO(line), "d.jsonl", refused, lambda _: None).each())
    assert len(rows) + len(refused.getvalue().splitlines()) == 1
    conversed = [row._replace(records=[Original("log.json#0", line)]) for row in rows]
    for given_rows in (rows, conversed):
        _hold(given_rows)


def _hold(rows: list[Conversed]) -> None:
    with Checker() as checker:
        for interaction in chain.from_iterable(each_of(rows, config=InteractionsConfig())):
            checker.add(directory_of(interaction.id), interaction)
            msgspec.json.decode(metadata_bytes(interaction))
            for line, step in zip(step_lines(interaction), interaction.steps, strict=True):
                assert InteractionStep.model_validate_json(line) == step
        report = checker.finish()
    assert report.errors == 0, report.first


@given(items=conversations().filter(bool))
def test_every_item_of_any_conversation_is_in_the_raw_of_one_step(
    items: list[dict[str, Any]],
) -> None:
    trace = conversation(*items)
    found: list[dict[str, Any]] = []
    for step in steps(trace):
        for part in step.raw.values():
            found += part if isinstance(part, list) else [part]
    assert sorted(map(id, found)) == sorted(map(id, trace["items"]))

"""Interactions of traces as they are at rest, and short ways to write such traces."""

from typing import Any

from tests.trace.making import Value
from trace_assets.interactions import (
    Conversed,
    Interaction,
    InteractionsConfig,
    InteractionStep,
    Names,
    Original,
    interactions_of,
)
from trace_assets.judge import judge_value
from trace_assets.trace import Trace


def conversation(*items: Value, **metadata: Any) -> Value:
    return Trace.from_items(list(items), metadata={"trace_id": "t", **metadata}).model_dump(
        mode="json"
    )


def happened(*events: Value, **metadata: Any) -> Value:
    return Trace.from_events(list(events), metadata={"trace_id": "t", **metadata}).model_dump(
        mode="json"
    )


def interactions(trace: Value, *records: Original, **config: Any) -> list[Interaction]:
    assert judge_value(trace).reason == ""
    trace_id = trace["metadata"]["trace_id"]
    conversed = Conversed(trace, trace_id, "log.json#0", records)
    with Names() as names:
        return interactions_of(
            conversed, config=InteractionsConfig.model_validate(config), names=names
        )


def steps(trace: Value, *records: Original, **config: Any) -> list[InteractionStep]:
    return [step for one in interactions(trace, *records, **config) for step in one.steps]


def named(trace: Value, *records: Original, **config: Any) -> dict[str | None, InteractionStep]:
    return {step.name: step for step in steps(trace, *records, **config)}

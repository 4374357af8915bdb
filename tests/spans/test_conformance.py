"""What becomes of spans, before the LatticeFlow SDK: it takes it, and sorts nothing anew."""

import json
import warnings

import pytest
from hypothesis import given

from tests.spans.making import agent, made_of, model, says, tool, trace_of, user
from tests.spans.test_laws import few, forests
from trace_assets.spans import Span, ToolCall, events_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip(
        "latticeflow.core.dtypes",
        reason="latticeflow-core is not installed: pip install '.[conformance]'",
    )

pytestmark = pytest.mark.conformance


@given(forests)
@few
def test_the_sdk_takes_the_trace_of_any_spans_in_the_order_it_has(given: list[Span]) -> None:
    made = events_of(given, "t")
    written = json.loads(json.dumps(trace_of(made)))
    trace = sdk.Trace.model_validate(written, ignore_extra=False)
    sorted_anew = sdk.Trace.from_events(trace.events)
    assert [event.id for event in sorted_anew.events] == [event["id"] for event in made.events]


def test_the_sdk_finds_what_a_sub_agent_said_in_its_span() -> None:
    made = made_of(
        agent("main", 0, 9),
        model("m", 1, "main", sees=[user("Hi")], says=[says("I ask")]),
        tool("t", 2, "main", call=ToolCall("expert", result="because")),
        agent("expert", 2, 3, "t"),
        model("e", 2, "expert", sees=[user("why")], says=[says("because")]),
    )
    (main,) = sdk.Trace.model_validate(trace_of(made)).spans()
    assert main.get_last_assistant_text() == "I ask"
    (called,) = main.spans()
    (expert,) = called.spans()
    assert expert.span_name == "expert"
    assert expert.get_last_assistant_text() == "because"

import json

import msgspec
import pytest
from hypothesis import given

from tests.trace.making import user
from tests.trace.strategies import Value, json_objects, traces
from trace_assets.errors import InvalidTraceError
from trace_assets.trace import gate


@given(traces, json_objects)
def test_a_row_taken_apart_and_joined_says_the_same(trace: Value, columns: Value) -> None:
    columns.pop("trace", None)
    line = json.dumps({**columns, "trace": trace}).encode()
    row = gate.split(line)
    assert row.columns == columns
    assert json.loads(gate.join(row)) == {"trace": trace, **columns}
    assert gate.decode(row.trace_json()) == gate.decode(json.dumps(trace).encode())


def test_new_metadata_goes_beside_the_items_bytes_as_they_were() -> None:
    row = gate.split(b'{"trace_id": "t", "trace": {"items": [ {"x": 1.50} ], "metadata": null}}')
    row.trace["metadata"] = msgspec.Raw(b'{"model":"m"}')
    row.columns["model"] = "m"
    assert gate.join(row) == (
        b'{"trace":{"items":[ {"x": 1.50} ],"metadata":{"model":"m"}},"trace_id":"t","model":"m"}'
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"trace_id": "t"}', "trace: required"),
        (b'{"trace": 5}', "row: Expected `object`, got `int`"),
        (b"[]", "row: Expected `object`, got `array`"),
        (b'{"trace": {', "row: Input data was truncated"),
        (b'{"trace": {}, "x": ' + b"[" * 5000, "row: "),
    ],
)
def test_a_line_that_is_no_row_is_refused(line: bytes, problem: str) -> None:
    with pytest.raises(InvalidTraceError, match=problem):
        gate.split(line)


def test_a_row_can_hold_a_whole_conversation() -> None:
    line = json.dumps({"trace": {"items": [user("hi")]}, "tags": ["a", None]}).encode()
    view = gate.decode(gate.split(line).trace_json())
    assert view.get_last_user_text() == "hi"

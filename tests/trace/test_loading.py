import json

import pytest
from hypothesis import given

from tests.trace.making import user
from tests.trace.strategies import Value, mutated
from trace_assets.errors import InvalidTraceError
from trace_assets.trace import load, load_json, problems
from trace_assets.trace.values import MAX_DEPTH


@given(mutated())
def test_bytes_and_decoded_values_meet_the_same_verdict(value: Value) -> None:
    data = json.dumps(value).encode()
    found = problems(json.loads(data))
    if found:
        with pytest.raises(InvalidTraceError) as error:
            load_json(data)
        assert error.value.problems == found
    else:
        assert load_json(data) == load(json.loads(data))


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"items": [1,}', b"\xef\xbb\xbf{}", b"\xff", b'"\\ud83d"', b"[" * 5000]
)
def test_what_is_no_json_is_one_problem(data: bytes) -> None:
    with pytest.raises(InvalidTraceError) as error:
        load_json(data)
    assert len(error.value.problems) == 1


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_what_loads_can_be_written_however_deep_it_nests(depth: int) -> None:
    nested: object = 1
    for _ in range(depth):
        nested = [nested]
    deep = {"type": "custom_task_input_message", "content": nested}
    value = {
        "items": [deep, user("hi", x=nested)],
        "events": [
            {
                "type": "model_call_event",
                "id": "e",
                "model": "m",
                "input_context": [deep],
                "output_items": [],
                "metadata": {"x": nested},
            }
        ],
    }
    if depth > MAX_DEPTH:
        assert all(f"nested deeper than {MAX_DEPTH} levels" in line for line in problems(value))
    else:
        trace = load(value)
        assert load_json(trace.model_dump_json().encode()) == trace


@pytest.mark.parametrize(
    ("field", "number"), [("total_time", 3), ("total_tokens", 10**30), ("message_count", -1)]
)
def test_numbers_keep_their_value(field: str, number: int) -> None:
    trace = load({"items": [], "metadata": {field: number}})
    assert json.loads(trace.model_dump_json())["metadata"] == {field: number}

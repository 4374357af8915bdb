from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from tests.trace.strategies import any_timestamps, json_values
from trace_assets.trace import ErrorEvent, TraceMetadata, moment
from trace_assets.trace.values import check_json


@given(any_timestamps)
def test_a_timestamp_is_kept_digit_for_digit(text: str) -> None:
    assert TraceMetadata(created_at=text).model_dump(mode="json") == {"created_at": text}


@pytest.mark.parametrize(
    "text",
    ["2026-01-02", "2026-01-02T03:04", "2024-02-29 03:04:05.5+02:00", "0001-01-01T00:00:00Z"],
)
def test_what_iso_8601_writes_is_a_timestamp(text: str) -> None:
    assert ErrorEvent(message="boom", timestamp=text).timestamp == text
    assert moment(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1767312000",
        "2026-02-29",
        "2026-04-31T00:00:00Z",
        "2026-13-01",
        "0000-01-01",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05.1234567890Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05Z ",
        "٢٠٢٦-01-02",
    ],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="expected an ISO 8601 date and time"):
        ErrorEvent(message="boom", timestamp=text)


def test_a_python_datetime_is_written_in_iso_8601() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    event = ErrorEvent.model_validate({"message": "boom", "timestamp": at})
    assert event.timestamp == "2026-01-02T03:04:05+00:00"


def test_moments_are_ordered_to_the_nanosecond_across_zones() -> None:
    texts = ["2026-01-01T02:00:00.000000002+02:00", "2026-01-01T00:00:00.000000001Z"]
    assert sorted(texts, key=moment) == texts[::-1]


@given(json_values)
def test_json_is_kept_as_it_is(value: Any) -> None:
    assert check_json(value) is value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": [float("nan")]}, "holds nan, which JSON cannot write"),
        ([{1: 2}], "has the key 1, which is no string"),
        ({"\ud800": 1}, "holds a lone surrogate"),
        (["é\udfff"], "holds a lone surrogate"),
        ((1, 2), "holds a tuple, which is no JSON value"),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, "holds a datetime, which is no JSON value"),
    ],
)
def test_what_json_would_change_or_cannot_hold_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_json(value)

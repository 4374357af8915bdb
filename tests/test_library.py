"""What a program sees that calls the converter."""

import json
from pathlib import Path

import pytest

from trace_assets import Quarantined, Trace, traces_in
from trace_assets.errors import ConfigError

EXAMPLES = Path(__file__).parent.parent / "examples" / "inbox" / "telecom-agent"


def test_a_folder_of_logs_gives_its_traces_and_what_is_none_with_the_reason() -> None:
    found = list(traces_in(EXAMPLES))
    traces = [one for one in found if isinstance(one, Trace)]
    (refused,) = [one for one in found if isinstance(one, Quarantined)]
    assert len(traces) == 5
    assert all(trace.turns for trace in traces)
    assert refused.reason == "empty_trace"
    assert json.loads(refused.raw)["messages"] in (None, [])
    assert str(refused).startswith(f"{refused.place.uri}: empty_trace: ")


def test_a_trace_of_the_library_writes_json_that_loads_as_its_equal() -> None:
    (first, *_) = (one for one in traces_in(EXAMPLES / "2026-01-02") if isinstance(one, Trace))
    assert Trace.model_validate_json(first.model_dump_json()) == first
    assert first.metadata
    assert first.metadata.source_uri == "2026-01-02/results.json#simulations/0"


def test_a_path_that_names_nothing_is_an_error_and_not_an_empty_answer(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        list(traces_in(tmp_path / "nothing.json"))


def test_a_file_of_no_known_format_is_given_back_whole(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"neither": "nor"}', encoding="utf-8")
    (found,) = traces_in(tmp_path / "odd.json")
    assert isinstance(found, Quarantined)
    assert (found.reason, found.raw) == ("unknown_format", b'{"neither": "nor"}')


def test_wrong_arguments_are_errors_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown format 'nonsense'; known formats: atif, "):
        traces_in(EXAMPLES, format="nonsense")
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        traces_in(tmp_path / "nothing.json")
    with pytest.raises(ConfigError, match="no path is given"):
        traces_in()

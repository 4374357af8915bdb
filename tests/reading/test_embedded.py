"""JSON in a string is decoded only where nothing of it is lost."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trace_assets
from tests.reading.reading import broken, read
from trace_assets.reading import Record
from trace_assets.reading.embedded import decode_embedded, embedded_json
from trace_assets.reading.inside import inside

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})\.[0-9]{1,25}([eE][-+]?[0-9]{1,4})?", fullmatch=True
)
IN_FORM = [{"separators": (",", ":")}, {}, {"indent": 2}, {"ensure_ascii": False}]


@pytest.mark.parametrize("form", IN_FORM)
@given(value=VALUES)
def test_what_python_writes_is_read_back(form: dict[str, Any], value: Any) -> None:
    text = json.dumps(value, **form)
    if "\\ud" not in text:  # halves of a character cannot be decoded
        assert decode_embedded(text) == value


@given(st.text(), st.text(max_size=3), VALUES, st.integers(0, 5))
def test_a_text_with_a_repeated_key_stays_text_at_every_depth(
    first: str, key: str, value: Any, depth: int
) -> None:
    name = json.dumps(key)
    text = f"{{{name}: {json.dumps(first)}, {name}: {json.dumps(value)}}}"
    for _ in range(depth):
        text = f'{{"x:y": [1, {text}]}}'
    assert embedded_json(text, default=text) is text
    assert inside(text) is None


def test_a_key_that_is_repeated_in_another_spelling_is_repeated() -> None:
    assert embedded_json(r'{"a": 1, "\u0061": 2}') is None
    assert embedded_json(r'{"a": ":", "a": "\u003a"}') is None
    assert embedded_json(r'{"a": "\u003a", "b": ":"}') == {"a": ":", "b": ":"}


@given(NUMBERS)
def test_a_float_is_decoded_only_with_its_exact_value(number: str) -> None:
    value = embedded_json(f"[{number}]")
    assert value is None or Decimal(repr(value[0])) == Decimal(number)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "0.12345678901234567890"])
def test_a_number_that_no_float_holds_stays_text(number: str) -> None:
    for text in (f'{{"a": [{number}]}}', f"{{'a': ({number}, None)}}", f'["it\'s", {number}]'):
        assert embedded_json(text) is None
        assert inside(text) is None


def test_keys_of_a_python_dict_that_json_writes_alike_are_not_merged() -> None:
    assert inside("{1: 'a', '1': 'b'}") is None


@pytest.mark.parametrize("space", ["", " "])
def test_a_float_of_a_record_that_is_rounded_keeps_its_digits_as_a_repair(space: str) -> None:
    line = f'{{"a/b":{space}[1.5,{space}0.12345678901234567890,{space}1e-400]}}\n{{"b":1}}\n'
    first, second = read(line.encode())
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert first.value == {"a/b": [1.5, 0.12345678901234567890, 0.0]}
    assert {repair.pointer: repair.found for repair in first.repairs} == {
        "/a~1b/1": "0.12345678901234567890",
        "/a~1b/2": "1e-400",
    }
    assert not second.repairs


def test_a_record_with_a_number_without_a_float_is_broken() -> None:
    (item,) = broken(read(b'{"a": 1e400}\n'))
    assert "1e400" in item.message


def test_formats_decode_json_in_a_string_in_one_place_only() -> None:
    package = Path(trace_assets.__file__).parent
    decoders = re.compile(r"\bjson\.(loads|decode)\(|json\.Decoder\(|literal_eval")
    found = [
        f"{path.relative_to(package)}:{number}: {line.strip()}"
        for room in ("chat", "chatlogs", "spans", "formats")
        for path in sorted((package / room).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if decoders.search(line) and path.name != "constants.py"  # it refuses repeated keys itself
    ]
    assert found == []

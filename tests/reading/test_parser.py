"""What reading relies on in the parser, and what it does when that is no longer so."""

from typing import NoReturn

import msgspec
import pytest

from tests.reading.reading import broken, read, values
from trace_assets.reading import Shape, ends


@pytest.mark.parametrize("value", [b'{"a":[1]}', b"[1,2]", b'"x"', b"12", b"null"])
@pytest.mark.parametrize(("space", "behind"), [(b"", b","), (b" \n ", b"]"), (b" ", b"\xff")])
def test_the_parser_says_where_a_value_ended(value: bytes, space: bytes, behind: bytes) -> None:
    """The byte it names is counted from one, white space behind the value included."""
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(value + space + behind + b"...", type=msgspec.Raw)
    where = len(value + space) + 1
    assert str(caught.value) == f"JSON is malformed: trailing characters (byte {where})"


def test_the_parser_says_that_it_wants_more() -> None:
    with pytest.raises(msgspec.DecodeError, match=r"^Input data was truncated$"):
        msgspec.json.decode(b'{"a":[1', type=msgspec.Raw)


@pytest.mark.parametrize("message", ["unexpected data", "extra data at 5", "bad (byte 3)"])
def test_a_parser_with_other_words_changes_no_record(
    message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = b'{"a": 1}\n{"b": [2, {}]}\n{"simulations": [{"c": "]}"}, {"d": 4}], "info": [0]}\n'
    pretty = b'[\n  {\n    "a": 1\n  },\n  {\n    "b": NaN\n  },\n  3\n]'
    shape = Shape(arrays=("simulations",), first=("info",))
    as_usual = [read(data, shape) for data in (lines, pretty)]

    def complain(data: memoryview) -> NoReturn:
        raise msgspec.DecodeError(message)

    monkeypatch.setattr(ends, "_skip", complain)
    assert [read(data, shape) for data in (lines, pretty)] == as_usual
    assert values(as_usual[1]) == [{"a": 1}, 3]
    assert len(broken(as_usual[1])) == 1

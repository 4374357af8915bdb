"""Each format against its fixtures: what it makes of them is written down, and read in review."""

import json
from difflib import unified_diff
from io import BytesIO
from pathlib import Path

import pytest

from tests.conversions import Conversion, converted, is_balanced
from trace_assets.convert import claims
from trace_assets.formats import formats
from trace_assets.reading.detection import detection_head
from trace_assets.trace import load

FIXTURES = Path(__file__).parent / "fixtures"
UPDATE = "pytest tests/formats --update-goldens"
SUFFIX = ".golden.json"
SHOWN_LINES = 60


def cases() -> list[Path]:
    """Every fixture: a file, or a folder that holds a log of several files."""
    found = [path for folder in sorted(FIXTURES.iterdir()) for path in sorted(folder.iterdir())]
    return [path for path in found if not path.name.endswith(SUFFIX)]


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def golden_of(case: Path) -> Path:
    return case.with_name(case.name + SUFFIX)


def golden_text(conversion: Conversion) -> str:
    parts = ("rows", "quarantine", "context", "ledger")
    value = {part: getattr(conversion, part) for part in parts}
    about = ("format_version", "outputs")  # the same for all, and hashes of what is written here
    value["ledger"] = {k: v for k, v in conversion.ledger.items() if k not in about}
    return json.dumps(value, indent=2) + "\n"


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_a_fixture_converts_as_its_golden_file_says(
    case: Path, request: pytest.FixtureRequest
) -> None:
    text, golden = golden_text(converted([case])), golden_of(case)
    if request.config.getoption("--update-goldens"):
        golden.write_text(text, encoding="utf-8")
        return
    where = f"{case.parent.name}: {case.relative_to(FIXTURES.parent)}"
    if not golden.exists():
        pytest.fail(f"{where}: no golden file; write it with `{UPDATE}`, read it and commit it")
    expected = golden.read_text(encoding="utf-8")
    if text != expected:
        pytest.fail(
            f"{where}: converts otherwise than {golden.name} says. If the new result is right, "
            f"write it with `{UPDATE}` and read the diff.\n{difference(expected, text)}"
        )


def difference(expected: str, found: str) -> str:
    lines = unified_diff(
        expected.splitlines(), found.splitlines(), "golden", "found", lineterm="", n=2
    )
    shown = list(lines)
    more = f"\n... and {len(shown) - SHOWN_LINES} more lines" if len(shown) > SHOWN_LINES else ""
    return "\n".join(shown[:SHOWN_LINES]) + more


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_a_fixture_is_accounted_for_and_its_rows_load(case: Path) -> None:
    conversion = converted([case])
    assert is_balanced(conversion.ledger)
    assert conversion.ledger["converted"] == len(conversion.rows)
    assert conversion.ledger["quarantined"] == len(conversion.quarantine)
    for row in conversion.rows:
        trace = load(row["trace"])
        assert trace.items or trace.events


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_a_fixture_is_told_to_be_of_its_format_and_of_no_other(case: Path) -> None:
    files = sorted(path for path in [case, *case.rglob("*")] if path.is_file())
    for path in files:
        found = [
            (format.name, claim)
            for format, claim in claims(detection_head(BytesIO(path.read_bytes())))
        ]
        assert found, f"{name_of(case)}: {path.name}: no format's `detect` claims it"
        name, claim = found[0]
        assert name == case.parent.name, (
            f"{name_of(case)}: {path.name}: {name} claims it ({claim.evidence}): make the `detect` "
            f"of {name} stricter, or that of {case.parent.name} claim it with more strength"
        )
        rivals = [
            f"{other} ({it.evidence})" for other, it in found[1:] if it.strength == claim.strength
        ]
        assert not rivals, f"{name_of(case)}: {path.name}: claimed as strongly by {rivals}"


def test_every_golden_file_has_its_fixture() -> None:
    expected = {golden_of(case) for case in cases()}
    stray = sorted(name_of(path) for path in FIXTURES.glob(f"*/*{SUFFIX}") if path not in expected)
    assert not stray, f"golden files without a fixture; remove them: {', '.join(stray)}"


def test_every_folder_of_fixtures_is_named_by_a_format() -> None:
    strangers = sorted(path.name for path in FIXTURES.iterdir() if path.name not in formats())
    assert not strangers, f"no format has the names {strangers}; formats: {', '.join(formats())}"


@pytest.mark.parametrize("name", formats())
def test_every_format_has_a_fixture(name: str) -> None:
    folder = FIXTURES / name
    assert any(folder.glob("*")), (
        f"{name}: no fixture. Put a small log, written by you, under "
        f"{folder.relative_to(FIXTURES.parent.parent.parent)}/, then run `{UPDATE}`."
    )


@pytest.mark.parametrize("name", formats())
def test_every_format_says_where_its_knowledge_comes_from(name: str) -> None:
    docs = formats()[name].docs
    for section in ("Source:", "Observed:", "Residue:", "Dropped on purpose:"):
        assert f"\n{section} " in docs, f"{name}: its docstring lacks the section `{section}`"
    source = docs.partition("\nSource:")[2].partition("\nObserved:")[0]
    assert "https://" in source, f"{name}: `Source:` in its docstring names no https:// address"


@pytest.mark.parametrize("name", formats())
def test_every_format_fills_its_columns_and_no_others(name: str) -> None:
    rows = [row for case in cases() if case.parent.name == name for row in converted([case]).rows]
    for column in formats()[name].columns:
        assert any(row[column] is not None for row in rows), (
            f"{name}: no fixture fills the column `{column}`: add one that does, or drop the column"
        )


def test_a_difference_is_shown_by_its_lines_and_cut_where_it_is_long() -> None:
    assert difference("a\nb", "a\nc").splitlines()[-2:] == ["-b", "+c"]
    old = "\n".join(str(number) for number in range(200))
    assert difference(old, "").endswith("more lines")

"""Every column, tag and reason is in `docs/dataset.md`; `make goldens` writes the tables anew."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from trace_assets import columns, enrich, rows
from trace_assets.formats import formats
from trace_assets.reasons import REASONS
from trace_assets.rules import RULES, Rule
from trace_assets.trace import marks

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "dataset.md"

REASON_AT = {
    "Quarantined": 0,
    "Refused": 1,
    "Fault": 0,
    "Broken": 2,
    "Judgement": 1,
    "move_to_quarantine": 0,
    "_refuse": 0,
}
"""Where each class or function takes a reason; all others take it as the keyword `reason`."""

NO_QUARANTINE = ("training", "interactions/check.py")
"""Parts of the package that leave examples out of files of their own."""


def table(head: str, rows: Mapping[str, str]) -> str:
    lines = [f"| `{name}` | {text} |" for name, text in rows.items()]
    return "\n".join([f"| {head} | what it says |", "|---|---|", *lines])


def first_line(rule: Rule) -> str:
    return (rule.check.__doc__ or "").partition("\n")[0]


def column_table() -> str:
    whole = {"trace": "The Trace: `FORMAT`, `items`, `metadata` and, for span formats, `events`."}
    return table("column", whole | columns.BASE | columns.ENRICHED)


def format_table() -> str:
    lines = ["| column | what it says | formats |", "|---|---|---|"]
    for name, text in columns.OF_FORMATS.items():
        having = ", ".join(f"`{each.name}`" for each in formats().values() if name in each.columns)
        lines.append(f"| `{name}` | {text} | {having} |")
    return "\n".join(lines)


def tag_table() -> str:
    bent = {
        rule.name: f"The log breaks a rule: {first_line(rule)}"
        for rule in RULES
        if not rule.quarantines
    }
    return table("tag", marks.DESCRIPTIONS | bent)


def reason_table() -> str:
    broken = {
        rule.name: f"The trace breaks a rule: {first_line(rule)}"
        for rule in RULES
        if rule.quarantines
    }
    return table("reason", REASONS | broken)


TABLES = {
    "columns": column_table,
    "columns of formats": format_table,
    "tags": tag_table,
    "reasons": reason_table,
}


def page() -> str:
    text = PAGE.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        assert found, f"{PAGE.name}: no {begin!r} with {end!r}"
        text = f"{before}{begin}\n{make()}\n\n{end}{after}"
    return text


def test_the_page_of_the_dataset_has_the_tables_of_the_code(
    request: pytest.FixtureRequest,
) -> None:
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make goldens` and read the difference"


def test_every_column_of_a_format_is_described() -> None:
    names = [name for each in formats().values() for name in each.columns]
    assert sorted(columns.OF_FORMATS) == sorted(set(names))


def test_a_row_with_every_format_has_only_described_columns() -> None:
    known = columns.BASE | columns.OF_FORMATS | columns.ENRICHED
    assert set(rows.columns_for(formats())) == set(known)
    assert tuple(columns.ENRICHED) == enrich.COLUMNS


def test_every_tag_of_a_conversion_is_described() -> None:
    names = [value for name, value in vars(marks).items() if name.isupper() and _is_text(value)]
    assert sorted(names) == sorted(marks.DESCRIPTIONS)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def test_every_reason_in_the_code_is_described_and_no_other() -> None:
    found = {reason for path in _modules() for reason in reasons_in(path.read_text("utf-8"))}
    assert sorted(found) == sorted(REASONS)


def test_reasons_are_found_in_every_form() -> None:
    source = """
NAMED = "named"
Quarantined("first", "message")
Refused(number, NAMED, "message")
raise UnknownShapeError("", "message", reason="keyword")
Refused(number, error.reason, "message")
def reason_of(error):
    return "returned"
def make(pointer, *, reason: str = "default"): ...
"""
    assert sorted(reasons_in(source)) == ["default", "first", "keyword", "named", "returned"]


def _modules() -> Iterable[Path]:
    package = ROOT / "trace_assets"
    for path in sorted(package.rglob("*.py")):
        if not str(path.relative_to(package)).startswith(NO_QUARANTINE):
            yield path


def reasons_in(source: str) -> Iterator[str]:
    """Yield the texts that a module gives as reasons, directly or by a constant of its own."""
    tree = ast.parse(source)
    texts = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for value in _given_in(node):
            match value:
                case ast.Constant(value=str(text)) if text:
                    yield text
                case ast.Name(id=name) if isinstance(text := texts.get(name), str):
                    yield text
                case _:
                    pass


def _given_in(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=named):
            yield from (each.value for each in named if each.arg == "reason")
            at = REASON_AT.get(name)
            if at is not None and at < len(args):
                yield args[at]
        case ast.FunctionDef(args=args):
            pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
            yield from (value for each, value in pairs if each.arg == "reason" and value)
            if node.name == "reason_of":
                returned = (each for each in ast.walk(node) if isinstance(each, ast.Return))
                yield from (each.value for each in returned if each.value)
        case _:
            pass

"""What tests of conversions share: run one as the command line does, and look for what was lost."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trace_assets.cli import inputs_of
from trace_assets.enrich import Defaults
from trace_assets.onepass import Input, Outputs, convert


class Conversion(NamedTuple):
    """The outputs of one conversion, decoded."""

    rows: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    context: list[dict[str, Any]]
    ledger: dict[str, Any]
    files: dict[str, bytes]
    """The five files as they were written, by name."""

    @property
    def traces(self) -> list[dict[str, Any]]:
        return [row["trace"] for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        return [row["reason"] for row in self.quarantine]


def converted(
    paths: Sequence[Path], *, format: str | None = None, defaults: Defaults | None = None
) -> Conversion:
    """Convert files and folders under the names that the command line gives them."""
    return convert_inputs(inputs_of(paths), format=format, defaults=defaults)


def converted_bytes(
    content: bytes, *, file: str = "log.json", format: str | None = None
) -> Conversion:
    """Convert one file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        return convert_inputs([Input(path, file)], format=format)


def convert_inputs(
    inputs: Sequence[Input], *, format: str | None = None, defaults: Defaults | None = None
) -> Conversion:
    with tempfile.TemporaryDirectory() as folder:
        outputs = Outputs(Path(folder), "dataset")
        convert(inputs, outputs, format=format, defaults=defaults or Defaults())
        return Conversion(
            _lines(outputs.dataset),
            _lines(outputs.quarantine),
            _lines(outputs.context),
            json.loads(outputs.ledger.read_bytes()),
            {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())},
        )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def is_balanced(ledger: dict[str, Any]) -> bool:
    """Every record stands under exactly one heading, in the whole and in each file."""
    headings = ("converted", "merged", "duplicate", "filtered", "quarantined")
    return all(
        part["records"] == sum(part[name] for name in headings)
        for part in [ledger, *ledger["files"]]
    )


def leaves(value: Any) -> Counter[tuple[str, Any]]:
    """How often each scalar stands in a JSON value, under its kind: 1, 1.0 and true are three."""
    found: Counter[tuple[str, Any]] = Counter()
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as part:
                pending.extend(part.values())
            case list() as part:
                pending.extend(part)
            case scalar:
                found[type(scalar).__name__, scalar] += 1
    return found


def leaves_and_texts(value: Any) -> Counter[tuple[str, Any]]:
    """The scalars of traces, and those inside the texts that hold a call's values as JSON."""
    found = leaves(value)
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as part:
                pending.extend(part.values())
                for key in ("arguments", "output"):
                    found += _inside(part.get(key))
            case list() as part:
                pending.extend(part)
            case _:
                pass
    return found


def _inside(text: Any) -> Counter[tuple[str, Any]]:
    try:
        return leaves(json.loads(text)) if isinstance(text, str) else Counter()
    except ValueError:
        return Counter()


def lost(record: Any, kept: Any, *, implied: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """The scalars of a record that are not kept, or not as often.

    `implied` are texts that the kind of a trace's item or part says instead.
    """
    missing = leaves(record) - leaves_and_texts(kept)
    return [leaf for leaf in missing if leaf not in {("str", text) for text in implied}]

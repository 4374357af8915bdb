"""A test set that somebody curated: used as it is, byte for byte."""

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from trace_assets.errors import ConfigError


class GivenTest(NamedTuple):
    """The test set, whole: it is as small as a person can curate."""

    name: str
    """`test.jsonl` or `test.csv`: the extension decides how the platform reads it."""
    content: bytes
    rows: list[dict[str, Any]]


def load_test(path: Path) -> GivenTest:
    """Read a test set.

    Raises:
        ConfigError: it cannot be read, is not what its extension says, or a row has no question.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    match path.suffix.lower():
        case ".jsonl":
            rows = _json_rows(path, content)
        case ".csv":
            rows = _csv_rows(path, content)
        case other:
            raise ConfigError(f"{path}: extension {other!r}; expected .jsonl or .csv")
    for number, row in enumerate(rows):
        if not isinstance(row.get("question"), str):
            raise ConfigError(f"{path}: row {number}: no text in the column `question`")
    return GivenTest(f"test{path.suffix.lower()}", content, rows)


def _json_rows(path: Path, content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(content.splitlines()):
        if line.strip():
            try:
                rows.append(msgspec.json.decode(line, type=dict[str, Any]))
            except (msgspec.MsgspecError, RecursionError) as error:
                raise ConfigError(f"{path}: line {number + 1}: no JSON object: {error}") from error
    return rows


def _csv_rows(path: Path, content: bytes) -> list[dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), restkey="(more)", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: no CSV: {error}") from error

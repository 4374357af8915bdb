"""What one version of the package reads from a folder of logs, a JSON line per file.

`benchmarks.compare` runs it with a version in PYTHONPATH, old ones included: so it uses the command
line alone.
"""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from trace_assets.cli import main

NAMES = ("rows", "characters", "calls", "outputs", "tokens")


def counts_of(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Rows, characters of text in messages, calls, outputs, and tokens of all rows."""
    items = [item for row in rows for item in row["trace"]["items"]]
    kinds = [item["type"] for item in items]
    return {
        "rows": len(rows),
        "characters": sum(map(_characters, items)),
        "calls": kinds.count("function_call"),
        "outputs": kinds.count("function_call_output"),
        "tokens": sum((row["input_tokens"] or 0) + (row["output_tokens"] or 0) for row in rows),
    }


def _characters(item: dict[str, Any]) -> int:
    parts = item["content"] if item["type"] == "message" else []
    return sum(len((part.get("text") or part.get("refusal") or "").strip()) for part in parts)


def _converted(path: Path) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as out:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["convert", str(path), "--out", out, "--key", "k"])
        dataset = Path(out) / "k.jsonl"
        with dataset.open("rb") as lines:
            return counts_of([json.loads(line) for line in lines])


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        print(json.dumps({"file": file.relative_to(root).as_posix(), **_converted(file)}))

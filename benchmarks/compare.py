"""`make compare BASE=<commit>`: which files of the corpus say less than with an older version.

Characters of text, calls, outputs and tokens are counted per file with both versions. A file of
which one count is smaller is listed; the exit code is 1 then, because each needs a reason.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.counts import NAMES

ROOT = Path(__file__).parent.parent
LOSSES = NAMES[1:]
"""Fewer rows alone are no loss: what one conversation was cut into is one row again."""


def counts(package: Path, corpus: Path) -> dict[str, dict[str, int]]:
    """The counts of each file, with the package in a folder."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "counts.py"), str(corpus)],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return {row.pop("file"): row for row in rows}


def old_package(commit: str, folder: Path) -> None:
    """Put the package of a commit into a folder."""
    archive = subprocess.run(
        ["git", "archive", commit, "trace_assets"], cwd=ROOT, capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)


def main() -> int:
    """Compare, and print each file that lost something, then the sums."""
    commit, corpus = sys.argv[1], Path(os.environ["TRACE_ASSETS_CORPUS"])
    with tempfile.TemporaryDirectory() as folder:
        old_package(commit, Path(folder))
        before = counts(Path(folder), corpus)
    after = counts(ROOT, corpus)
    lost = [
        (file, name, before[file][name], after[file][name])
        for file in before
        for name in LOSSES
        if after[file][name] < before[file][name]
    ]
    for file, name, old, new in lost:
        print(f"{file}: {name} {old:,} -> {new:,}")
    for name in NAMES:
        old, new = (sum(each[name] for each in all_.values()) for all_ in (before, after))
        print(f"{name}: {old:,} -> {new:,}")
    print(f"{len(before):,} files, {len({file for file, *_ in lost}):,} with a smaller count")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())

"""The real command, in a process of its own, and what a test does to it from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
PATIENCE_S = 60

LINE = (
    '{"id": "%s", "task_id": "1", "termination_reason": "x", '
    '"messages": [{"role": "user", "content": "Hi"}]}\n'
)
"""A conversation as tau2-bench logs it."""


def run(
    *arguments: object,
    cwd: Path | None = None,
    stdout: IO[bytes] | int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    path: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(arguments),
        env=_environment(path),
        cwd=cwd,
        stdout=stdout,
        stderr=stderr,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs, leading a group of processes; none of them outlives the block."""
    process = subprocess.Popen(
        _command(arguments),
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)


def workers_of(pid: int) -> list[int]:
    """The processes that a running command has started for its shards."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [child for child in map(int, children.split()) if b"spawn_main" in _command_line(child)]


def is_running(pid: int) -> bool:
    return bool(_command_line(pid))


def eventually(is_so: Callable[[], object]) -> None:
    """Wait until something is so, for a bounded time."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def many_records(path: Path, *, prefix: str = "", count: int = 60_000) -> Path:
    """A log that takes a second or so to convert."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(LINE % f"{prefix}{number}" for number in range(count))
    return path


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _command(arguments: tuple[object, ...]) -> list[str]:
    return [sys.executable, "-m", "trace_assets", *map(str, arguments)]


def _environment(path: Path | None = None) -> dict[str, str]:
    """`path` is a folder of modules that Python finds before all others."""
    paths = [ROOT] if path is None else [path, ROOT]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}

"""Costs of whole processes, as the operating system accounts for them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Cost(NamedTuple):
    """What one process took."""

    cpu_s: float
    peak_mb: float
    wall_s: float


def cost_of(
    command: Sequence[str], *, env: dict[str, str] | None = None, cwd: Path | None = None
) -> Cost:
    """Run a command to its end and account for it and its children.

    Raises:
        subprocess.CalledProcessError: it failed; what it printed is shown.
    """
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
        cwd=cwd,
    ) as process:
        start = os.times().elapsed
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = os.times().elapsed - start
    if process.returncode:
        sys.stderr.buffer.write(output)
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall)


def median_cost(command: Sequence[str], *, runs: int = 3, **options: object) -> Cost:
    """The median CPU time and the highest peak of several runs."""
    costs = [cost_of(command, **options) for _ in range(runs)]  # type: ignore[arg-type] - the options of cost_of
    return Cost(
        median(cost.cpu_s for cost in costs),
        max(cost.peak_mb for cost in costs),
        median(cost.wall_s for cost in costs),
    )

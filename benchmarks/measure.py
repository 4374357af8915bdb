"""Costs of whole processes, as the operating system accounts for them."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Cost(NamedTuple):
    """What one process took."""

    cpu_s: float
    peak_mb: float
    wall_s: float


LAUNCHER = """
import os, sys
answer, *command = sys.argv[1:]
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
with open(int(answer), "w") as pipe:
    cpu = usage.ru_utime + usage.ru_stime
    print(os.waitstatus_to_exitcode(status), cpu, usage.ru_maxrss, file=pipe)
"""
"""Starts a command and accounts for it. A process of its own, because the peak that the system
reports of a process is never below what its parent held when it started it."""


def cost_of(command: Sequence[str], *, cwd: Path | None = None) -> Cost:
    """Run a command to its end and account for it and its children.

    Raises:
        subprocess.CalledProcessError: it failed; what it printed is shown.
    """
    answer, told = os.pipe()
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-I", "-c", LAUNCHER, str(told), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=_environment(),
        pass_fds=[told],
        check=True,
    )
    wall = time.monotonic() - start
    os.close(told)
    status, cpu, peak = os.read(answer, 100).split()
    os.close(answer)
    if int(status):
        sys.stderr.buffer.write(run.stdout)
        raise subprocess.CalledProcessError(int(status), command)
    return Cost(float(cpu), int(peak) / 1024, wall)


def _environment() -> dict[str, str]:
    """As an installed package is run: with its byte code at hand, which is written once."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def median_cost(command: Sequence[str], *, runs: int = 3, cwd: Path | None = None) -> Cost:
    """The median CPU time and the highest peak of several runs."""
    return median_of([cost_of(command, cwd=cwd) for _ in range(runs)])


def median_of(costs: Sequence[Cost]) -> Cost:
    """The median times and the highest peak."""
    return Cost(
        median(cost.cpu_s for cost in costs),
        max(cost.peak_mb for cost in costs),
        median(cost.wall_s for cost in costs),
    )

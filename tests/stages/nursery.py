"""A process that runs stages in children of its own, and ends a child at a step of choice.

    with Nursery() as nursery:
        ended = nursery.run("/places", "raw_logs", kill_at=3)

A step is what changes something outside of the process: a file that is created, renamed or
removed, a request to an S3 server that is no GET. Python tells of each before it is done, so a
child that is killed there is killed between two steps, the same ones each time. To be killed in
the middle of one, a child is told how many bytes a file may have: the kernel ends it at the next.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from tests.stages.chain import BOT, Chain
from trace_assets.drops import Drop
from trace_assets.errors import StoreError


class Ended(NamedTuple):
    """How a child ended."""

    code: int
    """0, or minus the number of the signal that killed it."""
    steps: int
    """How many it made or began."""
    error: str
    """What the stage raised, if it did."""
    retryable: bool


class Nursery:
    """One such process; its commands are lines of JSON."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.stages.nursery"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate(timeout=30)

    def run(self, place: str, stage: str, drop: Drop = BOT, **how: int) -> Ended:
        """Run a stage to its end; `kill_at` is a step, from 0, `most_bytes` those of a file."""
        self.begin(place, stage, drop, **how)
        return self.ended()

    def begin(self, place: str, stage: str, drop: Drop = BOT, **how: int) -> None:
        """Let a child begin, and do not wait."""
        command = {"place": place, "stage": stage, "drop": drop, **how}
        self._stdin.write(json.dumps(command) + "\n")
        self._stdin.flush()

    def ended(self) -> Ended:
        """Wait for the child that was begun first."""
        return Ended(*json.loads(self._stdout.readline()))

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


def main() -> None:
    """Serve until the commands end."""
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            signal.alarm(60)
            _live(json.loads(line), writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as told:
            lines = told.read().splitlines()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        errors = [json.loads(one) for one in lines if one != "step"]
        ended = Ended(code, lines.count("step"), *(errors or [["", False]])[0])
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


def _live(command: dict[str, Any], writer: int) -> None:
    """A child's whole life: `writer` hears of each step, then of the error if there is one."""
    if most_bytes := command.get("most_bytes"):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    chain = Chain.at(command["place"])
    sys.addaudithook(_counting(command.get("kill_at", -1), writer))
    try:
        chain.run(command["stage"], Drop(*command["drop"]))
    except StoreError as error:
        os.write(writer, json.dumps([str(error), error.retryable]).encode() + b"\n")


def _counting(kill_at: int, writer: int) -> Callable[[str, tuple[Any, ...]], None]:
    steps = 0

    def hear(event: str, args: tuple[Any, ...]) -> None:
        nonlocal steps
        if not _is_step(event, args):
            return
        os.write(writer, b"step\n")
        if steps == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    return hear


def _is_step(event: str, args: tuple[Any, ...]) -> bool:
    match event, args:
        case "open", (Path() | str(), _, int(flags)):
            return bool(flags & os.O_CREAT)
        case (("os.rename" | "os.remove"), _):
            return True
        case "http.client.send", (_, bytes(data)):
            return data.startswith((b"PUT ", b"POST ", b"DELETE "))
        case _:
            return False


if __name__ == "__main__":
    main()

"""Run the command line and kill the process before the nth change of a file's name.

python -m tests.killed_at STEP ARGUMENT...
"""

import os
import signal
import sys

from trace_assets.cli import main

CHANGES = frozenset(("os.rename", "os.remove", "os.rmdir", "os.mkdir"))


def run(step: int, arguments: list[str]) -> int:
    left = step

    def count(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event in CHANGES:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
    return main(arguments)


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), sys.argv[2:]))

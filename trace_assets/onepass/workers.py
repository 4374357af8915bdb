"""Where shards run: in spawned processes, one shard after the other in each.

The processes are spawned and not forked, so that none inherits threads, locks or open files; and
they are our own and not a pool of the standard library's, so that one that dies is named with what
it was doing, and all of them end with the block, at once when it is left by an error.
"""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar, cast

from trace_assets.errors import TraceAssetsError

Task = TypeVar("Task")
Result = TypeVar("Result")
Report = Callable[[int], object]
Job = Callable[[Task, Report], Result]
"""What a worker does with a task; it may report how many bytes are done. Found by its name in its
module, and its task and result pass between processes by pickle."""

_PATIENCE_S = 5


class WorkerError(TraceAssetsError):
    """A worker failed or died; the message says at what."""


class Workers(Generic[Task, Result]):
    """Up to `count` processes that run one job; none is started before there is a task for it."""

    def __init__(self, job: Job[Task, Result], count: int) -> None:
        self._job = job
        self._count = count
        self._all: list[_Worker] = []

    def __enter__(self) -> "Workers[Task, Result]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        for worker in self._all:
            worker.end(at_once=kind is not None)
        for worker in self._all:
            worker.wait()

    def run(self, tasks: Iterable[Task], report: Report) -> Iterator[tuple[Task, Result]]:
        """Yield each task with its result, as they are done.

        A task is taken when a worker is free for it; so a later one can depend on what came out of
        those before it.

        Raises:
            WorkerError: a worker died, or an error of ours ended its task.
            OSError: a worker's task met it.
        """
        pending = iter(tasks)
        idle = list(self._all)
        busy: dict[Connection, tuple[_Worker, Task]] = {}
        while True:
            while len(busy) < self._count and (task := next(pending, None)) is not None:
                worker = idle.pop() if idle else self._start()
                worker.give(task)
                busy[worker.connection] = worker, task
            if not busy:
                return
            for connection in cast("list[Connection]", wait(list(busy))):
                worker, task = busy[connection]
                kind, value = worker.hear(about=task)
                if kind == _PROGRESS:
                    report(value)
                    continue
                del busy[connection]
                idle.append(worker)
                yield task, value

    def _start(self) -> "_Worker":
        worker = _Worker(self._job)
        self._all.append(worker)
        return worker


_PROGRESS, _DONE, _FAILED = "progress", "done", "failed"


class _Worker:
    """One process, and this side's end of the pipe to it."""

    def __init__(self, job: Job[Any, Any]) -> None:
        spawned = get_context("spawn")
        self.connection, far_end = spawned.Pipe()
        self._process: BaseProcess = spawned.Process(target=_serve, args=(job, far_end))
        with _born_uninterrupted():
            self._process.start()
        far_end.close()  # with no other holder left, its end of file says that the process died

    def give(self, task: object) -> None:
        try:
            self.connection.send(task)
        except OSError:
            self._say_died(task)

    def hear(self, *, about: object) -> tuple[str, Any]:
        try:
            kind, value = self.connection.recv()
        except (EOFError, OSError):
            self._say_died(about)
        if kind == _FAILED:
            raise value
        return kind, value

    def _say_died(self, task: object) -> NoReturn:
        self._process.join(_PATIENCE_S)
        code = self._process.exitcode
        how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
        raise WorkerError(
            f"a worker process died {how} at {task}; nothing was written. Signal 9 is often the "
            "system's, for want of memory: try fewer --workers"
        )

    def end(self, *, at_once: bool) -> None:
        self.connection.close()
        if at_once:
            self._process.terminate()

    def wait(self) -> None:
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


@contextmanager
def _born_uninterrupted() -> Iterator[None]:
    """Start a process that no Ctrl-C reaches before it can say that it wants none."""
    # Its own start would take the block off, once.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(job: Job[Any, Any], connection: Connection) -> None:
    """Run tasks until the other end is closed."""
    # Ctrl-C reaches every process of a terminal; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def report(size: int) -> None:
        _send(connection, _PROGRESS, size)

    while True:
        try:
            task = connection.recv()
        except (EOFError, ConnectionError):
            return
        try:
            result = job(task, report)
        except OSError as error:
            _send(connection, _FAILED, error)
        except TraceAssetsError as error:
            # Some of these cannot be made again from their message; the message is what counts.
            _send(connection, _FAILED, WorkerError(str(error)))
        else:
            _send(connection, _DONE, result)


def _send(connection: Connection, kind: str, value: object) -> None:
    try:
        connection.send((kind, value))
    except ConnectionError:
        raise SystemExit(0) from None  # the parent is gone, and nobody waits for the result

"""Doing jobs that cost, several at a time, in order and under a ceiling.

The ceiling is on all that the results rest on, paid now or by an earlier run: what is over it does
not depend on what the cache holds, and runs that crash cannot pay it again and again. A job is
begun if the ones before it and the most that it can cost stay under the ceiling. That is the same
decision as one job at a time would make: while jobs are under way, the most that they can cost
counts, and a job that does not fit waits until it is known what they did cost.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, NamedTuple, TypeVar

from trace_assets.training.teacher import Asked, Cost, Teacher

S = TypeVar("S")
R = TypeVar("R")


class Job(NamedTuple, Generic[S, R]):
    """Something to do that costs."""

    subject: S
    most: Cost
    """The most that it can cost."""
    run: Callable[[], tuple[R, Sequence[Asked]]]
    """Does it: the result, and the answers that it rests on."""


class Done(NamedTuple, Generic[S, R]):
    """What became of a job."""

    subject: S
    result: R | None
    """None where the ceiling did not let it begin."""
    cost: Cost
    """What it added to the sum: a request that comes again adds nothing."""


class Spending:
    """What was spent, against the ceiling."""

    def __init__(self, teacher: Teacher) -> None:
        self._ceiling = teacher.endpoint
        self._counted: set[str] = set()
        self._spent = Cost()

    def count(self, asked: Sequence[Asked]) -> Cost:
        """Add what answers cost; what is new of it."""
        new = Cost()
        for each in asked:
            if each.key not in self._counted:
                self._counted.add(each.key)
                new = new.plus(each.cost)
        self._spent = self._spent.plus(new)
        return new

    def allows(self, more: Cost) -> bool:
        """Whether the sum stays under the ceiling with so much more."""
        total = self._spent.plus(more)
        tokens, usd = self._ceiling.max_tokens, self._ceiling.max_usd
        return (tokens is None or total.tokens <= tokens) and (usd is None or total.usd <= usd)


def in_order(jobs: Iterable[Job[S, R]], teacher: Teacher) -> Generator[Done[S, R], None, None]:
    """Do jobs, as many at a time as the endpoint allows; results in the order of the jobs.

    Once a job does not fit under the ceiling, none behind it is begun either. Jobs are taken from
    the iterable as they are needed, so that there may be any number.
    """
    at_a_time = teacher.endpoint.concurrency
    pool = ThreadPoolExecutor(at_a_time, thread_name_prefix="teacher")
    try:
        yield from _in_order(jobs, Spending(teacher), pool, ahead=2 * at_a_time)
    except BaseException:
        teacher.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    jobs: Iterable[Job[S, R]], spending: Spending, pool: ThreadPoolExecutor, *, ahead: int
) -> Iterator[Done[S, R]]:
    under_way: deque[_UnderWay[S, R]] = deque()
    is_reached = False
    for job in jobs:
        while under_way and (len(under_way) >= ahead or not _fits(job, under_way, spending)):
            yield _done(under_way.popleft(), spending)
        is_reached = is_reached or not _fits(job, under_way, spending)
        if is_reached:
            yield Done(job.subject, None, Cost())
        else:
            under_way.append(_UnderWay(job, pool.submit(job.run)))
    while under_way:
        yield _done(under_way.popleft(), spending)


class _UnderWay(NamedTuple, Generic[S, R]):
    job: Job[S, R]
    future: Future[tuple[R, Sequence[Asked]]]


def _fits(job: Job[S, R], under_way: Iterable[_UnderWay[S, R]], spending: Spending) -> bool:
    most = job.most
    for each in under_way:
        most = most.plus(each.job.most)
    return spending.allows(most)


def _done(first: _UnderWay[S, R], spending: Spending) -> Done[S, R]:
    result, asked = first.future.result()
    return Done(first.job.subject, result, spending.count(asked))

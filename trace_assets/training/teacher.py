"""Asking teachers: first the cache, then the endpoint, and never twice for the same."""

from concurrent.futures import Future
from threading import Lock
from typing import NamedTuple, Self

from trace_assets.training.cache import Answer, AnswerCache
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.request import Request
from trace_assets.training.sending import Failure, Sender


class Cost(NamedTuple):
    """What requests cost."""

    tokens: int = 0
    usd: float = 0.0
    """0 where no price is known: then there is no ceiling in dollars either."""

    def plus(self, other: "Cost") -> "Cost":
        """Both together."""
        return Cost(self.tokens + other.tokens, self.usd + other.usd)


class Asked(NamedTuple):
    """An answer, or why there is none, with what it cost whoever asked first."""

    key: str
    answer: Answer | Failure
    cost: Cost


class Teacher:
    """The models behind an endpoint. Threads may share it; close it."""

    def __init__(self, endpoint: Endpoint, cache: AnswerCache) -> None:
        self.endpoint = endpoint
        self._cache = cache
        self._sender: Sender | None = None
        self._lock = Lock()
        self._on_their_way: dict[str, Future[Answer | Failure]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sender:
            self._sender.close()

    def stop(self) -> None:
        """Let requests that wait for their turn fail at once."""
        if self._sender:
            self._sender.stop()

    def request(self, model: str, instruction: str, question: str) -> Request:
        """A request as long as the endpoint's limit allows."""
        return Request(model, instruction, question, self.endpoint.answer_tokens)

    def ask(self, request: Request) -> Asked:
        """The answer to a request; it is on the disk when this returns.

        Raises:
            TeacherError: the endpoint cannot be used.
            StoreError: the cache cannot be read or written.
        """
        key = request.key()
        with self._lock:
            future = self._on_their_way.get(key)
            is_first = future is None
            if future is None:
                future = self._on_their_way[key] = Future()
        if is_first:
            self._answer(request, key, future)
        answer = future.result()
        cost = Cost() if isinstance(answer, Failure) else self.cost(request, answer)
        return Asked(key, answer, cost)

    def cost(self, request: Request, answer: Answer) -> Cost:
        """What an answer cost; where the endpoint does not say, the most it can have cost."""
        given, most = (answer.input_tokens, answer.output_tokens), self.most(request)
        if given[0] is None or given[1] is None:
            return most
        usd = self.endpoint.usd(request.model, given[0], given[1])
        return Cost(given[0] + given[1], usd or 0.0)

    def most(self, request: Request, more_input: int = 0) -> Cost:
        """The most that a request can cost, with `more_input` tokens in its question."""
        input_tokens = request.most_input_tokens() + more_input
        usd = self.endpoint.usd(request.model, input_tokens, request.answer_tokens)
        return Cost(input_tokens + request.answer_tokens, usd or 0.0)

    def _answer(self, request: Request, key: str, future: "Future[Answer | Failure]") -> None:
        try:
            answer = self._cache.find(key)
            if answer is None:
                answer = self._send(request, key)
            future.set_result(answer)
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._on_their_way[key]

    def _send(self, request: Request, key: str) -> Answer | Failure:
        with self._lock:
            # Made with the first request: a run that finds all in the cache needs no client.
            sender = self._sender = self._sender or Sender(self.endpoint)
        answer = sender.send(request)
        if isinstance(answer, Answer):
            self._cache.add(key, answer)
        return answer

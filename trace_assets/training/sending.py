"""Requests to an OpenAI-compatible endpoint, sent again as long as that may help.

Sent again: what the endpoint says is temporary (408, 409, 429, 5xx), broken connections, answers
that are no chat completion. When it says how long to wait, all threads wait, not only the one that
was told. A request that it refuses for what it says (400, 413, 422) is a failure of this request
alone; a wrong key or an unknown model stops the run, and so do many failures in a row.
"""

import time
from collections.abc import Callable
from math import isfinite
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from trace_assets.errors import ConfigError, TeacherError
from trace_assets.training.cache import Answer
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.request import Request

if TYPE_CHECKING:
    from openai import OpenAI

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
_LONGEST_ASKED_WAIT_S = 600.0  # a server that asks for more has a quota of days, not a busy minute
_FAILURES_IN_A_ROW = 10
_REFUSED = (400, 413, 422)


class Failure(NamedTuple):
    """Why a request has no answer."""

    why: str


class _Temporary(NamedTuple):
    why: str
    wait_s: float | None
    """How long the endpoint wants us to wait, if it says so."""


class Sender:
    """Sends requests; threads may share it. Close it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = _client(endpoint)
        self._pause = _Pause()
        self._lock = Lock()
        self._failures = 0
        self._ended: TeacherError | None = None

    def close(self) -> None:
        """Wake those that wait, and close the connections; a request on its way is let finish."""
        self._pause.stop()
        self._client.close()

    def stop(self) -> None:
        """Let nobody wait any longer: they fail at once."""
        self._pause.stop()

    def send(self, request: Request) -> Answer | Failure:
        """The answer to a request, or why there is none.

        Raises:
            TeacherError: the endpoint, not this request, is the problem.
        """
        result = self._tried(request)
        with self._lock:
            self._failures = self._failures + 1 if isinstance(result, Failure) else 0
            failures = self._failures
        if isinstance(result, Failure) and failures >= _FAILURES_IN_A_ROW:
            raise self._end(
                f"{failures} requests in a row had no answer, the last one to {request.model}: "
                f"{result.why}",
                retryable=True,
            )
        return result

    def _tried(self, request: Request) -> Answer | Failure:
        tries = self._endpoint.tries
        why = ""
        for number in range(tries):
            self._wait_turn()
            match self._once(request):
                case _Temporary(why, asked_s):
                    if number + 1 < tries:
                        self._wait(number, asked_s)
                case result:
                    return result
        return Failure(f"{why}, after {tries} tries")

    def _wait(self, number: int, asked_s: float | None) -> None:
        if asked_s is not None:
            self._pause.everybody(min(asked_s, _LONGEST_ASKED_WAIT_S))
        else:
            self._pause.alone(min(_FIRST_WAIT_S * 2**number, _LONGEST_WAIT_S))

    def _wait_turn(self) -> None:
        if self._pause.is_stopped_after_waiting():
            raise self._end("the run was stopped", retryable=True)

    def _once(self, request: Request) -> Answer | Failure | _Temporary:
        import openai  # loaded with the first endpoint: it takes a third of a second

        try:
            response = self._client.chat.completions.with_raw_response.create(**request.body())
        except openai.APIStatusError as error:
            return self._of_status(request, error.status_code, error.response.headers)
        except openai.APITimeoutError:
            return _Temporary(f"no answer within {self._endpoint.timeout_s:g} s", None)
        except openai.APIConnectionError as error:
            return _Temporary(f"no connection ({type(error.__cause__).__name__})", None)
        return _answer(response.content)

    def _of_status(
        self, request: Request, status: int, headers: Any
    ) -> Answer | Failure | _Temporary:
        # Only the status: what a server writes about a request may hold its key.
        why = f"HTTP {status}"
        if status in (408, 409, 429) or status >= 500:
            return _Temporary(why, _asked_wait(headers.get))
        if status in _REFUSED:
            return Failure(why)
        hint = {401: "the key", 403: "the key", 404: "the address or the model"}.get(status)
        wrong = f": it does not know {hint}" if hint else ""
        raise self._end(f"{why} for {request.model}{wrong}", retryable=False)

    def _end(self, found: str, *, retryable: bool) -> TeacherError:
        """The error that ends the run: the first one, in whichever thread it is raised."""
        with self._lock:
            if self._ended is None:
                text = f"{self._endpoint.url}: {found}"
                self._ended = TeacherError(text, retryable=retryable)
        self._pause.stop()
        return self._ended


class _Pause:
    """Waiting that can be ended from another thread."""

    def __init__(self) -> None:
        self._stopped = Event()
        self._lock = Lock()
        self._until = 0.0

    def stop(self) -> None:
        self._stopped.set()

    def alone(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def everybody(self, seconds: float) -> None:
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def is_stopped_after_waiting(self) -> bool:
        while not self._stopped.is_set() and (left := self._until - time.monotonic()) > 0:
            self._stopped.wait(left)
        return self._stopped.is_set()


def _client(endpoint: Endpoint) -> "OpenAI":
    try:
        from openai import OpenAI
    except ImportError as error:
        raise ConfigError(
            "TRACE_ASSETS_TEACHER_URL: asking teachers needs the package openai; install "
            "trace-assets[teacher]"
        ) from error
    client = OpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key.get_secret_value() or "none",
        timeout=endpoint.timeout_s,
        max_retries=0,
    )
    # It takes them from the environment, where they are meant for another endpoint.
    client.organization = client.project = None
    return client


def _asked_wait(header: Callable[[str], str | None]) -> float | None:
    """The seconds of a Retry-After; None where there is none, or it is a date.

    >>> _asked_wait({"retry-after": "1.5"}.get), _asked_wait({"retry-after": "Fri, 1 May"}.get)
    (1.5, None)
    """
    try:
        seconds = float(header("retry-after") or "nan")
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds > 0 else None


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


def _answer(body: bytes) -> Answer | _Temporary:
    try:
        completion = msgspec.json.decode(body, type=_Completion)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _Temporary(f"no chat completion: {error}", None)
    if not completion.choices:
        return _Temporary("no chat completion: no choices", None)
    choice, usage = completion.choices[0], completion.usage or _Usage()
    return Answer(
        text=choice.message.content or "",
        is_cut=choice.finish_reason == "length",
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
    )

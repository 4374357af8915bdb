"""Telemetry events of coding agents: log records that describe a session without spans.

Source: https://code.claude.com/docs/en/monitoring-usage (`claude_code.*`),
https://developers.openai.com/codex/config-advanced (`codex.*`) and
https://google-gemini.github.io/gemini-cli/docs/cli/telemetry (`gemini_cli.*`).
A prompt, a request of the model and a result of a tool are one event each. Each request becomes a
model call that is given the prompts so far; a response is joined to its request by `request_id`.
All other events stay events of the session. Contents are only there if the user turned them on.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.formats.otlp.content import is_placeholder
from trace_assets.formats.otlp.neutral import Happened, Log, Raw
from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import Time

PROMPTS = frozenset(("claude_code.user_prompt", "codex.user_prompt", "gemini_cli.user_prompt"))
REQUESTS = frozenset(
    (
        "claude_code.api_request",
        "claude_code.api_error",
        "gemini_cli.api_response",
        "gemini_cli.api_error",
    )
)
STREAMS = frozenset(("codex.sse_event", "codex.websocket_event"))
"""Events of a response's stream. The one of the kind `response.completed` has the tokens."""
RESPONSES = frozenset(("claude_code.assistant_response",))
TOOLS = frozenset(("claude_code.tool_result", "codex.tool_result", "gemini_cli.tool_call"))

_NAMESPACES = ("claude_code.", "codex.", "gemini_cli.")
_ROOT = "session"
_TOOL_NAMES = ("tool_name", "function_name", "tool")
_CALL_IDS = ("tool_use_id", "call_id")
_ARGUMENTS = ("tool_input", "arguments", "function_args", "tool_parameters")
_RESULTS = ("output", "tool_result", "result")
_ERRORS = ("error", "error_message", "error.message", "error_type", "error.type")
_FAILED = frozenset(("false", "False", "0"))


def name_of(event: Happened) -> str:
    """The full name of a telemetry event; "" for any other log record.

    Claude Code writes it as the body, and the name without the namespace as an attribute.
    """
    for name in (event.name, event.attributes.get("body")):
        if isinstance(name, str) and name.startswith(_NAMESPACES):
            return name
    return ""


def is_session(logs: Sequence[Log]) -> bool:
    """True if log records are the events of a session."""
    return any(name_of(log.what) for log in logs)


class Session(NamedTuple):
    """A session as spans."""

    spans: list[Raw]
    has_content: bool
    """True if there is a prompt, a response or a tool call."""


def session(logs: Sequence[Log]) -> Session:
    """The events of one session as a span for the session, each call and each tool."""
    events = sorted((log.what for log in logs), key=_order)
    builder = _Builder(logs[0])
    for event in events:
        builder.add(event)
    return builder.session()


def _order(event: Happened) -> tuple[int, int]:
    time = event.time if isinstance(event.time, int) else 0
    return time, _number(event.attributes.get("event.sequence")) or 0


class _Builder:
    """Makes spans of events in their order."""

    def __init__(self, first: Log) -> None:
        self.first = first
        self.times: list[Time] = []
        self.others: list[Happened] = []
        self.spans: list[Raw] = []
        self.prompts: list[Any] = []
        self.is_waiting = False
        """True if no model call was given the last prompt yet."""
        self.requests: dict[str, int] = {}
        """The places of model calls by the id of the request."""
        self.has_content = False

    def add(self, event: Happened) -> None:
        self.times.append(event.time)
        name = name_of(event)
        kind = event.attributes.get("event.kind")
        if name in PROMPTS:
            self._prompt(event)
        elif name in REQUESTS or (name in STREAMS and kind == "response.completed"):
            self._request(event)
        elif name in RESPONSES:
            self._response(event)
        elif name in TOOLS:
            self._tool(event)
        else:
            self.others.append(event)

    def session(self) -> Session:
        if self.is_waiting:
            self._call({}, Happened("prompt", self.times[-1], {}))
        known = [time for time in self.times if time is not None]
        start, end = (known[0], known[-1]) if known else (None, None)
        root = self._span(_ROOT, _ROOT, {}, _Times(start, end), events=self.others)
        return Session([root._replace(parent_id=""), *self.spans], self.has_content)

    def _prompt(self, event: Happened) -> None:
        given = dict(event.attributes)
        prompt = given.pop("prompt", None)
        if not isinstance(prompt, str) or not prompt or is_placeholder(prompt):
            self.others.append(event)
            return
        self.has_content = self.is_waiting = True
        self.prompts.append({"role": "user", "content": prompt})
        self.others.append(event._replace(attributes=given))

    def _request(self, event: Happened) -> None:
        self._call(_with_counts(event.attributes), event)
        request = event.attributes.get("request_id")
        if isinstance(request, str) and request:
            self.requests.setdefault(request, len(self.spans) - 1)

    def _call(self, attributes: Attributes, event: Happened) -> None:
        self.is_waiting = False
        given = {"gen_ai.input.messages": [*self.prompts]} if self.prompts else {}
        attributes |= {"gen_ai.operation.name": "chat", **given}
        self.spans.append(self._span("", event.name, attributes, _times(event), _error(event)))

    def _response(self, event: Happened) -> None:
        given = dict(event.attributes)
        response = given.pop("response", None)
        if not isinstance(response, str) or not response or is_placeholder(response):
            self.others.append(event)
            return
        self.has_content = True
        answer = {"gen_ai.output.messages": [{"role": "assistant", "content": response}]}
        place = self.requests.get(given.get("request_id", ""), -1)
        if place < 0 or "gen_ai.output.messages" in self.spans[place].attributes:
            self._call({**given, **answer}, event)
            return
        call = self.spans[place]
        self.spans[place] = call._replace(attributes={**call.attributes, **answer})
        self.others.append(event._replace(attributes=given))

    def _tool(self, event: Happened) -> None:
        self.has_content = True
        given = dict(event.attributes)
        own = {
            "gen_ai.tool.name": _taken(given, _TOOL_NAMES),
            "gen_ai.tool.call.id": _taken(given, _CALL_IDS),
            "gen_ai.tool.call.arguments": _taken(given, _ARGUMENTS),
            "gen_ai.tool.call.result": _taken(given, _RESULTS),
        }
        known = {key: value for key, value in own.items() if value is not None}
        attributes = {**given, **known, "gen_ai.operation.name": "execute_tool"}
        self.spans.append(self._span("", event.name, attributes, _times(event), _error(event)))

    def _span(
        self,
        own: str,
        name: str,
        attributes: Attributes,
        times: "_Times",
        error: str | None = None,
        *,
        events: Sequence[Happened] = (),
    ) -> Raw:
        return Raw(
            trace_id=self.first.trace_id,
            id=own or f"{_ROOT}:{len(self.spans)}",
            parent_id=_ROOT,
            name=name,
            start=times.start,
            end=times.end,
            attributes=attributes,
            events=[*events],
            error=error,
            rest={},
            resource=self.first.resource,
        )


class _Times(NamedTuple):
    start: Time
    end: Time


def _times(event: Happened) -> _Times:
    """When a call began and ended: the event is written at the end."""
    length = _number(event.attributes.get("duration_ms"))
    if isinstance(event.time, int) and length is not None:
        return _Times(event.time - length * 10**6, event.time)
    return _Times(event.time, event.time)


def _with_counts(given: Attributes) -> Attributes:
    """Attributes with the numbers of tokens as numbers: these agents write them as text."""
    numbers = {
        key: number
        for key, value in given.items()
        if key.endswith(_COUNTS) and (number := _number(value)) is not None
    }
    return {**given, **numbers}


_COUNTS = ("_tokens", "_token_count")


def _number(value: Any) -> int | None:
    """A whole number, which these agents also write as text."""
    match value:
        case bool():
            return None
        case int():
            return value
        case str() if value.isascii() and value.isdecimal() and len(value) < 20:
            return int(value)
        case _:
            return None


def _error(event: Happened) -> str | None:
    """Why a call failed; None if it did not."""
    given = event.attributes
    has_failed = str(given.get("success", "")) in _FAILED or name_of(event).endswith("api_error")
    if not has_failed:
        return None
    found = (given[key] for key in _ERRORS if isinstance(given.get(key), str) and given[key])
    return next(found, "")


def _taken(given: Attributes, keys: Sequence[str]) -> Any:
    """Take out the first value that is there and recorded."""
    for key in keys:
        if given.get(key) not in (None, "") and not is_placeholder(given[key]):
            return given.pop(key)
    return None

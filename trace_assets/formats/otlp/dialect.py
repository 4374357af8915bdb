"""What a dialect of attributes is: the words that one family of instrumentations uses."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes


class Talk(NamedTuple):
    """What was said in a span; None where its attributes do not tell."""

    inputs: list[Any] | None = None
    """Messages in any dialect of `chat`, or pieces of these."""
    outputs: list[Any] | None = None

    def __bool__(self) -> bool:
        return bool(self.inputs or self.outputs)


class Ran(NamedTuple):
    """What a tool was given and returned; None where the attributes do not tell."""

    name: str | None = None
    call_id: Any = None
    arguments: Any = None
    result: Any = None


def _no_kind(_: Attributes) -> Kind | None:
    return None


def _no_talk(_: Attributes) -> Talk:
    return Talk()


def _no_tools(_: Attributes) -> list[Any]:
    return []


def _nothing_ran(_: Attributes) -> Ran:
    return Ran()


def _no_agent(_: Attributes) -> str | None:
    return None


def _no_error(_: Attributes) -> str | None:
    return None


def _no_usage(_: Attributes) -> dict[str, Any]:
    return {}


class Dialect(NamedTuple):
    """One dialect. Its functions take what they know out of the attributes; the rest stays."""

    roots: Sequence[str]
    """What the names of its attributes begin with, up to the first dot."""
    kind: Callable[[Attributes], Kind | None] = _no_kind
    """What a span says that it is."""
    guess: Callable[[Attributes], Kind | None] = _no_kind
    """Guess the kind of a span by its attributes, if no dialect names the kind."""
    models: Sequence[str] = ()
    """The attributes that name the model, the most certain one first."""
    settings: Sequence[str] = ()
    """The attributes whose value is an object that may name the model."""
    agent: Callable[[Attributes], str | None] = _no_agent
    """Whose work a span is."""
    usage: Callable[[Attributes], dict[str, Any]] = _no_usage
    tools: Callable[[Attributes], list[Any]] = _no_tools
    """The definitions of the tools on offer."""
    talk: Callable[[Attributes], Talk] = _no_talk
    """What a model was given and made."""
    around: Callable[[Attributes], Talk] = _no_talk
    """What went into and came out of something around calls of models: an agent, a chain."""
    ran: Callable[[Attributes], Ran] = _nothing_ran
    error: Callable[[Attributes], str | None] = _no_error
    """Why a model or a tool failed, where the status of the span does not say it."""


def counts(left: Attributes, prefix: str) -> dict[str, Any]:
    """Take out what was used, under the names behind a prefix; nulls stay."""
    found = [key for key in left if key.startswith(prefix) and left[key] is not None]
    return {key.removeprefix(prefix): left.pop(key) for key in found}


def named(*keys: str) -> Callable[[Attributes], str | None]:
    """What finds the first text among attributes."""
    return lambda left: text(left, *keys)


def text(left: Attributes, *keys: str) -> str | None:
    """The first text among attributes; it stays there."""
    for key in keys:
        if isinstance(found := left.get(key), str) and found:
            return found
    return None


def take(left: Attributes, *keys: str) -> Any:
    """Take the first of several attributes that is there and not null."""
    for key in keys:
        if left.get(key) is not None:
            return left.pop(key)
    return None

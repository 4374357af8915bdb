"""What each model call of a sample was given: written out, or by its place in a pool."""

from itertools import accumulate
from typing import Any, NamedTuple, cast

from trace_assets import chat
from trace_assets.formats.inspect_ai import messages
from trace_assets.trace import build

MOST_BYTES = 16 << 20
"""How much all contexts of a sample may come to, written out: a pool holds each message once, and a
trace every context whole."""

_ITEM_BYTES = 100
"""What an item has at the least, beside what its message says."""


class Pool:
    """The messages that a sample holds once for all of its model calls."""

    def __init__(self, given: Any, *, most_bytes: int = MOST_BYTES) -> None:
        self.messages = cast("list[Any]", given) if isinstance(given, list) else []
        self._pieces: dict[int, Any] = {}
        self._ends: list[int] | None = None
        self._left = most_bytes
        self.used: set[int] = set()
        """The places of the messages that contexts were made of."""

    def context(self, refs: Any) -> list[Any] | None:
        """The messages of some ranges; None where they are none, or more than may be written out.

        Each message is the list of its pieces where it is known, as `spans` takes it.
        """
        if not isinstance(refs, list):
            return None
        ranges = [_range(ref, len(self.messages)) for ref in cast("list[Any]", refs)]
        known = [found for found in ranges if found is not None]
        size = sum(map(self._bytes_of, known))
        if len(known) < len(ranges) or size > self._left:
            return None
        self._left -= size
        places = [place for found in known for place in found]
        self.used.update(places)
        return [self._read(place) for place in places]

    def _bytes_of(self, found: range) -> int:
        if self._ends is None:
            sizes = (_ITEM_BYTES + len(build.encode(message)) for message in self.messages)
            self._ends = [0, *accumulate(sizes)]
        return self._ends[found.stop] - self._ends[found.start]

    def _read(self, place: int) -> Any:
        if place not in self._pieces:
            self._pieces[place] = read(self.messages[place])
        return self._pieces[place]


def read(message: Any) -> Any:
    """The pieces of a message; itself where it is none, for `spans` to keep."""
    try:
        return messages.pieces(message, "")
    except chat.UnknownMessageError:
        return message


def _range(ref: Any, size: int) -> range | None:
    match ref:
        case [int(start), int(end)] if 0 <= start <= end <= size:
            return range(start, end)
        case _:
            return None


class Answer(NamedTuple):
    """What a model made, out of the `output` of its event."""

    messages: list[Any]
    usage: dict[str, Any] | None
    rest: dict[str, Any]


def answer(output: Any) -> Answer:
    """Open an output; `completion` is left out where it repeats the first choice."""
    match output:
        case {**rest}:
            pass
        case _:
            return Answer([], None, {} if output is None else {"output": output})
    match rest:
        case {"choices": [*choices]}:
            del rest["choices"]
        case _:
            choices = []
    if "completion" in rest and rest["completion"] == _said_first(choices):
        del rest["completion"]
    usage = rest.pop("usage") if isinstance(rest.get("usage"), dict) else None
    found = [_choice(choice) for choice in choices]
    return Answer(found, usage, {"output": rest} if rest else {})


def _said_first(choices: list[Any]) -> str | None:
    match choices:
        case [{"message": message}, *_]:
            return messages.text_of(message)
        case _:
            return ""


def _choice(choice: Any) -> Any:
    match choice:
        case {"message": {"role": _} as message, **around}:
            return {**around, "message": messages.translated(message)}
        case _:
            return choice

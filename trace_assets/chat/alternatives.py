"""Several answers to one request: the choices of a request with `n`, or Gemini's candidates.

Only one of them continues the conversation. The first one is the answer; the others are kept beside
it. Some servers write one answer as several choices, one for each block: then not all have a text.
"""

from collections.abc import Sequence
from typing import Any

OTHERS = "other_choices"
"""The key under which the other answers are kept."""

_REASONS = frozenset(("stop", "length", "content_filter", "tool_calls", "function_call"))


def alternatives(choices: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """Separate the answer from the other ones. Parts of one answer stay together.

    >>> alternatives([{"text": "A."}, {"text": "B."}])
    ([{'text': 'A.'}], {'other_choices': [{'text': 'B.'}]})
    >>> alternatives([{"message": {"content": "A."}}, {"message": {"tool_calls": []}}])[1]
    {}
    """
    if len(choices) > 1 and all(_is_finished(each) and _has_text(each) for each in choices):
        return choices[:1], {OTHERS: [*choices[1:]]}
    return choices, {}


def _is_finished(choice: Any) -> bool:
    match choice:
        case {"finish_reason": str(reason)} | {"finishReason": str(reason)}:
            return reason.lower() in _REASONS
        case _:
            return True


def _has_text(choice: Any) -> bool:
    match choice:
        case {"text": str(text)} | {"message": {"content": str(text)}}:
            return bool(text)
        case {"message": {"content": [*parts]}} | {"content": {"parts": [*parts]}}:
            return any(map(_is_text, parts))
        case _:
            return False


def _is_text(part: Any) -> bool:
    match part:
        case {"text": str(text), **rest} if not rest.get("thought"):
            return bool(text)
        case _:
            return False

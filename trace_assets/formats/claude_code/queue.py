"""Messages that the user queued while the model worked, and that only the queue's lines have."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.formats.claude_code.lines import Line

_ABSORBED = "absorbed_mid_turn"


class _Removed(NamedTuple):
    """A message that left the queue in the middle of a turn."""

    place: int
    queued: int
    """The place at which it was queued; that of its removal if that is not in the file."""
    content: Any
    is_absorbed: bool
    """Whether the log says that the model was given it. Before 2.1.246 the log does not say."""


class _Copy(NamedTuple):
    """A line that has the text of a queued message, too."""

    place: int
    is_attachment: bool


def mark_queued(lines: Sequence[Line]) -> None:
    """Mark each line at which the model absorbed a message that no other line has.

    A message that an attachment or a line of the user has as well is no second message.
    """
    queues: dict[tuple[str, str], _Queue] = {}
    for place, line in enumerate(lines):
        if line.value.get("type") == "queue-operation":
            queues.setdefault((line.file, line.session), _Queue()).apply(line, place)
    if not any(queue.removed for queue in queues.values()):
        return
    copies = _copies(lines)
    answers = [n for n, line in enumerate(lines) if line.value.get("type") == "assistant"]
    for removed in sorted(each for queue in queues.values() for each in queue.removed):
        line = lines[removed.place]
        copy = _copy_of(removed, copies.get((line.file, _text(removed.content)), []), answers)
        if copy is not None:
            copies[line.file, _text(removed.content)].remove(copy)
        elif removed.is_absorbed:
            line.queued, line.is_message = removed.content, True
        else:
            line.is_uncertain = True


class _Queue:
    """The queue of one session."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Any]] = []
        self.removed: list[_Removed] = []

    def apply(self, line: Line, place: int) -> None:
        match line.value:
            case {"operation": "enqueue", "content": content} if _text(content):
                self.waiting.append((place, content))
            case {"operation": "dequeue"}:
                self._take(line.value.get("content"))
            case {"operation": "popAll"}:
                self.waiting.clear()
            case {"operation": "remove"}:
                self._remove(line, place)
            case _:
                pass

    def _take(self, content: Any) -> tuple[int, Any] | None:
        """Take a message out: the first with this text, or the first of all."""
        text = _text(content)
        for number, (_, waiting) in enumerate(self.waiting):
            if not text or _text(waiting) == text:
                return self.waiting.pop(number)
        return None

    def _remove(self, line: Line, place: int) -> None:
        content = line.value.get("content")
        queued, waiting = self._take(content) or (place, content)
        reason = line.value.get("reason")
        if _text(waiting) and (reason == _ABSORBED or reason is None):
            self.removed.append(_Removed(place, queued, waiting, reason == _ABSORBED))


def _copies(lines: Sequence[Line]) -> dict[tuple[str, str], list[_Copy]]:
    """By file and text: the attachments and the lines of the user that have the text."""
    found: dict[tuple[str, str], list[_Copy]] = {}
    for place, line in enumerate(lines):
        match line.value:
            case {"type": "attachment", "attachment": {"type": "queued_command", "prompt": said}}:
                copy = _Copy(place, True)
            case {"type": "user", "message": {"content": said}} if not line.answers:
                copy = _Copy(place, False)
            case _:
                continue
        found.setdefault((line.file, _text(said)), []).append(copy)
    return found


def _copy_of(removed: _Removed, copies: Sequence[_Copy], answers: Sequence[int]) -> _Copy | None:
    """The line that has a removed message, too.

    What the user says in the same words after the next answer is another message.
    """
    after = next((place for place in answers if place > removed.place), None)
    for copy in copies:
        is_late = not copy.is_attachment and after is not None and copy.place > after
        if copy.place > removed.queued and not is_late:
            return copy
    return None


def _text(content: Any) -> str:
    """The text of a message, without outer white space."""
    match content:
        case str():
            return content.strip()
        case [*blocks]:
            return "\n".join(filter(None, map(_block_text, blocks))).strip()
        case _:
            return ""


def _block_text(block: Any) -> str:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            return ""

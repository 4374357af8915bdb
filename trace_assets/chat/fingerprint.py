"""What makes two pieces the same utterance: who, what was said, called or returned.

Servers and clients write one utterance in different ways as it goes from an answer into the next
call's input: other ids, more nulls, parts in place of text, arguments as text in place of an
object. None of that is in a fingerprint.
"""

from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from trace_assets.chat import blocks
from trace_assets.chat.content import Part
from trace_assets.chat.piece import Answered, Called, Custom, Piece, Said
from trace_assets.reading.embedded import embedded_json

_encode = msgspec.json.Encoder(order="deterministic").encode


def fingerprint(piece: Piece) -> bytes:
    """16 bytes that are equal for pieces that say the same; call ids are not in it."""
    match piece:
        case Said(role, parts, _):
            who = "thought" if piece.is_reasoning else role
            said: Any = [who, "".join(_words(parts)), *filter(None, map(_beyond_words, parts))]
        case Called(_, name, arguments, _):
            said = ["called", name, _json(arguments)]
        case Answered(_, _, output, _, _):
            said = ["answered", _returned(output)]
        case Custom(_, content, _):
            said = ["custom", content]
    return blake2b(_encode(said), digest_size=16).digest()


class Utterance(NamedTuple):
    """A piece and what tells whether another one is the same."""

    piece: Piece
    print: bytes
    call_id: str
    """The log's id of the call that it is or answers; "" where it gives none."""
    is_thought: bool


def utterance(piece: Piece) -> Utterance:
    """A piece with its fingerprint."""
    match piece:
        case Called(original_id=own) | Answered(original_id=own) if own is not None:
            call_id = str(own)
        case _:
            call_id = ""
    is_thought = isinstance(piece, Said) and piece.is_reasoning
    return Utterance(piece, fingerprint(piece), call_id, is_thought)


def same_call(one: Utterance, other: Utterance) -> bool:
    """Whether two pieces that say the same can be of one call."""
    return not one.call_id or not other.call_id or one.call_id == other.call_id


def _words(parts: list[Part]) -> list[str]:
    return [part.get("text") or part.get("refusal") or "" for part in parts]


_CONTENT = ("image_url", "video_url", "file_url", "filename", "file_data", "file_id")


def _beyond_words(part: Part) -> Part | None:
    """What an image, a video or a file shows, if it is one."""
    if "text" in part or "refusal" in part:
        return None
    return {key: part[key] for key in ("type", *_CONTENT) if key in part}


def _returned(output: Any) -> Any:
    match blocks.output(output):
        case str() as text:
            return _json(text)
        case parts:
            beyond = [*filter(None, map(_beyond_words, parts))]
            words = "".join(_words(parts))
            return [words, *beyond] if beyond else _json(words)


def _json(value: Any) -> Any:
    """Text of a JSON object or list as its value; there are two ways to write most of them."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    return embedded_json(value, default=value)

"""Fingerprints: two pieces with one fingerprint have the same speaker and the same content.

Servers and clients write one message in different ways when an answer becomes the input of the next
call: other ids, more nulls, parts in place of text, arguments as text in place of an object, white
space at the ends of a text. A fingerprint contains none of that.
"""

from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import msgspec

from trace_assets.chat import blocks
from trace_assets.chat.content import Part
from trace_assets.chat.piece import Answered, Called, Custom, Piece, Said
from trace_assets.reading.embedded import embedded_json

_encode = msgspec.json.Encoder(order="deterministic").encode


def fingerprint(piece: Piece) -> bytes:
    """16 bytes that are equal for pieces that say the same; call ids are not in it."""
    match piece:
        case Said(role, [{"text": str(text)}], _) if text:  # as most are
            said: Any = ["thought" if piece.is_reasoning else role, text.strip()]
        case Said(role, parts, _):
            who = "thought" if piece.is_reasoning else role
            words = "".join(_words(parts)).strip()
            said = [who, words, *filter(None, map(_beyond_words, parts))]
        case Called(_, name, arguments, _):
            said = ["called", name, _json(arguments)]
        case Answered(_, _, output, _, _):
            said = ["answered", _returned(output)]
        case Custom(_, content, _):
            said = ["custom", content]
    return blake2b(_encode(said), digest_size=16).digest()


Kind = Literal["thought", "text", "call", "result", "other"]
"""What a piece is for the comparison of histories: reasoning, a text of the assistant, a call, the
result of a call, or anything else."""


class Utterance(NamedTuple):
    """A piece with everything that is compared."""

    piece: Piece
    print: bytes
    call_id: str
    """The id in the log of the call that the piece is or answers; "" if the log has none."""
    kind: Kind


def utterance(piece: Piece) -> Utterance:
    """Compute the fingerprint, the call id and the kind of a piece."""
    call_id = ""
    if isinstance(piece, Called | Answered) and piece.original_id is not None:
        call_id = str(piece.original_id)
    return Utterance(piece, fingerprint(piece), call_id, kind_of(piece))


def kind_of(piece: Piece) -> Kind:
    """Return the kind of a piece."""
    if not isinstance(piece, Said):
        return _KINDS[type(piece)]
    if piece.is_reasoning:
        return "thought"
    return "text" if piece.role == "assistant" else "other"


_KINDS: dict[type[Piece], Kind] = {Called: "call", Answered: "result", Custom: "other"}


def same_call(one: Utterance, other: Utterance) -> bool:
    """Return whether the ids of two pieces allow that both belong to one call."""
    return not one.call_id or not other.call_id or one.call_id == other.call_id


def _words(parts: list[Part]) -> list[str]:
    return [part.get("text") or part.get("refusal") or "" for part in parts]


_CONTENT = ("image_url", "video_url", "file_url", "filename", "file_data", "file_id")


def _beyond_words(part: Part) -> Part | None:
    """Return the content of an image, a video or a file; None for a text."""
    if "text" in part or "refusal" in part:
        return None
    return {key: part[key] for key in ("type", *_CONTENT) if key in part}


def _returned(output: Any) -> Any:
    match blocks.output(output):
        case str() as text:
            return _json(text.strip())
        case parts:
            beyond = [*filter(None, map(_beyond_words, parts))]
            words = "".join(_words(parts))
            return [words.strip(), *beyond] if beyond else _json(words.strip())


def _json(value: Any) -> Any:
    """Return the value of a text that is a JSON object or list: the same value has many texts."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    return embedded_json(value, default=value)

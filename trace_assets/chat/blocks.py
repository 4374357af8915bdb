"""The blocks of a message's content, each in whatever dialect it is written.

Dialects mix within one message (LangChain carries Anthropic's blocks, OpenTelemetry Gemini's), so
that a block is told by its own structure and not by that of the message around it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from trace_assets.chat import (
    anthropic,
    bedrock,
    content,
    gemini,
    openai,
    other_blocks,
    parts,
    responses,
    sharegpt,
    vercel,
)
from trace_assets.chat.content import Part
from trace_assets.chat.piece import REASONING, Answered, Called, Piece, Role, Said
from trace_assets.trace import build

Block = Part | Called | Answered
"""A content part; or a call or its answer, which dialects put between the parts."""

_Dialect = Callable[[str, dict[str, Any]], Block | tuple[Block, ...] | None]

_WITH_TYPE: tuple[_Dialect, ...] = (
    openai.block,
    anthropic.block,
    parts.block,
    vercel.block,
    responses.block,
    sharegpt.block,
)
_WITHOUT_TYPE: tuple[_Dialect, ...] = (gemini.block, bedrock.block)
_OF_TYPE: dict[str, tuple[_Dialect, ...]] = {
    "text": (openai.block, parts.block, sharegpt.block),
    "input_text": (openai.block,),
    "output_text": (openai.block,),
    "thinking": (anthropic.block, parts.block),
    "tool_use": (anthropic.block,),
    "tool_result": (anthropic.block,),
}
"""Those that know the commonest types, in the same order: nearly all blocks are of these."""


def block(role: str, value: dict[str, Any]) -> tuple[Block, ...]:
    """What one block holds; nothing where no dialect knows it."""
    for dialect in _dialects(value):
        if found := _several(dialect(role, value)):
            return found
    return ()


def _several(found: Block | tuple[Block, ...] | None) -> tuple[Block, ...]:
    match found:
        case None:
            return ()
        case Called() | Answered() | dict() as one:
            return (one,)
        case several:
            return several


def _dialects(value: dict[str, Any]) -> tuple[_Dialect, ...]:
    if "type" not in value:
        return _WITHOUT_TYPE
    kind = value["type"]
    return _OF_TYPE.get(kind, _WITH_TYPE) if isinstance(kind, str) else _WITH_TYPE


def read(role: str, value: Any, unknown: list[Any]) -> Iterator[Block]:
    """The blocks of a message's content; what no dialect knows is added to `unknown`, whole."""
    match value:
        case str() if value:
            yield content.text(role, value, {})
        case [*each]:
            for one in each:
                yield from read_one(role, one, unknown)
        case dict():
            yield from read_one(role, cast("dict[str, Any]", value), unknown)
        case _:
            unknown.append(value)


def read_one(role: str, value: Any, unknown: list[Any]) -> Iterator[Block]:
    """The blocks that one entry of a content list comes to."""
    match value:
        case str():
            yield content.text(role, value, {})
        case dict():
            one = cast("dict[str, Any]", value)
            found = block(role, one) or _several(other_blocks.block(role, one))
            if not found:
                unknown.append(value)
            yield from found
        case _:
            unknown.append(value)


def _parts(value: Any) -> list[Part] | None:
    """What a tool returned as input parts, or None where some of it is no content part."""
    if not isinstance(value, list):
        return None
    unknown: list[Any] = []
    found = list(read("user", cast("list[Any]", value), unknown))
    if unknown or not all(isinstance(each, dict) for each in found):
        return None
    return cast("list[Part]", found)


def output(value: Any) -> str | list[Part]:
    """What a tool returned, as an item wants it."""
    return content.output(value, _parts(value))


def collect(role: Role, found: Iterable[Block]) -> list[Piece]:
    """Blocks as pieces, in their order: neighbouring parts are one piece, reasoning is its own."""
    pieces: list[Piece] = []
    for each in found:
        match each, pieces:
            case Called(), _:
                pieces.append(each._replace(rest=_created_by(role, each.rest)))
            case Answered(), _ if role == "user":  # whose messages are where results stand
                pieces.append(each)
            case Answered(), _:
                pieces.append(each._replace(rest=_created_by(role, each.rest)))
            case dict(), [*_, Said(parts=said)] if _alike(said[-1], each):
                said.append(each)
            case _:
                pieces.append(Said(role, [each], {}))
    return pieces


def _created_by(role: Role, rest: dict[str, Any]) -> dict[str, Any]:
    return build.joined({"created_by": role}, rest, prefix="original_")


def _alike(one: Part, other: Part) -> bool:
    return (one["type"] in REASONING) == (other["type"] in REASONING)

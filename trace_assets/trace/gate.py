"""The fast way in: what the gate takes is a trace, at a fraction of the cost of building one.

Its structs are derived from the models, field by field, and answer the same attributes and the
lookups of `Conversation`, so that code written for a Trace also runs on a View. What the gate
refuses is not thereby wrong: `loading.load_json` has the last word, and says why.

    try:
        trace = gate.decode(line)
    except gate.RefusedError:
        trace = load_json(line)

The gate takes nothing that the models refuse, with one exception: free-form JSON nested deeper than
`MAX_DEPTH`, and for `convert` also what no JSON decoder returns (NaN, lone surrogates) inside it.
"""

import sys
import types
from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeGuard,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from pydantic import AfterValidator, BaseModel

from trace_assets.errors import TraceAssetsError
from trace_assets.trace.events import GivenByTrace
from trace_assets.trace.items import BaseItem
from trace_assets.trace.lookups import Conversation
from trace_assets.trace.model import Trace
from trace_assets.trace.rows import RawRow, join, split
from trace_assets.trace.values import check_json

__all__ = [
    "KNOWN_EXTRAS",
    "RawRow",
    "RefusedError",
    "View",
    "convert",
    "decode",
    "decode_again",
    "join",
    "split",
]

KNOWN_EXTRAS = ("created_by", "original_call_id", "timestamp", "usage", "cost", "error")
"""Unknown keys of items that a View keeps, None where they are missing; all others it skips."""


class RefusedError(TraceAssetsError, ValueError):
    """The gate cannot vouch for a value; the models may still take it."""


# --- structs from models ---------------------------------------------------------------------

_FINITE = Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)]


class _AnswersLookups(Conversation, msgspec.Struct):
    """The base of the struct that stands for a trace."""


_structs: dict[tuple[type[BaseModel], ...], type[msgspec.Struct]] = {}


def _struct(*models: type[BaseModel]) -> type[msgspec.Struct]:
    """Derive one struct from a model, or from several that differ in literals only.

    Several, because msgspec tells the members of a union apart by one key: all messages are one
    struct, whose `role` is any of theirs.
    """
    if models not in _structs:
        _structs[models] = _define(models)
    return _structs[models]


def _define(models: tuple[type[BaseModel], ...]) -> type[msgspec.Struct]:
    model, tag = models[0], _tag(models[0])
    hints = [get_type_hints(each, include_extras=True) for each in models]
    fields = [
        _field(model, name, [_type(hint[name]) for hint in hints])
        for name in model.model_fields
        if tag is None or name != "type"
    ]
    if issubclass(model, BaseItem):
        fields += [(name, Any, None) for name in KNOWN_EXTRAS]
    return msgspec.defstruct(
        tag or model.__name__,
        fields,
        bases=(_AnswersLookups,) if model is Trace else None,
        tag_field=None if tag is None else "type",
        tag=tag,
        namespace=None if tag is None else {"type": tag},
        forbid_unknown_fields=model.model_config.get("extra") == "forbid",
        frozen=True,
        kw_only=True,
        gc=False,
    )


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("type")
    return field.default if field is not None else None


def _field(model: type[BaseModel], name: str, kinds: list[Any]) -> Any:
    if any(kind != kinds[0] for kind in kinds):  # what tells the models apart has to be there
        return (name, Literal[tuple(value for kind in kinds for value in get_args(kind))])
    field = model.model_fields[name]
    if field.is_required() or GivenByTrace in field.metadata:
        return (name, kinds[0])
    if field.default_factory is not None:
        factory = cast("Callable[[], Any]", field.default_factory)
        return (name, kinds[0], msgspec.field(default_factory=factory))
    return (name, kinds[0], field.default)


# --- types -----------------------------------------------------------------------------------


def _type(annotation: Any) -> Any:
    """Return the type by which msgspec checks what pydantic checks by an annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in {Union, types.UnionType}:
        return _union(annotation)
    if origin is list:
        return list[_type(arguments[0])]
    if origin is dict:
        return dict[str, _type(arguments[1])]
    if annotation is float:
        return _FINITE
    return _struct(annotation) if _is_model(annotation) else annotation


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _annotated(base: Any, marks: tuple[Any, ...]) -> Any:
    checks = [mark.func for mark in marks if isinstance(mark, AfterValidator)]
    if check_json in checks:
        return Any  # what a JSON decoder returns is JSON
    if checks:
        return _checked_text(checks[0])
    if GivenByTrace in marks:
        return _union(*(each for each in get_args(base) if each is not types.NoneType))
    return _type(base)


def _union(*annotations: Any) -> Any:
    """Join types; models with the same `type` become one struct."""
    others: list[Any] = []
    tagged: dict[str | None, list[type[BaseModel]]] = {}
    for each in _members(annotations):
        if _is_model(each):
            tagged.setdefault(_tag(each), []).append(each)
        else:
            others.append(_type(each))
    return Union[tuple(others + [_struct(*models) for models in tagged.values()])]  # noqa: UP007 no other way to join a list


def _members(annotations: tuple[Any, ...]) -> list[Any]:
    """Return the members of unions, and of unions of unions, in order."""
    members: list[Any] = []
    pending = list(reversed(annotations))
    while pending:
        each = pending.pop()
        bare = get_args(each)[0] if get_origin(each) is Annotated else each
        if get_origin(bare) in {Union, types.UnionType}:
            pending.extend(reversed(get_args(bare)))
        else:
            members.append(each)
    return members


class _CheckedText(str):
    """Text that a model's own check function has looked at."""

    __slots__ = ()

    @staticmethod
    def check(text: str) -> str:
        """Return the text, or raise a ValueError."""
        raise NotImplementedError


_checked_texts: dict[Any, type[_CheckedText]] = {}


def _checked_text(check: Any) -> type[_CheckedText]:
    if check not in _checked_texts:
        _checked_texts[check] = type(
            "Text", (_CheckedText,), {"__slots__": (), "check": staticmethod(check)}
        )
    return _checked_texts[check]


def _check(kind: type[_CheckedText], value: object) -> _CheckedText:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, found a {type(value).__name__}")
    return kind(kind.check(value))


# --- the gate --------------------------------------------------------------------------------

if TYPE_CHECKING:
    View = Trace
else:
    View = _struct(Trace)
"""What the gate returns. For a type checker it is a Trace, as it has the same attributes, `type`
and `role` among them, and the lookups; it is no instance of the models, and cannot be dumped."""

_decoder = msgspec.json.Decoder(View, dec_hook=_check)

_FAILURES = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def decode(line: bytes | msgspec.Raw) -> View:
    """Return a view of one trace in JSON, all of which has been looked at.

    Raises:
        RefusedError: the bytes are no JSON, or nothing the gate can vouch for.
    """
    try:
        return convert(msgspec.json.decode(line))
    except _FAILURES as error:
        raise RefusedError(str(error)) from error


def decode_again(line: bytes | msgspec.Raw) -> View:
    """Return a view of one trace that has passed `decode`, in half the time.

    The law does not hold here: unknown keys are skipped unseen, whatever bytes they hold.

    Raises:
        RefusedError: it cannot have passed.
    """
    try:
        return _decoder.decode(line)
    except _FAILURES as error:
        raise RefusedError(str(error)) from error


def convert(value: object) -> View:
    """Return a view of one trace that a JSON decoder has read, sharing its free-form parts.

    Raises:
        RefusedError: it is nothing the gate can vouch for.
    """
    try:
        return msgspec.convert(value, View, dec_hook=_check)
    except _FAILURES as error:
        raise RefusedError(str(error)) from error

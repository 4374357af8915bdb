"""What the gate's structs have to be: structs for msgspec, derived from the pydantic models.

Kinds, literals, required and forbidden keys carry over, and so do the models' own check functions.
A struct may be stricter than its model, never laxer.
"""

import sys
import types
from collections.abc import Callable
from typing import (
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

from trace_assets.trace.events import GivenByTrace
from trace_assets.trace.items import BaseItem
from trace_assets.trace.lookups import Conversation
from trace_assets.trace.values import check_json
from trace_assets.trace.views import KNOWN_EXTRAS

_FINITE = Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)]


class AnswersLookups(Conversation, msgspec.Struct):
    """The base of the struct that stands for a trace."""


_structs: dict[tuple[type[BaseModel], ...], type[msgspec.Struct]] = {}


def struct_of(*models: type[BaseModel]) -> type[msgspec.Struct]:
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
        model.__name__,
        fields,
        bases=(AnswersLookups,) if issubclass(model, Conversation) else None,
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
    return struct_of(annotation) if _is_model(annotation) else annotation


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _annotated(base: Any, marks: tuple[Any, ...]) -> Any:
    checks = [mark.func for mark in marks if isinstance(mark, AfterValidator)]
    if check_json in checks:
        return Any  # what a JSON decoder returns is JSON
    if checks:
        return _checked_text(checks[0])
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
    return Union[tuple(others + [struct_of(*models) for models in tagged.values()])]  # noqa: UP007 no other way to join a list


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


def check(kind: type[_CheckedText], value: object) -> _CheckedText:
    """Be the hook by which msgspec asks about a type of ours."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string, found a {type(value).__name__}")
    return kind(kind.check(value))

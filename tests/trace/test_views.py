"""The gate's structs are the models' twins: what one gains, the other has to gain as well."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from tests.trace.structs import struct_of
from trace_assets.trace import Trace, TraceMetadata
from trace_assets.trace.views import KNOWN_EXTRAS, TraceView, check
from trace_assets.trace.views import TraceMetadata as MetadataView


def described(root: type[msgspec.Struct]) -> dict[str, Any]:
    """Each struct that a trace is made of, by its tag or its fields: what it takes."""
    return {
        str(kind.tag or sorted(field.name for field in kind.fields)): {
            "forbids": kind.forbid_unknown_fields,
            "tag": (kind.tag_field, kind.tag),
            "fields": {field.name: _field(field) for field in kind.fields},
        }
        for kind in _structs(inspect.type_info(root))
    }


def _structs(root: inspect.Type) -> Iterator[inspect.StructType]:
    seen: list[inspect.StructType] = []
    pending = [root]
    while pending:
        match pending.pop():
            case inspect.StructType() as kind if all(kind.cls is not one.cls for one in seen):
                seen.append(kind)
                pending += [field.type for field in kind.fields]
            case inspect.UnionType(types=types):
                pending += types
            case inspect.ListType(item_type=kind):
                pending.append(kind)
            case inspect.DictType(key_type=key, value_type=value):
                pending += [key, value]
            case _:
                pass
    return iter(seen)


def _field(field: inspect.Field) -> tuple[Any, ...]:
    return field.required, field.default is None, _kind(field.type)


def _kind(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType():
            return "struct", kind.tag or sorted(field.name for field in kind.fields)
        case inspect.UnionType(types=types):
            return sorted(map(str, map(_kind, types)))
        case inspect.ListType(item_type=item):
            return "list", _kind(item)
        case inspect.DictType(key_type=key, value_type=value):
            return "dict", _kind(key), _kind(value)
        case inspect.LiteralType(values=values):
            return "literal", sorted(map(str, values))
        case inspect.CustomType():
            return "text that names a moment"
        case _:
            return str(kind)


def test_the_structs_say_what_the_models_say() -> None:
    assert described(TraceView) == described(struct_of(Trace))


def test_the_fields_of_metadata_come_in_the_order_of_the_model() -> None:
    assert MetadataView.__struct_fields__ == tuple(TraceMetadata.model_fields)


def test_no_model_has_a_field_that_a_well_known_extra_would_hide() -> None:
    items = inspect.type_info(TraceView)
    for kind in _structs(items):
        names = [field.name for field in kind.fields]
        assert len(names) == len(set(names))
    assert "id" not in KNOWN_EXTRAS


def test_a_struct_checks_times_by_the_calendar() -> None:
    assert msgspec.convert({"created_at": "2024-02-29"}, MetadataView, dec_hook=check)

"""Records that hold several spans: requests collected in an array, spans grouped by some name.

The shape says where spans are in a document; a bare array of documents, or an object whose keys are
anybody's, it cannot say. What is taken out of such a record has its place inside it, and as bytes
its own JSON, written anew.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from trace_assets.formats.otlp import cloudwatch, records
from trace_assets.reading import Context, Item, Record, Shape, read_records
from trace_assets.trace.build import encode

_MEMBERS = frozenset(
    (
        "resourceSpans",
        "resource_spans",
        "resourceLogs",
        "resource_logs",
        "scopeSpans",
        "scope_spans",
        "instrumentationLibrarySpans",
        "instrumentation_library_spans",
        "scopeLogs",
        "scope_logs",
    )
)
"""The keys that lead to spans."""


def read(stream: BinaryIO, *, file: str, shape: Shape) -> Iterator[Item]:
    """Yield the records of a file, each one span or log record."""
    shift = 0
    for item in read_records(stream, file=file, shape=shape):
        if isinstance(item, Context):
            yield item
            continue
        inside = [*_inside(item)] if isinstance(item, Record) else []
        first = item.place.number + shift
        if any(isinstance(one, Record) for one in inside):
            numbered = [*_numbered(inside, first)]
            shift += sum(isinstance(one, Record) for one in numbered) - 1
            yield from numbered
        else:
            yield item._replace(place=item.place._replace(number=first)) if shift else item


def _numbered(inside: list[Record | Context], number: int) -> Iterator[Record | Context]:
    for one in inside:
        if isinstance(one, Record):
            yield one._replace(place=one.place._replace(number=number))
            number += 1
        else:
            yield one


def _inside(record: Record) -> Iterator[Record | Context]:
    """The spans in a record that is none, and what is said around them."""
    value = record.value
    if not isinstance(value, dict) or "name" in value or "attributes" in value:
        return
    if cloudwatch.is_wrapped(value):
        yield from _in_events(cast("dict[str, Any]", value), record)
        return
    members = cast("dict[str, Any]", value)
    if any(key in _MEMBERS for key in members):
        yield from _in_document(members, record)
    elif _is_grouped(members):
        for name, spans in members.items():
            for number, span in enumerate(spans):
                yield _one(span, f"{_step(name)}/{number}", record)


def _in_events(page: dict[str, Any], record: Record) -> Iterator[Record | Context]:
    """The spans and log records in events of CloudWatch; what else the events have is context."""
    for message in cloudwatch.messages(page):
        if message.rest:
            yield _said(message.rest, message.pointer, record)
        if message.value is not None:
            yield _one(message.value, message.pointer, record)
    if beside := cloudwatch.beside(page):
        yield _said(beside, "", record)


def _is_grouped(members: dict[str, Any]) -> bool:
    """Whether every member is a list of spans."""
    lists = [_objects(value) for value in members.values()]
    return bool(lists) and all(each and all(map(records.is_span, each)) for each in lists)


def _in_document(members: dict[str, Any], record: Record) -> Iterator[Record | Context]:
    """Walk down from `resourceSpans`; what stands beside the way is said for all below it."""
    pending: list[tuple[str, dict[str, Any]]] = [("", members)]
    while pending:
        path, node = pending.pop()
        below: list[tuple[str, dict[str, Any]]] = []
        spans: list[Record] = []
        for key, value in node.items():
            where = f"{path}{_step(key)}"
            if key in _SPANS and isinstance(value, list):
                each = cast("list[Any]", value)
                spans += (_one(one, f"{where}/{n}", record) for n, one in enumerate(each))
            elif key in _MEMBERS and (objects := _objects(value)):
                below += ((f"{where}/{n}/", one) for n, one in enumerate(objects))
            else:
                yield _said(value, where, record)
        yield from spans
        pending += reversed(below)


_SPANS = frozenset(("spans", "logRecords", "log_records"))


def _objects(value: Any) -> list[dict[str, Any]]:
    """A list of objects; empty where it is anything else."""
    if not isinstance(value, list):
        return []
    each = cast("list[Any]", value)
    return cast("list[dict[str, Any]]", each) if all(isinstance(one, dict) for one in each) else []


def _one(span: Any, where: str, record: Record) -> Record:
    place = record.place
    fragment = f"{place.fragment}/{where}"
    return Record(place._replace(fragment=fragment), span, encode(span), record.repairs)


def _said(value: Any, where: str, record: Record) -> Context:
    return Context(record.place.file, f"/{record.place.fragment}/{where}", encode(value), value)


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")

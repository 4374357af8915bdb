"""One id for each span, and each span once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from trace_assets.spans.model import Defect, Span
from trace_assets.spans.residue import beside
from trace_assets.trace.build import encode


def with_own_ids(spans: Sequence[Span], defects: list[Defect]) -> list[Span]:
    """Give every span an id that no other has; copies that are equal in all count as one."""
    counts = Counter(span.id for span in spans)
    if len(counts) == len(spans) and all(counts):
        return [*spans]
    taken = set(counts)
    seen: dict[str, dict[object, Span]] = {}
    copies: Counter[str] = Counter()
    kept: list[Span] = []
    for number, span in enumerate(spans):
        if not span.id:
            kept.append(_named(span, f"span:{number}", "missing_id", taken, defects))
            continue
        same = seen.setdefault(span.id, {})
        body = _body(span, number) if counts[span.id] > 1 else None
        if body in same:
            copies[str(same[body].id)] += 1
            continue
        if same:
            span = _named(span, f"{span.id}~{len(same) + 1}", "duplicate_id", taken, defects)
        same[body] = span
        kept.append(span)
    defects += _told(copies)
    return kept


def _told(copies: Counter[str]) -> Iterator[Defect]:
    for span_id, count in copies.items():
        yield {"defect": "repeated_span", "span": span_id, "copies": count}


def _named(
    span: Span, name: str, defect: str, taken: set[str | None], defects: list[Defect]
) -> Span:
    while name in taken:
        name += "'"
    taken.add(name)
    defects.append({"defect": defect, "span": name, "original_id": span.id})
    metadata: dict[str, Any] = beside({"original_id": span.id}, span.metadata)
    return span._replace(id=name, metadata=metadata)


def _body(span: Span, number: int) -> object:
    """What is equal in copies of one span. A span that cannot be written is a copy of no other."""
    try:
        return encode(span)
    except (TypeError, ValueError, RecursionError):
        return number

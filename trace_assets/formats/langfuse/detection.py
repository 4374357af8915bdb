"""What a Langfuse log is told by, and where its records are."""

from collections.abc import Sequence
from typing import Any

from trace_assets.formats import Claim
from trace_assets.formats.langfuse.records import KNOWN_KINDS, is_observation, is_score
from trace_assets.reading import Shape

SHAPE = Shape(
    arrays=("observations", "data", "batch", "traces"),
    whole=(
        "trace",
        "name",
        "timestamp",
        "input",
        "output",
        "userId",
        "sessionId",
        "tags",
        "type",
        "body",
        "traceId",
        "trace_id",
        "startTime",
        "start_time",
    ),
    first=(
        "trace",
        "id",
        "name",
        "timestamp",
        "userId",
        "sessionId",
        "tags",
        "metadata",
        "input",
        "output",
        "scores",
    ),
)

_EVENTS = ("trace", "span", "generation", "event", "observation", "score", "agent", "tool")


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim observations by their types and links, and what can be told to stand around them."""
    claims = (_claim(document) for document in documents)
    return next(filter(None, claims), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case [{**row}, *_]:
            return _of_row(row)
        case {"batch": [{**row}, *_]} | {"traces": [{**row}, *_]} | {"data": [{**row}, *_]}:
            return _of_row(row)
        case {**row}:
            return _of_row(row)
        case _:
            return None


def _of_observations(document: dict[str, Any]) -> Claim | None:
    match document:
        case {"trace": {"id": _}, "observations": list()}:
            return Claim(3, "`trace` and its `observations` side by side")
        case {"observations": [{"type": str(kind)}, *_]} if kind.upper() in KNOWN_KINDS:
            return Claim(3, f"`observations` of type {kind[:20]}")
        case {"observations": [{"traceId": _}, *_]}:
            return Claim(3, "`observations` with a `traceId`")
        case _:
            return None


def _of_row(row: dict[str, Any]) -> Claim | None:
    if claim := _of_observations(row):
        return claim
    match row:
        case {"type": str(kind), "body": dict()} if _is_event(kind):
            return Claim(3, f"an event `{kind[:40]}` of an ingestion")
        case {"traceId": _, "type": str(kind)} | {"trace_id": _, "type": str(kind)} if (
            kind.upper() in KNOWN_KINDS and is_observation(row)
        ):
            return _observation(row, kind)
        case _ if is_score(row) and not row.keys().isdisjoint(("dataType", "data_type", "source")):
            return Claim(2, "scores with the trace or observation that they are of")
        case {"id": _, "timestamp": _, "name": _} if not row.keys().isdisjoint(
            ("sessionId", "session_id", "userId", "user_id", "bookmarked", "htmlPath")
        ):
            return Claim(2, "rows of traces: `id`, `timestamp`, `name`, with user or session")
        case {"id": _, "input": [{"role": _}, *_], **rest} if _is_distil(rest):
            return Claim(2, "observations as distil labs takes them: `id`, `input`, `output`")
        case _:
            return None


def _observation(row: dict[str, Any], kind: str) -> Claim | None:
    links = ("parentObservationId", "parent_observation_id", "startTime", "start_time")
    if row.keys().isdisjoint(links):
        return None
    return Claim(3, f"observations of type {kind[:20]} with their trace and start")


def _is_event(kind: str) -> bool:
    what, _, change = kind.rpartition("-")
    return (change in ("create", "update") and what in _EVENTS) or kind == "sdk-log"


def _is_distil(rest: dict[str, Any]) -> bool:
    """Whether what stands beside `id` and `input` is what distil labs names, and nothing else."""
    match rest:
        case {"model": _} | {"object": _} | {"messages": _}:
            return False
        case {"output": [{"toolName": _}, *_]} | {"metadata": {"tools": [str(), *_]}}:
            return True
        case {"output": {"role": _}} | {"output": []} | {"output": None}:
            return rest.keys() <= {"output", "metadata", "name", "type"}
        case _:
            return rest.keys() <= {"metadata"}

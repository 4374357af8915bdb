"""LangSmith runs: what LangChain, LangGraph and traced programs did, run by run.

Source: https://github.com/langchain-ai/langsmith-sdk, `python/langsmith/schemas.py` (`Run`),
`run_trees.py`; the messages are those of `langchain_core`.
Observed: runs as `list_runs()` returns them, one per line or in a list; `{"runs": [...]}` of the
API; `{"post": [...], "patch": [...]}` as the SDKs send them, where a run is begun in one entry and
ended in another; runs with their `child_runs` inside. The id of a run, its parent and its trace are
also in `dotted_order`, and in what the JavaScript SDK sends they are only there. Inputs and outputs
are objects, or texts that hold one. Messages are LangChain's in all encodings, OpenAI's or
Anthropic's, in lists of lists too. The rows of a table (CSV) are runs, too.
A run's `session_id` is its project, which is kept as `project_id`; a thread is named in the
metadata of a run.
Residue: every other key of a run is in its event's metadata, with the inputs and outputs of runs
that are no calls.
Dropped on purpose: messages that a later call repeats; the empty cells of a table; a run's
`trace_id` where it is that of the trace, and its type where it is `tool`, which the event's type
says; in the second entry of a run, what the first says too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trace_assets import spans, vocabulary
from trace_assets.formats import (
    Assembled,
    Claim,
    Converted,
    Format,
    Gather,
    Part,
    UnknownShapeError,
    whole_record,
)
from trace_assets.formats.langsmith.runs import Run, flat, from_table, run_of, trace_of
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape, read_json_or_table
from trace_assets.trace import build

COLUMNS = ("run_name", "session_id", "project")

SHAPE = Shape(arrays=("post", "patch", "runs"))

KNOWN_KINDS = frozenset(
    ("llm", "chain", "tool", "retriever", "embedding", "prompt", "parser", "chat_model")
)
"""The values of `run_type` that LangSmith defines."""


# --- detection -------------------------------------------------------------------------------


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim runs, by their `dotted_order` or their kind, alone or in what an SDK sends."""
    return next(filter(None, map(_claim, documents)), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case {"post": [*runs]} | {"patch": [*runs]} | {"runs": [*runs]}:
            return next(filter(None, map(_own, runs[:3])), None)
        case [*documents]:
            return next(filter(None, map(_listed, documents)), None)
        case _:
            return _own(document)


def _listed(document: Any) -> Claim | None:
    return _own(document) if not _is_batch(document) else _claim(document)


def _own(run: Any) -> Claim | None:
    match run:
        case {"dotted_order": str(), "run_type": str(kind)}:
            return Claim(3, f"a run of type `{kind[:40]}` with a `dotted_order`")
        case {"dotted_order": str(), "trace_id": str()}:
            return Claim(3, "`dotted_order` and `trace_id` of a run")
        case {"run_type": str(kind), "inputs": _, "start_time": _} if kind in KNOWN_KINDS:
            return Claim(3, f"`run_type` is `{kind}`, with `inputs` and a `start_time`")
        case {"run_type": str(kind), "inputs": _, "outputs": _} if kind in KNOWN_KINDS:
            return Claim(2, f"`run_type` is `{kind}`, with `inputs` and `outputs`")
        case {"child_runs": [{"run_type": str(kind), "inputs": _}, *_]} if kind in KNOWN_KINDS:
            return Claim(3, f"`child_runs` with a run of type `{kind}`")
        case _:
            return None


def _is_batch(value: Any) -> bool:
    match value:
        case {"post": list(), **rest} if not rest:
            return True
        case {"patch": list(), **rest} if not rest:
            return True
        case {"post": list(), "patch": list(), **rest}:
            return not rest
        case _:
            return False


# --- records ---------------------------------------------------------------------------------


def _records_of(value: Any) -> list[dict[str, Any]]:
    """The runs that a record holds, without those inside them."""
    if not _is_batch(value):
        return [_run(value, "")]
    return [
        _run(run, f"/{key}/{number}")
        for key in ("post", "patch")
        for number, run in enumerate(value.get(key) or ())
    ]


def _run(value: Any, pointer: str) -> dict[str, Any]:
    match value:
        case {"run_type": str()} | {"dotted_order": str()}:
            return from_table(value)
        case {"id": _, "inputs": _} | {"id": _, "outputs": _} | {"id": _, "end_time": _}:
            return value
        case _:
            raise UnknownShapeError(
                pointer, "expected a run with a `run_type`, or an `id` and `inputs`"
            )


def _key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The trace's id; None for a run that does not say."""
    keys = {trace_of(run) for run in _records_of(record.value)}
    if len(keys) > 1:
        raise UnknownShapeError(
            "",
            f"{len(keys)} traces in one record: write what the SDK sent one request per line, "
            "not as a list",
            reason="several_traces",
        )
    return keys.pop() if keys else None


# --- traces ----------------------------------------------------------------------------------


def _assemble(parts: Sequence[Part]) -> Iterator[Assembled]:
    records = [run for part in parts for run in _records_of(part.record.value)]
    trace_id = _key(parts[0].record, {}) or build.record_id(parts[0].record.raw)
    roots = (
        number
        for number, part in enumerate(parts)
        if any(_is_root(run, trace_id) for run in _records_of(part.record.value))
    )
    lead = next(roots, 0)
    converted = _converted(records, trace_id)
    yield Assembled(converted, [lead, *(n for n in range(len(parts)) if n != lead)])


def _is_root(run: Mapping[str, Any], trace_id: str) -> bool:
    return run.get("id") == trace_id


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """A run whose trace has no id."""
    return _converted([*_records_of(record.value)], build.record_id(record.raw))


def _converted(records: Sequence[dict[str, Any]], trace_id: str) -> Converted:
    runs = [run_of(each, trace_id) for each in flat(records)]
    each = [run.span for run in runs]
    made = spans.events_of(each, trace_id)
    root = next((run for run in runs if not run.span.parent_id), None)
    if root is not None and root.span.call is None and not spans.has_message(made.items):
        around = spans.around_of(root.given, root.made)
        made = spans.events_of(each, trace_id, around=around)
    error = root.span.error if root else None
    extra = {"span_defects": made.defects} if made.defects else {}
    tags = vocabulary.find_tags(root.span.metadata, _metadata_of(root)) if root else []
    metadata = {
        "trace_id": trace_id,
        **made.metadata,
        **({"tags": tags} if tags else {}),
        **({} if error is None else {"error": error}),
        "extra": extra,
    }
    return Converted(
        trace={
            "FORMAT": "open_responses",
            "items": made.items,
            "metadata": metadata,
            "events": made.events,
        },
        columns=_columns(runs),
    )


def _columns(runs: Sequence[Run]) -> dict[str, Any]:
    root = next((run for run in runs if not run.span.parent_id), None)
    threads = (vocabulary.find_id(_metadata_of(run), _THREAD) for run in runs)
    project = (root.span.metadata or {}).get("session_name") if root else None
    return {
        "run_name": root.span.name if root else None,
        "session_id": next(filter(None, threads), None),
        "project": project if isinstance(project, str) else None,
    }


_THREAD = ("session_id", "thread_id", "conversation_id")
"""The keys of a run's metadata that name its thread."""


def _metadata_of(run: Run) -> Any:
    match run.span.metadata:
        case {"extra": {"metadata": {**own}}}:
            return own
        case _:
            return None


SILENT = frozenset(("serialized", "extra", "feedback_stats"))
"""The client's own settings and the definitions of what was run."""


def kinds_of(value: Any) -> Iterable[str]:
    """The type of a run."""
    return texts_at(value, ("run_type",))


FORMAT = Format(
    name="langsmith",
    spec_url="https://docs.smith.langchain.com/reference/data_formats/run_data_format",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(
        key=_key,
        assemble=_assemble,
        identity=whole_record,
    ),
    silent=SILENT,
    kinds=Kinds(KNOWN_KINDS, kinds_of),
    read=read_json_or_table,
    reads_json=True,
)

"""Inspect logs: what a model under evaluation said and did in each sample of a task.

Source: https://github.com/UKGovernmentBEIS/inspect_ai, `src/inspect_ai/log/` (`EvalLog`,
`EvalSample`, events, `_condense.py`, `_pool.py`) and `_recorders/eval.py`.
Observed: `.eval` archives with `header.json` and a file per sample, and logs in one JSON document
`{version, status, eval, plan, results, stats, samples}`, of versions 1 to 4; a sample alone; rows
of Inspect Scout with `messages` and `events` as JSON in text. A sample's `messages` are the
conversation, its `events` what happened: spans or, before them, steps; model and tool calls; and
all else. Long texts and images stand under `attachments`, or `transcript.content`, and are put
where they are referred to in messages, calls and results. What a model was given is written out in
its event, or told by `input_refs` into a pool of messages. Scores and metrics that are no number
are written as NaN: they become null, and `metadata.extra.repairs` says so. The column `scores` has
the value of each scorer by its name; `score` has the value of the only scorer. A retry copies
completed samples into its own log: samples with the same `uuid` count once, and the most complete
copy is read. Tokens that no event reports come from `model_usage`.
Residue: what another copy of a sample says otherwise is in `metadata.extra.copies`; other keys of
an event are in its metadata, other events are custom events; other keys of a sample are in
`metadata.extra`, with the attachments that such keys refer to. What the log says around its samples
is kept once per file as context.
Dropped on purpose: messages that a model call repeats, and its `input_refs`; a sample's `output`
where its last model call says the same; `completion` where it is the text of the first choice; the
words in `event`, in the `action` of a step, and `tool` as the type of a span, for which the kinds
of the trace's events stand; in an archive, the journal and `summaries.json`, which repeat the
header and the samples. Where contexts of model calls would come to more than 16 MiB, the calls
beyond keep `input_refs` and `output` in their metadata, with no context, and the pool stays in
`metadata.extra`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from trace_assets import chat, spans, vocabulary
from trace_assets.formats import (
    Claim,
    ContextOnlyError,
    Converted,
    Format,
    Gather,
    UnknownShapeError,
    whole_record,
)
from trace_assets.formats.inspect_ai import copies, facts, messages
from trace_assets.formats.inspect_ai import events as happened
from trace_assets.formats.inspect_ai.attachments import Attachments
from trace_assets.formats.inspect_ai.contexts import Pool
from trace_assets.formats.inspect_ai.files import read
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape
from trace_assets.reading.embedded import embedded_json
from trace_assets.spans import Span
from trace_assets.trace import build

COLUMNS = ("sample_id", "epoch", "task", "run_id", "score", "scores")

SHAPE = Shape(arrays=("samples",), whole=("messages", "events"), first=("eval",))


# --- detection -------------------------------------------------------------------------------


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim archives by their members, logs by their header, samples by their events."""
    return next(filter(None, map(_claim, documents)), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case {"_journal/start.json": {"eval": _}} | {"header.json": {"eval": _}}:
            return Claim(3, "an archive with the header of a log of Inspect")
        case {**members} if len(members) == 1 and _names_sample(next(iter(members))):
            return Claim(3, "an archive with `samples/<id>_epoch_<number>.json`")
        case {"eval": {"task": _, "model": _}, **rest} if not rest.keys().isdisjoint(_AROUND):
            return Claim(3, "`eval` names a task and a model beside `status`, `plan` or `version`")
        case {"epoch": _, "messages": list(), "target": _, "input": _}:
            return Claim(3, "a sample with `input`, `target`, `epoch` and `messages`")
        case {"transcript_id": _, "source_type": _, "source_id": _}:
            return Claim(3, "a row of Scout with `transcript_id`, `source_type` and `source_id`")
        case {"events": [*each]} if any(map(_is_event, each[:5])):
            return Claim(2, "`events` with an `event` each of those that Inspect writes")
        case [first, *_]:
            return _claim(first) if isinstance(first, dict) else None
        case _:
            return None


_AROUND = frozenset(("version", "status", "plan", "samples"))
KNOWN_KINDS = frozenset(
    (
        "span_begin",
        "step",
        "model",
        "tool",
        "sample_init",
        "state",
        "store",
        "score",
        "info",
        "logger",
        "subtask",
        "compaction",
        "approval",
        "branch",
        "checkpoint",
        "error",
        "input",
        "interrupt",
        "sample_limit",
        "sandbox",
        "score_edit",
        "span_end",
    )
)
"""The values of `event` that Inspect writes."""


def _names_sample(name: str) -> bool:
    return name.startswith("samples/") and "_epoch_" in name and name.endswith(".json")


def _is_event(value: Any) -> bool:
    match value:
        case {"event": str(kind), "timestamp": _}:
            return kind in KNOWN_KINDS
        case _:
            return False


# --- samples ---------------------------------------------------------------------------------


class _Sample(NamedTuple):
    """A sample, taken apart."""

    messages: list[Any]
    events: list[Any]
    attachments: Attachments
    pool: Pool
    rest: dict[str, Any]


def convert(record: Record, context: Mapping[str, Any]) -> Converted:
    """One sample as one trace. The record's value is used up."""
    sample = _sample(record.value)
    spec: Mapping[str, Any] = _dict(context.get("/eval"))
    trace_id = _trace_id(sample.rest, spec) or build.record_id(record.raw)
    columns = _columns(sample.rest, spec)
    _without_repeated_output(sample)
    told = _told(sample)
    made = _made(sample, told, trace_id, columns["task"])
    known = _known(sample.rest, spec)
    extra = _extra(sample, made)
    if usage := facts.reported_usage(sample.rest):
        extra = build.joined({"reported_usage": usage}, extra, prefix="sample_")
    metadata = {"trace_id": trace_id, **made.metadata, **known, "extra": extra}
    trace: dict[str, Any] = {
        "FORMAT": "open_responses",
        "items": made.items,
        "metadata": metadata,
    }
    if sample.events:
        trace["events"] = happened.with_compactions(made.events)
    return Converted(trace, columns)


def _sample(value: Any) -> _Sample:
    match value:
        case {"eval": {**_spec}, **rest} if "samples" not in rest and "messages" not in rest:
            raise ContextOnlyError("a header: the samples are in files of their own")
        case {"id": _, "epoch": _, **rest} if rest.keys().isdisjoint(_TELLING):
            raise UnknownShapeError(
                "",
                "the summary of a sample: it holds no message; the conversation is in the sample",
                reason="no_conversation",
            )
        case {**rest} if not rest.keys().isdisjoint(_TELLING):
            pass
        case _:
            raise UnknownShapeError("", "expected a sample with `messages` or `events`")
    transcript = _dict(rest.get("transcript"))
    found = _list(rest, "events") or _list(transcript, "events")
    pools = (_take_dict(rest, "attachments"), _take_dict(transcript, "content"))
    if rest.get("transcript") in ({}, None):
        rest.pop("transcript", None)
    data = rest.get("events_data")
    pool = Pool(_dict(data).get("messages") or rest.get("message_pool"))
    sample = _Sample(_list(rest, "messages"), found, Attachments(*pools), pool, rest)
    if not sample.messages and not sample.events:
        raise UnknownShapeError(
            "", "the sample holds no message and no event", reason="no_conversation"
        )
    sample.attachments.resolve(sample.messages)
    sample.attachments.resolve(sample.pool.messages)
    return sample


_TELLING = frozenset(("messages", "events", "transcript"))


def _list(rest: dict[str, Any], key: str) -> list[Any]:
    """Take a list out of a sample; Scout writes it as text."""
    match rest.get(key):
        case [*each]:
            del rest[key]
            return each
        case str(text):
            found = embedded_json(text)
            if isinstance(found, list):
                del rest[key]
                return cast("list[Any]", found)
            return []
        case _:
            return []


def _take_dict(rest: dict[str, Any], key: str) -> dict[str, Any]:
    """Take an object out of a sample. Anything else stays in the sample."""
    return rest.pop(key) if isinstance(rest.get(key), dict) else {}


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _without_repeated_output(sample: _Sample) -> None:
    """Leave the sample's output out where the last model call made just that."""
    for event in reversed(sample.events):
        match event:
            case {"event": "model", "output": output}:
                if sample.rest.get("output") == output:
                    sample.rest.pop("output", None)
                return
            case _:
                pass


def _told(sample: _Sample) -> list[chat.Piece]:
    try:
        return [
            piece
            for number, message in enumerate(sample.messages)
            for piece in messages.pieces(message, f"/messages/{number}")
        ]
    except chat.UnknownMessageError as error:
        raise UnknownShapeError(error.pointer, str(error)) from error


def _made(sample: _Sample, told: list[chat.Piece], trace_id: str, task: Any) -> spans.Assembled:
    """The items and events of a sample.

    A run that was cut short has only its input in `messages`: then the model calls tell more.
    """
    root = Span(
        trace_id,
        task if isinstance(task, str) and task else "sample",
        span_type="sample",
        start=happened.first_time(sample.events),
        end=happened.last_time(sample.events),
    )
    each = happened.spans_of(sample.events, root, pool=sample.pool, attachments=sample.attachments)
    whole = told if messages.says_something(told) or not _has_answers(each) else None
    if whole is None and sample.messages:
        sample.rest["messages"] = sample.messages
    made = spans.events_of(each, trace_id, conversation=whole)
    endless = _endless(each)
    return made._replace(defects=[one for one in made.defects if not _is_usual(one, endless)])


def _endless(each: Sequence[Span]) -> frozenset[str | None]:
    """The calls and subtasks of a sample whose log never says when these end."""
    calls = [span for span in each if span.call is not None or happened.is_unnamed(span)]
    return frozenset(span.id for span in calls if not any(call.end for call in calls))


def _is_usual(defect: spans.Defect, endless: frozenset[str | None]) -> bool:
    return defect["defect"] == "unclosed" and defect["span"] in endless


def _has_answers(each: Sequence[Span]) -> bool:
    return any(isinstance(span.call, spans.ModelCall) and span.call.outputs for span in each)


# --- what is known of a sample ---------------------------------------------------------------


def _trace_id(rest: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """The sample's own id; else that of the run with those of the sample and its epoch."""
    match rest, spec:
        case {"uuid": str(own)}, _ if own:
            return own
        case {"transcript_id": str(own)}, _ if own:
            return own
        case {"id": int() | str() as own}, {"run_id": str(run), "task_id": str(task)}:
            return f"{run}_{task}_{own}_epoch_{rest.get('epoch', 1)}"
        case _:
            return ""


def _known(rest: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    length = rest.get("total_time")
    error = rest.get("error")
    known = {
        "agent": spec.get("solver"),
        "model": spec.get("model", rest.get("model")),
        "created_at": rest.get("started_at") if build.is_time(rest.get("started_at")) else None,
        "error": _dict(error).get("message", error),
    }
    found: dict[str, Any] = {key: value for key, value in known.items() if _is_text(value)}
    if tags := vocabulary.find_tags(spec, rest):
        found["tags"] = tags
    if isinstance(length, int | float) and not isinstance(length, bool) and length >= 0:
        found["total_time"] = length
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _columns(rest: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    own = rest.get("id")
    return {
        "sample_id": str(own) if isinstance(own, int | str) else None,
        "epoch": rest.get("epoch"),
        "task": spec.get("task", rest.get("task_set")),
        "run_id": spec.get("run_id"),
        **facts.scores(rest),
    }


def _extra(sample: _Sample, made: spans.Assembled) -> dict[str, Any]:
    rest = sample.rest
    if len(sample.pool.used) == len(sample.pool.messages):
        rest.pop("message_pool", None)
        match rest.get("events_data"):
            case {"messages": _, **others}:
                rest["events_data"] = others
            case _:
                pass
    left = sample.attachments.left([rest, [event.get("metadata") for event in made.events]])
    own: dict[str, Any] = {"attachments": left} if left else {}
    if made.defects:
        own["span_defects"] = made.defects
    return build.joined(own, rest, prefix="sample_")


SILENT = frozenset(("traceback_ansi", "traceback", "scores", "score", "description"))
"""Errors of the program and what scorers say."""


def kinds_of(value: Any) -> Iterable[str]:
    """The kinds of the events of a sample."""
    return texts_at(value, ("events", "*", "event"))


FORMAT = Format(
    name="inspect_ai",
    spec_url="https://inspect.aisi.org.uk/eval-logs.html",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(copies.own_id, partial(copies.assemble, convert=convert), identity=whole_record),
    read=read,
    reads_json=True,
    silent=SILENT,
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)

"""The steps from traces to a training set; each reads what the one before it wrote.

Every step leaves a file of lines, `left_out.jsonl` with what it let go and why, and counts that add
up. Files are read and written a line at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from trace_assets.errors import ConfigError
from trace_assets.package.manifest import manifest_bytes
from trace_assets.training.conversation import Conversation, Unfit, conversation_of
from trace_assets.training.examples import Labelled, examples_of, labels_of
from trace_assets.training.judging import Judge
from trace_assets.training.output import Create, LeftOut, check_sum, json_line
from trace_assets.training.performance import base_model_performance
from trace_assets.training.recipe import Recipe
from trace_assets.training.relabel import NO_ENDPOINT, OFF, Relabelled
from trace_assets.training.relabelling import Committee, relabelled
from trace_assets.training.rows import Row, Rows
from trace_assets.training.split import Placed, split

CONVERSATIONS = "conversations.jsonl"
OFF_THE_JOB = "off_the_job.jsonl"
"""Conversations that relevance leaves out here; an upload contains them."""
LABELLED = "labelled.jsonl"
SPLIT = "split.jsonl"
LEFT_OUT = "left_out.jsonl"
SCORES = "scores.jsonl"
PREDICTIONS = "predictions.jsonl"
PERFORMANCE = "performance.json"

Source = Callable[[], Iterable[bytes]]
"""Lines that can be read more than once."""

Scorer = Callable[[Sequence[Conversation]], Sequence[float | None]]
"""Tells of a batch how relevant each conversation is, 0 to 1, or None where it cannot tell."""


class Teacher(NamedTuple):
    """Models that score, relabel and judge."""

    name: str
    """Tells one configuration of them from another; holds no secret."""
    scorer: Scorer | None = None
    committee: Committee | None = None
    judge: Judge | None = None
    told: Callable[[], dict[str, Any]] | None = None
    """What the manifest says of the committee, once it is done."""


NO_TEACHER = Teacher("")


class Traced(NamedTuple):
    """A valid trace of a dataset."""

    trace: dict[str, Any]
    trace_id: str
    source_uri: str


def relevant_traces(
    traces: Callable[[], Iterable[Traced]],
    create: Create,
    recipe: Recipe,
    scorer: Scorer | None = None,
) -> dict[str, Any]:
    """Write the conversations that are about the job, those that are not, and all scores."""
    threshold = recipe.local.relevance_threshold
    uncertain: Counter[str] = Counter()
    kept = unscored = 0
    with (
        create(CONVERSATIONS) as file,
        create(OFF_THE_JOB) as off_the_job,
        create(SCORES) as scores,
        create(LEFT_OUT) as out,
    ):
        left_out = LeftOut(out, "relevant_traces")
        for found, (score, doubt) in _scored(traces, recipe, scorer):
            own = {"trace_id": found.traced.trace_id, "source_uri": found.traced.source_uri}
            if isinstance(found.conversation, Unfit):
                left_out.add(*found.conversation, **own)
                continue
            is_low = threshold is not None and score is not None and score <= threshold
            is_kept = doubt is not None or not is_low
            line = {**own, "score": score, "kept": is_kept}
            if is_low and doubt:
                uncertain[doubt] += 1
                line["uncertain"] = doubt
            unscored += score is None
            scores.write(json_line(line))
            found.conversation.score = score
            (file if is_kept else off_the_job).write(json_line(found.conversation))
            kept += is_kept
            if not is_kept:
                message = f"score {score}; kept are those above {threshold}"
                left_out.add("off_the_job", message, **own, score=score)
    counts = left_out.counts()
    filtered = counts.get("off_the_job", 0)
    unfit = sum(counts.values()) - filtered
    total = kept + filtered + unfit
    return {
        "scored_by": "teacher" if scorer else "bm25",
        "threshold": threshold,
        "unscored": unscored,
        "uncertain": dict(sorted(uncertain.items())),
        "traces": check_sum("traces", total, kept=kept, filtered=filtered, unfit=unfit),
        "left_out": counts,
    }


class _Found(NamedTuple):
    traced: Traced
    conversation: Conversation | Unfit


_Verdict = tuple[float | None, str | None]
"""The score, and why a low one would not show that a conversation is off the job."""


def _scored(
    traces: Callable[[], Iterable[Traced]], recipe: Recipe, scorer: Scorer | None
) -> Iterator[tuple[_Found, _Verdict]]:
    verdicts = _by_teacher(traces, recipe, scorer) if scorer else _by_words(traces, recipe)
    for each in _found(traces()):
        fit = isinstance(each.conversation, Conversation)
        yield each, next(verdicts) if fit else (None, None)


def _by_words(traces: Callable[[], Iterable[Traced]], recipe: Recipe) -> Iterator[_Verdict]:
    # Loaded only here: it takes a third of a second.
    from trace_assets.training.relevance import Relevance

    return Relevance(recipe.job_description, _fit(traces())).scores()


def _by_teacher(
    traces: Callable[[], Iterable[Traced]], recipe: Recipe, scorer: Scorer
) -> Iterator[_Verdict]:
    fit, size = _fit(traces()), recipe.config.trace_processing.relevance_filtering_batch_size
    while batch := list(islice(fit, size)):
        for score in scorer(batch):
            yield score, None


def _fit(traces: Iterable[Traced]) -> Iterator[Conversation]:
    for each in _found(traces):
        if isinstance(each.conversation, Conversation):
            yield each.conversation


def _found(traces: Iterable[Traced]) -> Iterator[_Found]:
    for each in traces:
        yield _Found(
            each,
            conversation_of(each.trace, trace_id=each.trace_id, source_uri=each.source_uri),
        )


def relabelled_examples(
    conversations: Iterable[bytes], create: Create, recipe: Recipe, teacher: Teacher = NO_TEACHER
) -> dict[str, Any]:
    """Write the conversations with the labels of their examples."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    labelled = (
        labels_of(msgspec.json.decode(line, type=Conversation), recipe) for line in conversations
    )
    with create(LABELLED) as file:
        for each in relabelled(labelled, recipe, teacher.committee):
            counts["conversations"] += 1
            counts["examples"] += len(each.labels)
            counts["original"] += sum(label.is_original for label in each.labels)
            reasons.update(label.why for label in each.labels)
            passed_over.update(each.passed_over)
            file.write(json_line(each))
    examples, original = counts["examples"], counts["original"]
    is_on = recipe.config.trace_processing.relabel
    is_asked = teacher.committee is not None and is_on
    return {
        "conversations": counts["conversations"],
        "labels": check_sum("labels", examples, original=original, relabelled=examples - original),
        "reasons": dict(sorted(reasons.items())),
        "labelled_by": "committee" if is_asked else f"the log: {NO_ENDPOINT if is_on else OFF}",
        **({"committee": teacher.told()} if teacher.told and is_asked else {}),
        "answers_passed_over": dict(sorted(passed_over.items())),
    }


def split_traces(
    labelled: Iterable[bytes],
    create: Create,
    recipe: Recipe,
    given: Sequence[Mapping[str, Any]] | None,
) -> dict[str, Any]:
    """Write where each trace goes."""
    decoder = msgspec.json.Decoder(Labelled)
    placed = split((decoder.decode(line) for line in labelled), recipe, given)
    parts = Counter(each.part for each in placed)
    strata: dict[str, Counter[str]] = {}
    with create(SPLIT) as file, create(LEFT_OUT) as out:
        left_out = LeftOut(out, "split")
        for each in placed:
            file.write(json_line(each))
            strata.setdefault(each.stratum or "(none)", Counter())[each.part] += 1
            if each.reason:
                message = each.like or f"its group {each.group} is in the test set"
                of = {"trace_id": each.trace_id, "source_uri": each.source_uri}
                left_out.add(each.reason, message, **of)
    names = ("train", "test", "unstructured", "left_out")
    return {
        "seed": recipe.config.base.random_seed,
        "groups": len({each.group for each in placed}),
        "traces": check_sum("traces", len(placed), **{name: parts[name] for name in names}),
        "strata": {name: dict(sorted(strata[name].items())) for name in sorted(strata)},
        "left_out": left_out.counts(),
    }


def performance(
    tested: Iterable[Labelled], create: Create, recipe: Recipe, teacher: Teacher = NO_TEACHER
) -> dict[str, Any]:
    """Write a row for each answer that the model of the log gave in the test set; the summary.

    Held in memory: the test set.
    """
    rows = Rows(recipe)
    results = [each for labelled in tested for each in _results(labelled, recipe, rows)]
    tools = recipe.job_description.tools or ()
    summary, predictions = base_model_performance(
        results, task=recipe.task, tools=tools, judge=teacher.judge
    )
    with create(PREDICTIONS) as file:
        for each in predictions:
            file.write(json_line(each))
    with create(PERFORMANCE) as file:
        file.write(manifest_bytes(summary))
    return summary


def _results(labelled: Labelled, recipe: Recipe, rows: Rows) -> Iterator[Relabelled]:
    """The examples that the test rows are made of, as the log has them, and their labels."""
    is_whole = not recipe.config.trace_processing.convert_to_single_turn
    used = {row.message for row in rows.of(labelled) if isinstance(row, Row)}
    own = labels_of(labelled.conversation, recipe)
    pairs = zip(examples_of(own, recipe), labelled.labels, strict=True)
    for example, label in pairs:
        if label.at in used or (is_whole and used):
            yield Relabelled(example, label.label, None, label.is_original, label.why)


def placed_of(lines: Iterable[bytes]) -> list[Placed]:
    """What `split_traces` wrote."""
    return [msgspec.json.decode(line, type=Placed) for line in lines]


def tested_of(labelled: Iterable[bytes], placed: Iterable[Placed]) -> Iterator[Labelled]:
    """The conversations of the test set; none where it was given."""
    return (each for each, place in pairs_of(labelled, placed) if place.part == "test")


def pairs_of(
    labelled: Iterable[bytes], placed: Iterable[Placed]
) -> Iterator[tuple[Labelled, Placed]]:
    """Each conversation with its place.

    Raises:
        ConfigError: they are of different runs.
    """
    decoder = msgspec.json.Decoder(Labelled)
    for line, place in zip(labelled, placed, strict=True):
        each = decoder.decode(line)
        if each.conversation.trace_id != place.trace_id:
            raise ConfigError(
                f"split: has {place.trace_id!r} where the examples have "
                f"{each.conversation.trace_id!r}; run split again"
            )
        yield each, place

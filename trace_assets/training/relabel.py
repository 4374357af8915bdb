"""Examples with the labels of a committee in place of their own.

Without an endpoint, or with `relabel: false`, every example keeps its label, and says why. The
same goes for those that the committee has no label for, and for those over the ceiling of cost.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from trace_assets.training.cache import AnswerCache
from trace_assets.training.committee import Committee, Decision, Question, Votes
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.examples import Example
from trace_assets.training.form import Label, form_of
from trace_assets.training.spending import Done, Job, in_order
from trace_assets.training.teacher import Cost, Teacher

NO_ENDPOINT = "no_endpoint"
OFF = "relabel_is_off"

_FREE = Cost()


@dataclass(frozen=True)
class Relabelled:
    """An example with the label that goes into the set."""

    example: Example
    label: Label
    votes: Votes | None
    """None where nobody was asked."""
    kept_original: bool
    why: str
    """Where the label comes from: `agreed`, `arbiter`, `majority`; of an original that was kept:
    `relabel_is_off`, `no_endpoint`, `ceiling_reached`, `no_valid_proposal`, `no_agreement`."""
    cost: Cost = _FREE
    """What its answers cost, paid now or earlier; not those that an example before it paid for."""


@dataclass(frozen=True)
class RelabelSettings:
    """The keys of `trace_processing` that relabelling knows, and the endpoint."""

    relabel: bool
    teacher_model_name: str
    """The arbiter."""
    relabelling_committee_models: Sequence[str]
    endpoint: Endpoint | None = None


def relabelled(
    examples: Iterable[Example],
    *,
    job_description: Mapping[str, Any],
    settings: RelabelSettings,
    cache: AnswerCache | None,
) -> Generator[Relabelled, None, None]:
    """Each example with its new label, in the order given; `cache` is needed with an endpoint.

    Same examples, settings and cache: same results, whatever the concurrency. What was answered is
    in the cache when this raises, or is killed: the next run goes on from there.

    Raises:
        TeacherError: the endpoint cannot be used.
        ConfigError: a ceiling in dollars without a price for each model, or no package `openai`.
        StoreError: the cache cannot be read or written.
    """
    endpoint = settings.endpoint
    if not settings.relabel or not settings.relabelling_committee_models or not endpoint:
        why = NO_ENDPOINT if settings.relabel and not endpoint else OFF
        yield from (_kept(example, why) for example in examples)
        return
    if cache is None:
        raise ValueError(
            "relabelling with an endpoint needs a cache, or answers are paid for twice"
        )
    members, arbiter = settings.relabelling_committee_models, settings.teacher_model_name
    endpoint.check_prices({*members, arbiter})
    with Teacher(endpoint, cache) as teacher:
        committee = Committee(teacher, members=members, arbiter=arbiter)
        jobs = (_job(example, committee, job_description) for example in examples)
        with closing(in_order(jobs, teacher)) as results:
            yield from map(_of, results)


class RelabelCounts:
    """What a manifest says of relabelling; the same whether the answers were paid for or found."""

    def __init__(self, settings: RelabelSettings) -> None:
        self._settings = settings
        self._reasons: Counter[str] = Counter()
        self._relabelled = self._changed = 0
        self._not_counted: Counter[str] = Counter()
        self._cost = Cost()

    def add(self, result: Relabelled) -> None:
        """Count one example."""
        self._reasons[result.why] += 1
        self._relabelled += not result.kept_original
        self._changed += result.label != result.example.label
        self._cost = self._cost.plus(result.cost)
        for vote in result.votes.votes if result.votes else ():
            self._not_counted[vote.model] += vote.label is None

    def as_dict(self) -> dict[str, Any]:
        """The counts, for JSON. Neither the endpoint's key nor its address is in them."""
        endpoint = self._settings.endpoint
        total = self._reasons.total()
        return {
            "examples": total,
            "relabelled": self._relabelled,
            "kept_original": total - self._relabelled,
            "changed": self._changed,
            "by_reason": dict(sorted(self._reasons.items())),
            "arbiter": self._settings.teacher_model_name,
            "committee": list(self._settings.relabelling_committee_models),
            "answers_that_are_no_label": dict(sorted(self._not_counted.items())),
            "tokens": self._cost.tokens,
            "usd": round(self._cost.usd, 6) if endpoint and endpoint.prices else None,
            "max_tokens": endpoint.max_tokens if endpoint else None,
            "max_usd": endpoint.max_usd if endpoint else None,
        }


def _kept(example: Example, why: str) -> Relabelled:
    return Relabelled(example, example.label, None, True, why)


def _job(
    example: Example, committee: Committee, description: Mapping[str, Any]
) -> Job[Example, Decision]:
    tools = example.tools
    question = Question(
        job=description,
        tools=tools,
        messages=example.messages,
        form=form_of(
            example.label,
            example_id=example.example_id,
            tools=tools,
            classes=description.get("classes_description"),
        ),
        is_whole=isinstance(example.label, list),
    )
    return Job(example, committee.most(question), lambda: committee.decide(question))


def _of(done: Done[Example, Decision]) -> Relabelled:
    decision = done.result
    if decision is None:
        return _kept(done.subject, "ceiling_reached")
    is_kept = decision.label is None
    label = done.subject.label if decision.label is None else decision.label
    return Relabelled(done.subject, label, decision.votes, is_kept, decision.why, done.cost)

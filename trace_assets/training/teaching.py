"""The teacher that the environment names, as the steps want it: it scores, relabels and judges.

TRACE_ASSETS_TEACHER_CACHE   the file that keeps its answers (data/teacher.sqlite)

All else about it is in `endpoint`. The ceiling of cost holds for each of the three.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trace_assets.training.cache import Answer, AnswerCache
from trace_assets.training.endpoint import PREFIX, Endpoint, endpoint_from
from trace_assets.training.examples import Example
from trace_assets.training.judging import Judge
from trace_assets.training.recipe import Evaluation, Recipe
from trace_assets.training.relabel import RelabelCounts, Relabelled, RelabelSettings, relabelled
from trace_assets.training.scoring import TeacherScorer
from trace_assets.training.spending import Spending
from trace_assets.training.steps import NO_TEACHER, Teacher
from trace_assets.training.teacher import Teacher as Endpointed

CACHE: Final = f"{PREFIX}CACHE"


@contextmanager
def teacher_from(environment: Mapping[str, str], recipe: Recipe) -> Iterator[Teacher]:
    """The teacher while the block lasts; no teacher without TRACE_ASSETS_TEACHER_URL.

    Raises:
        ConfigError: a wrong name or value in the environment.
        StoreError: the cache cannot be opened.
    """
    endpoint = endpoint_from(environment)
    if endpoint is None:
        yield NO_TEACHER
        return
    processing = recipe.config.trace_processing
    settings = RelabelSettings(
        processing.relabel,
        processing.teacher_model_name,
        processing.relabelling_committee_models,
        endpoint,
    )
    path = Path(environment.get(CACHE) or "data/teacher.sqlite")
    with AnswerCache(path) as cache, Endpointed(endpoint, cache) as endpointed:
        relabelling = _Relabelling(recipe, settings, cache)
        asking = _Asking(endpointed, processing.teacher_model_name)
        yield Teacher(
            _name(endpoint),
            TeacherScorer(recipe.job_description, asking),
            relabelling,
            Judge(
                (recipe.config.evaluation or Evaluation()).llm_as_a_judge_model_name,
                endpoint,
                cache,
                recipe.job_description.model_dump(mode="json", exclude_none=True),
            ),
            relabelling.counts.as_dict,
        )


def _name(endpoint: Endpoint) -> str:
    """What decides its answers beside the recipe, which names the models; not where it is."""
    limits = (endpoint.max_tokens, endpoint.max_usd, endpoint.answer_tokens)
    return "teacher {} {} {}".format(*limits)


class _Relabelling:
    """A committee that counts what it does."""

    def __init__(self, recipe: Recipe, settings: RelabelSettings, cache: AnswerCache) -> None:
        self._job = recipe.job_description.model_dump(mode="json", exclude_none=True)
        self._settings = settings
        self._cache = cache
        self.counts = RelabelCounts(settings)

    def __call__(self, examples: Iterable[Example]) -> Iterator[Relabelled]:
        for each in relabelled(
            examples, job_description=self._job, settings=self._settings, cache=self._cache
        ):
            self.counts.add(each)
            yield each


class _Asking:
    """One question after the other, for as long as the ceiling of cost allows."""

    def __init__(self, teacher: Endpointed, model: str) -> None:
        self._teacher = teacher
        self._model = model
        self._spending = Spending(teacher)

    def __call__(self, instruction: str, question: str) -> str | None:
        request = self._teacher.request(self._model, instruction, question)
        self._teacher.endpoint.check_prices({self._model})
        if not self._spending.allows(self._teacher.most(request)):
            return None
        asked = self._teacher.ask(request)
        self._spending.count([asked])
        return asked.answer.text if isinstance(asked.answer, Answer) else None

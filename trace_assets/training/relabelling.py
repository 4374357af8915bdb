"""Where labels are made better: a committee of models, if there is one, else they stay.

The committee is given as a function from examples to what it found of each, in the same order. It
may read ahead: the conversations whose labels it has not told yet wait here.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from trace_assets.training.examples import Example, Label, Labelled, examples_of
from trace_assets.training.recipe import Recipe
from trace_assets.training.relabel import NO_ENDPOINT, OFF, Relabelled

Committee = Callable[[Iterator[Example]], Iterable[Relabelled]]


def relabelled(
    conversations: Iterable[Labelled], recipe: Recipe, committee: Committee | None
) -> Iterator[Labelled]:
    """The conversations with the labels of the committee, in the order they came."""
    if committee is None or not recipe.config.trace_processing.relabel:
        why = OFF if not recipe.config.trace_processing.relabel else NO_ENDPOINT
        for each in conversations:
            for label in each.labels:
                label.why = why
            yield each
        return
    waiting: deque[Labelled] = deque()
    answers = iter(committee(_examples(conversations, recipe, waiting)))
    for answer in answers:
        while not waiting[0].labels:
            yield waiting.popleft()
        labelled = waiting[0]
        done = _next(labelled)
        labelled.labels[done] = _label(labelled.labels[done], answer)
        if done == len(labelled.labels) - 1:
            yield waiting.popleft()
    yield from waiting


def _examples(
    conversations: Iterable[Labelled], recipe: Recipe, waiting: deque[Labelled]
) -> Iterator[Example]:
    for each in conversations:
        waiting.append(each)
        yield from examples_of(each, recipe)


def _next(labelled: Labelled) -> int:
    """The first label that the committee has not told: it always says why."""
    return next(n for n, label in enumerate(labelled.labels) if not label.why)


def _label(label: Label, found: Relabelled) -> Label:
    return Label(
        label.at,
        label.turn,
        found.label,
        is_original=found.kept_original,
        why=found.why,
        votes=found.votes,
    )

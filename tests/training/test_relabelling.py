"""Where labels come from: a committee, in any rhythm, or the log itself."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.trace.making import assistant, call, output, user
from tests.training.making import labelled, recipe
from trace_assets.training.examples import Example, Labelled
from trace_assets.training.relabel import Relabelled
from trace_assets.training.relabelling import relabelled

QA = recipe("question-answering")


def talk(number: int, answers: int) -> Labelled:
    turns = [each for n in range(answers) for each in (user(f"{number}.{n}?"), assistant("Old."))]
    silent = (user("Hm"), call("a"), output("a"))
    return labelled(QA, *(turns or silent), trace_id=f"t{number}")


def reading_ahead(by: int) -> Any:
    def committee(examples: Iterator[Example]) -> Iterator[Relabelled]:
        while batch := list(islice(examples, by)):
            for example in batch:
                label = {"role": "assistant", "content": f"New for {example.example_id}."}
                yield Relabelled(example, label, None, kept_original=False, why="agreed")

    return committee


@given(st.lists(st.integers(0, 3), max_size=8), st.integers(1, 6))
def test_each_label_reaches_its_own_example_however_far_a_committee_reads(
    answers: list[int], by: int
) -> None:
    talks = [talk(number, count) for number, count in enumerate(answers)]
    done = list(relabelled(talks, QA, reading_ahead(by)))
    assert [each.conversation.trace_id for each in done] == [f"t{n}" for n in range(len(answers))]
    for each in done:
        for label in each.labels:
            assert isinstance(label.label, dict)
            where = f"{each.conversation.trace_id}:{label.at}"
            assert label.label["content"] == f"New for {where}."
            assert not label.is_original
        said = [message["content"] for message in each.conversation.messages]
        assert "Old." in said or not each.labels


def test_without_an_endpoint_or_with_relabelling_off_the_log_keeps_the_word() -> None:
    (kept,) = relabelled([talk(0, 1)], QA, None)
    assert (kept.labels[0].is_original, kept.labels[0].why) == (True, "no_endpoint")
    off = recipe("question-answering", relabel=False)
    (kept,) = relabelled([talk(0, 1)], off, reading_ahead(1))
    assert (kept.labels[0].is_original, kept.labels[0].why) == (True, "relabel_is_off")

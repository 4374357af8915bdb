"""Relevance: what is about the job scores above what is not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from tests.trace.making import assistant, system, user
from tests.training.making import conversation, recipe, trace
from trace_assets.training import steps
from trace_assets.training.recipe import JobDescription
from trace_assets.training.relevance import Relevance
from trace_assets.training.scoring import TeacherScorer

JOB = JobDescription(task_description="Answer questions about bank accounts and transfers.")
BANK = [
    conversation(system("Bank"), user(text), assistant("Done."))
    for text in ("My account please", "What of my transfers?", "Open two bank accounts")
]
WEATHER = [
    conversation(system("bank accounts transfers"), user(text), assistant("Sunny."))
    for text in ("Is it raining?", "How warm is it in Rome?", "Snow tomorrow?")
]


def test_what_is_about_the_job_scores_higher_and_nothing_in_common_is_zero() -> None:
    relevance = Relevance(JOB, [*BANK, *WEATHER])
    assert min(relevance.scores(BANK)) > max(relevance.scores(WEATHER))
    assert relevance.score(WEATHER[0]) == 0


def test_a_score_is_a_share_whatever_the_corpus() -> None:
    for corpus in ([], BANK[:1], [*BANK, *WEATHER]):
        relevance = Relevance(JOB, corpus)
        assert all(0 <= score <= 1 for score in relevance.scores([*BANK, *WEATHER]))


def test_a_teacher_is_asked_in_batches_and_what_it_does_not_judge_is_kept() -> None:
    asked: list[str] = []

    def ask(_: str, question: str) -> str | None:
        asked.append(question)
        return {1: "```json\n[1, 0.9]\n```", 2: "I cannot say", 3: "[0, 0]"}[len(asked)]

    traces = [
        steps.Traced(trace(user(f"Question {n}?"), assistant("Yes.")), f"t{n}", f"log#{n}")
        for n in range(6)
    ]
    made = recipe(
        "question-answering",
        local={"relevance_threshold": 0.5},
        relevance_filtering_batch_size=2,
    )
    files: dict[str, BytesIO] = {}

    @contextmanager
    def create(name: str) -> Iterator[BytesIO]:
        yield files.setdefault(name, BytesIO())

    scorer = TeacherScorer(made.job_description, ask)
    about = steps.relevant_traces(lambda: traces, create, made, scorer)
    assert len(asked) == 3
    assert "Question 2?" in asked[1]
    assert "Question 4?" not in asked[1]
    assert about["traces"] == {"total": 6, "kept": 4, "filtered": 2, "unfit": 0}
    assert (about["scored_by"], about["unscored"]) == ("teacher", 2)
    lines = files["left_out.jsonl"].getvalue().splitlines()
    dropped = [json.loads(line)["trace_id"] for line in lines]
    assert dropped == ["t4", "t5"]

"""Relevance: what is about the job scores above what is not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from tests.trace.making import assistant, system, user
from tests.training.making import conversation, recipe, trace
from trace_assets.training import steps
from trace_assets.training.conversation import Conversation
from trace_assets.training.recipe import JobDescription
from trace_assets.training.relevance import (
    OTHER_LANGUAGE,
    SHORT_TEXT,
    VAGUE_JOB,
    Relevance,
    Score,
)
from trace_assets.training.scoring import TeacherScorer

JOB = JobDescription(
    task_description="You are a helpful assistant of a bank. Answer questions of customers about "
    "their accounts, transfers and banking products."
)
BANK = [
    conversation(system("You are a banking assistant."), user(text), assistant("Done."))
    for text in ("What is my balance?", "Send 20 to my brother", "Close the old one")
]
VERSE = (
    "The waves that roll about the shore have questions, and they answer all who ask for more. "
    "You are a gull that helps the tide, and with the moon you glide from isle to isle."
)
POEM = conversation(
    system("You are a helpful assistant."), user("Sing about the sea"), assistant(VERSE)
)


def scores(*conversations: Conversation, job: JobDescription = JOB) -> list[Score]:
    return list(Relevance(job, conversations).scores())


def test_a_system_prompt_in_other_word_forms_counts_and_words_without_content_do_not() -> None:
    *bank, poem = scores(*BANK, POEM)
    assert min(each.value for each in bank) > 0
    assert poem == Score(0.0)


def test_a_score_is_a_share_whatever_the_corpus() -> None:
    for corpus in ([], BANK[:1], [*BANK, POEM]):
        assert all(0 <= each.value <= 1 for each in scores(*corpus))
    words = conversation(user(JOB.task_description), assistant(JOB.task_description))
    assert scores(words, POEM)[0].value > 0.9


def test_a_short_text_without_a_common_word_is_in_doubt() -> None:
    bare = conversation(user("What is left?"), assistant("50."))
    assert scores(bare, POEM) == [Score(0.0, SHORT_TEXT), Score(0.0)]


def test_another_language_than_that_of_the_job_is_in_doubt() -> None:
    spanish = conversation(
        user("Quiero saber cu\u00e1nto dinero tengo en la cuenta que abr\u00ed el mes pasado."),
        assistant("Tiene 500 euros, y en los ahorros hay 20 euros m\u00e1s que en el otro mes."),
    )
    assert scores(spanish) == [Score(0.0, OTHER_LANGUAGE)]
    own = JobDescription(
        task_description="Responde a las preguntas de los clientes sobre la cuenta, los ahorros y "
        "las transferencias que tienen en el banco."
    )
    (found,) = scores(spanish, job=own)
    assert found.doubt is None
    assert found.value > 0


def test_a_job_without_a_subject_decides_nothing() -> None:
    assert scores(POEM, job=JobDescription(task_description="Answer the user.")) == [
        Score(0.0, VAGUE_JOB)
    ]


def test_what_the_words_cannot_tell_is_kept_and_marked() -> None:
    bare = trace(user("What is left?"), assistant("50."))
    poem = trace(user("Sing about the sea"), assistant(VERSE))
    made = recipe("question-answering", local={"relevance_threshold": 0})
    made = made.model_copy(update={"job_description": JOB})
    traces = [steps.Traced(bare, "bare", "log#0"), steps.Traced(poem, "poem", "log#1")]
    files: dict[str, BytesIO] = {}

    @contextmanager
    def create(name: str) -> Iterator[BytesIO]:
        yield files.setdefault(name, BytesIO())

    about = steps.relevant_traces(lambda: traces, create, made)
    assert about["uncertain"] == {SHORT_TEXT: 1}
    assert [json.loads(line) for line in files["scores.jsonl"].getvalue().splitlines()] == [
        {
            "trace_id": "bare",
            "source_uri": "log#0",
            "score": 0,
            "kept": True,
            "uncertain": SHORT_TEXT,
        },
        {"trace_id": "poem", "source_uri": "log#1", "score": 0, "kept": False},
    ]


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

"""Relevance: what is about the job scores above what is not."""

from tests.trace.making import assistant, system, user
from tests.training.making import conversation
from trace_assets.training.recipe import JobDescription
from trace_assets.training.relevance import Relevance

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

"""How close conversations are to the job, as a teacher sees it: a batch in one request.

A conversation that the teacher gives no score for is kept: what nobody judged is not dropped.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from trace_assets.training.conversation import Conversation
from trace_assets.training.form import NotALabelError, parsed, without_fence, without_thoughts
from trace_assets.training.recipe import JobDescription
from trace_assets.training.text import question_of

Ask = Callable[[str, str], str | None]
"""Sends an instruction and a question to the teacher; its answer, or None where there is none."""

_MOST_SHOWN = 4_000
"""Characters of a conversation that the teacher sees: its beginning tells what it is about."""

_INSTRUCTION = (
    "You judge whether conversations are examples of a job. For each conversation give a number "
    "from 0 (nothing to do with the job) to 1 (exactly the job). Answer with a JSON array of "
    "these numbers alone, in the order of the conversations."
)


class TeacherScorer:
    """Scores batches of conversations by asking."""

    def __init__(self, job: JobDescription, ask: Ask) -> None:
        self._job = json.dumps(job.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
        self._ask = ask

    def __call__(self, conversations: Sequence[Conversation]) -> list[float | None]:
        """The score of each, None where the teacher's answer has none for it."""
        if not conversations:
            return []
        shown = [
            f"Conversation {number}:\n{question_of(each.messages)[:_MOST_SHOWN]}"
            for number, each in enumerate(conversations, start=1)
        ]
        answer = self._ask(_INSTRUCTION, "\n\n".join([f"The job: {self._job}", *shown]))
        return scores_in(answer, count=len(conversations))


def scores_in(answer: str | None, *, count: int) -> list[float | None]:
    r"""The scores in an answer; all None where they are not as many as were asked for.

    >>> scores_in("```json\n[0, 0.5]\n```", count=2), scores_in("[1]", count=2)
    ([0.0, 0.5], [None, None])
    """
    try:
        values = parsed(without_fence(without_thoughts(answer or "")))
    except NotALabelError:
        values = None
    if not isinstance(values, list) or len(values) != count:
        return [None] * count
    return [_score(value) for value in values]


def _score(value: Any) -> float | None:
    match value:
        case bool():
            return None
        case int() | float() if 0 <= value <= 1:
            return float(value)
        case _:
            return None

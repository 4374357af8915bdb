"""How close a conversation is to the job description, by the words that both use: BM25.

The library bm25s ranks; the score is the share of what the job description itself would reach, 0 to
1. The system prompt counts, because it often is the only text that names the job. Words without
content and word forms do not count (`trace_assets.training.words`).

Held in memory: of each conversation at most 2,000 words, 2 bytes each.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from bm25s import BM25
from bm25s.tokenization import Tokenized

from trace_assets.training.conversation import Conversation, Message
from trace_assets.training.recipe import JobDescription
from trace_assets.training.words import FEWEST_WORDS, Stems, language_of, split_words

SHORT_TEXT: Final = "short_text"
OTHER_LANGUAGE: Final = "other_language"
VAGUE_JOB: Final = "vague_job"

_MOST_WORDS: Final = 2_000
"""The words of a conversation that count; those of the system prompt come last."""

_FEWEST_STEMS: Final = 10
"""A conversation with fewer different stems may have none in common with its job by chance: of 190
voice commands of public logs 14 have none in common with their job, with at most 8 stems."""

_FEWEST_TERMS: Final = 3
"""A job description with fewer different stems does not describe a subject."""

_OTHER: Final = 0
"""The id of each word that is not in the job description."""


class Score(NamedTuple):
    """The score of a conversation."""

    value: float
    doubt: str | None = None
    """Why a low value does not show that the conversation is off the job."""


class Relevance:
    """Reads all conversations once, and then has the score of each, in their order."""

    def __init__(self, job: JobDescription, conversations: Iterable[Conversation]) -> None:
        words = split_words(" ".join(_texts_of_job(job)))
        self._language = language_of(words, fewest=1) or "english"
        self._stems = Stems(self._language)
        own = list(self._stems.of(words))
        self._ids = {stem: number for number, stem in enumerate(dict.fromkeys(own), start=1)}
        documents = [array("H", map(self._ids.__getitem__, own))]
        self._doubts: list[str | None] = []
        for conversation in conversations:
            documents.append(self._read(conversation))
        self._values = self._ranked(documents)

    def scores(self) -> Iterator[Score]:
        """Yield the score of each conversation."""
        for value, doubt in zip(self._values, self._doubts, strict=True):
            yield Score(value, doubt)

    def _read(self, conversation: Conversation) -> "array[int]":
        words = split_words("\n".join(_texts_of(conversation)))
        stems = list(islice(self._stems.of(words), _MOST_WORDS))
        self._doubts.append(self._doubt(conversation, stems))
        # One word of padding: the library takes no empty document.
        return array("H", [_OTHER, *(self._ids.get(stem, _OTHER) for stem in stems)])

    def _doubt(self, conversation: Conversation, stems: Sequence[str]) -> str | None:
        if len(self._ids) < _FEWEST_TERMS:
            return VAGUE_JOB
        prose = split_words("\n".join(_said_in(conversation)))
        if len(set(stems)) < _FEWEST_STEMS or len(prose) < FEWEST_WORDS:
            return SHORT_TEXT
        return OTHER_LANGUAGE if language_of(prose) != self._language else None

    def _ranked(self, documents: Sequence["array[int]"]) -> list[float]:
        """Return the scores of all documents but the first, which is the job description."""
        if not self._ids:
            return [0.0] * (len(documents) - 1)
        ranking = BM25(dtype="float64")
        vocabulary = {"": _OTHER, **self._ids}
        ranking.index(Tokenized(documents, vocabulary), show_progress=False)  # pyright: ignore[reportArgumentType]
        best, *values = ranking.get_scores(list(self._ids)).tolist()
        # Rounded so that every platform writes the same digits.
        return [round(min(value / best, 1.0), 4) for value in values]


def _texts_of(conversation: Conversation) -> Iterator[str]:
    """Yield all texts of a conversation, those of the system prompt last."""
    messages = conversation.messages
    yield from chain.from_iterable(map(_texts_in, messages))
    yield from (each["content"] or "" for each in messages if each["role"] == "system")


def _texts_in(message: Message) -> Iterator[str]:
    if message["role"] != "system":
        yield message["content"] or ""
        for call in message.get("tool_calls", ()):
            yield call["function"]["name"]
            yield call["function"]["arguments"]


def _said_in(conversation: Conversation) -> Iterator[str]:
    """Yield what user and assistant say, which shows the language of a conversation."""
    for message in conversation.messages:
        if message["role"] in ("user", "assistant"):
            yield message["content"] or ""


def _texts_of_job(job: JobDescription) -> Iterator[str]:
    yield job.task_description
    yield job.input_description or ""
    for name, meaning in (job.classes_description or {}).items():
        yield f"{name} {meaning}"
    for tool in job.tools or ():
        function = tool["function"]
        yield f"{function['name']} {function.get('description') or ''}"

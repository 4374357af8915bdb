"""How close a conversation is to the job, by the words that both use: BM25.

There is one query, the job description, so the counts of its few hundred words are all that has to
be known of a corpus of any size. The libraries for BM25 hold the corpus in memory instead, and
bring numpy. The score is the share of the best that any conversation could reach, 0 to 1.
"""

import re
from collections import Counter
from collections.abc import Iterable
from math import log

from trace_assets.training.conversation import Conversation
from trace_assets.training.recipe import JobDescription

_K1, _B = 1.5, 0.75  # the constants of the textbook

_WORD = re.compile(r"[^\W_]+")


class Relevance:
    """Scores conversations, once it has been through all of them."""

    def __init__(self, job: JobDescription, conversations: Iterable[Conversation]) -> None:
        self._terms = frozenset(_words_of_job(job))
        self._holding: Counter[str] = Counter()
        self._count = self._words = 0
        for conversation in conversations:
            words = words_of(conversation)
            self._count += 1
            self._words += len(words)
            self._holding.update(self._terms.intersection(words))

    def scores(self, conversations: Iterable[Conversation]) -> list[float]:
        """The score of each."""
        return [self.score(each) for each in conversations]

    def score(self, conversation: Conversation) -> float:
        """The score, rounded so that it prints the same everywhere."""
        words = words_of(conversation)
        mean = self._words / max(self._count, 1) or 1
        flat = _K1 * (1 - _B + _B * len(words) / mean)
        counts = Counter(word for word in words if word in self._holding)
        reached = sum(
            self._weight(word) * count * (_K1 + 1) / (count + flat)
            for word, count in sorted(counts.items())
        )
        best = sum(self._weight(word) for word in sorted(self._holding)) * (_K1 + 1)
        return round(reached / best, 4) if best else 0.0

    def _weight(self, word: str) -> float:
        """What a word tells: the less, the more conversations have it."""
        holding = self._holding[word]
        return log(1 + (self._count - holding + 0.5) / (holding + 0.5))


def words_of(conversation: Conversation) -> list[str]:
    """The words of a conversation but for the system prompt, which all of an agent's share."""
    found: list[str] = []
    for message in conversation.messages:
        if message["role"] != "system":
            found += _words(message["content"] or "")
            for call in message.get("tool_calls", ()):
                found += _words(call["function"]["name"])
                found += _words(call["function"]["arguments"])
    return found


def _words_of_job(job: JobDescription) -> list[str]:
    texts = [job.task_description, job.input_description or ""]
    texts += [f"{name} {meaning}" for name, meaning in (job.classes_description or {}).items()]
    functions = [tool["function"] for tool in job.tools or ()]
    texts += [f"{each['name']} {each.get('description') or ''}" for each in functions]
    return _words(" ".join(texts))


def _words(text: str) -> list[str]:
    """Words in lower case, without the `s` of most plurals.

    >>> _words("Order_status of 2 ACCOUNTS")
    ['order', 'statu', 'of', '2', 'account']
    """
    words = _WORD.findall(text.lower())
    return [word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in words]

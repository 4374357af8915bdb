"""Words of a text for lexical comparison: stems without stop words, and the language.

Stop words are those of bm25s (from NLTK), stems those of Snowball, for the languages that both
know. Loading them takes a third of a second, so only relevance scoring imports this module.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import snowballstemmer
from bm25s import stopwords

STOP_WORDS: Final[dict[str, frozenset[str]]] = {
    "danish": frozenset(stopwords.STOPWORDS_DANISH),
    "dutch": frozenset(stopwords.STOPWORDS_DUTCH),
    "english": frozenset(stopwords.STOPWORDS_EN_PLUS),
    "french": frozenset(stopwords.STOPWORDS_FRENCH),
    "german": frozenset(stopwords.STOPWORDS_GERMAN),
    "italian": frozenset(stopwords.STOPWORDS_ITALIAN),
    "norwegian": frozenset(stopwords.STOPWORDS_NORWEGIAN),
    "portuguese": frozenset(stopwords.STOPWORDS_PORTUGUESE),
    "russian": frozenset(stopwords.STOPWORDS_RUSSIAN),
    "spanish": frozenset(stopwords.STOPWORDS_SPANISH),
    "swedish": frozenset(stopwords.STOPWORDS_SWEDISH),
    "turkish": frozenset(stopwords.STOPWORDS_TURKISH),
}

FEWEST_WORDS: Final = 12
"""Below this number of words a text does not show its language."""

_LEAST_SHARE: Final = 0.1
"""The least share of stop words in prose of a language; English prose has some 0.45."""

_WORD = re.compile(r"[^\W\d_]+")


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers are left out.

    >>> split_words("order_status of 2 ACCOUNTS")
    ['order', 'status', 'of', 'accounts']
    """
    return _WORD.findall(text.lower())


ANY_JOB: Final = frozenset(
    split_words(
        "able agent ai answer ask assist assistant bot chat chatbot conversation example follow "
        "following function give given hello help helpful hi input instruction language llm make "
        "message model need ok output please prompt provide question reply request respond "
        "response sorry system task text thank thanks tool use user want welcome would yes you"
    )
)
"""English words that the description of any assistant, and any conversation, may use."""


def language_of(words: Sequence[str], *, fewest: int = FEWEST_WORDS) -> str | None:
    """Return the language with the most stop words among the words, or None if none has enough.

    >>> language_of("the words of this sentence are enough to see in which language it is".split())
    'english'
    """
    if len(words) < fewest:
        return None
    counts = {name: sum(map(stop.__contains__, words)) for name, stop in STOP_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= _LEAST_SHARE * len(words) else None


class Stems:
    """Turns words of one language into stems."""

    def __init__(self, language: str) -> None:
        self._stop = STOP_WORDS[language] | (ANY_JOB if language == "english" else frozenset())
        stem = snowballstemmer.stemmer(language).stemWord
        self._stem = lru_cache(maxsize=50_000)(stem)
        self._empty = frozenset(map(stem, self._stop))

    def of(self, words: Iterable[str]) -> Iterator[str]:
        """Yield the stems of all words that are no stop words.

        >>> list(Stems("english").of(["the", "banking", "of", "accounts"]))
        ['bank', 'account']
        """
        for word in words:
            if len(word) > 1 and word not in self._stop:
                stem = self._stem(word)
                if stem not in self._empty:
                    yield stem

"""How near an answer comes to a reference; every measure is from 0 to 1.

Tool calls are compared as the platform's answers are written: JSON text of an object with `name`
and `parameters`.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from trace_assets.training.schema import with_defaults

_WORD = re.compile(r"[^\W_]+")


def exact_match(reference: str, answer: str) -> float:
    r"""1 for the same text, but for space around it.

    >>> exact_match("Done.", " Done.\n"), exact_match("Done.", "done.")
    (1.0, 0.0)
    """
    return float(reference.strip() == answer.strip())


def words(text: str) -> list[str]:
    """Words in lower case, of any script, without punctuation.

    >>> words("I've sent $1,234 to José.")
    ['i', 've', 'sent', '1', '234', 'to', 'josé']
    """
    return _WORD.findall(text.lower())


def rouge_l(reference: str, answer: str) -> float:
    """The F1 of the longest common subsequence of words: ROUGE-L without stemming.

    On ASCII text it is what the package rouge-score says. That one sees no word in other scripts.
    """
    expected, found = words(reference), words(answer)
    if not expected or not found:
        return exact_match(reference, answer)
    common = _longest_common_subsequence(expected, found)
    return 2 * common / (len(expected) + len(found))


def _longest_common_subsequence(first: list[str], second: list[str]) -> int:
    """Its length, by the bits of one integer for a row of the usual table (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(first)) - 1
    row = every
    for word in second:
        matched = row & places.get(word, 0)
        row = (row + matched | row - matched) & every
    return len(first) - row.bit_count()


def meteor(reference: str, answer: str) -> float | None:
    """METEOR by nltk, on same words and same stems; None where nltk is not installed.

    Without synonyms: they are in WordNet, which nltk would have to download. So it is at most what
    METEOR with synonyms would be.
    """
    try:
        from nltk.translate.meteor_score import single_meteor_score
    except ImportError:
        return None
    expected, found = words(reference), words(answer)
    if not expected or not found:
        return exact_match(reference, answer)
    return float(single_meteor_score(expected, found, wordnet=_NO_SYNONYMS))


class _NoSynonyms:
    """A WordNet that knows no word."""

    def synsets(self, _: str) -> list[Any]:
        return []


_NO_SYNONYMS: Any = _NoSynonyms()


def tool_call_equivalence(
    reference: str, answer: str, schemas: Mapping[str, dict[str, Any]]
) -> float:
    """1 for the same call, where parameters left out count as their schema's defaults."""
    expected, found = _call(reference), _call(answer)
    if expected is None or found is None or expected[0] != found[0]:
        return 0.0
    schema = schemas.get(expected[0], {})
    return float(same_json(with_defaults(expected[1], schema), with_defaults(found[1], schema)))


def binary_tool_call(reference: str, answer: str) -> float:
    """1 for the same object; the order of keys is free.

    >>> binary_tool_call('{"name": "f", "parameters": {}}', '{"parameters": {}, "name": "f"}')
    1.0
    """
    is_json, found = _parsed(answer)
    is_expected, expected = _parsed(reference)
    return float(is_json and is_expected and same_json(expected, found))


def staged_tool_call(reference: str, answer: str) -> float:
    """0.25 for JSON, 0.5 with the name, 0.75 with the keys of the parameters, 1 for the same.

    >>> staged_tool_call('{"name": "f", "parameters": {"a": 1}}', '{"name": "f", "parameters": {}}')
    0.5
    """
    is_json, _ = _parsed(answer)
    if not is_json:
        return 0.0
    expected, found = _call(reference), _call(answer)
    if expected is None or _name(answer) != expected[0]:
        return 0.25
    if found is None or expected[1].keys() != found[1].keys():
        return 0.5
    return 1.0 if binary_tool_call(reference, answer) else 0.75


def same_json(first: Any, second: Any) -> bool:
    """Whether values are the same JSON: 1 is 1.0, but not true, which Python takes for 1.

    >>> same_json({"a": 1}, {"a": 1.0}), same_json([1], [True])
    (True, False)
    """
    pairs = [(first, second)]
    while pairs:
        match pairs.pop():
            case dict() as one, dict() as other if one.keys() == other.keys():
                pairs += [(one[key], other[key]) for key in one]
            case list() as one, list() as other if len(one) == len(other):
                pairs += zip(one, other, strict=True)
            case (dict() | list(), _) | (_, dict() | list()):
                return False
            case one, other if isinstance(one, bool) != isinstance(other, bool) or one != other:
                return False
    return True


def _parsed(text: str) -> tuple[bool, Any]:
    try:
        return True, msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return False, None


def _call(text: str) -> tuple[str, dict[str, Any]] | None:
    match _parsed(text)[1]:
        case {"name": str(name), "parameters": dict(parameters)}:
            return name, parameters
        case _:
            return None


def _name(text: str) -> str | None:
    match _parsed(text)[1]:
        case {"name": str(name)}:
            return name
        case _:
            return None

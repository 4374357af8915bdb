from hypothesis import given
from hypothesis import strategies as st

from tests.trace.making import user
from trace_assets.trace import TraceItem, load
from trace_assets.trace.transcript import Transcript

_letters = st.lists(st.sampled_from("abcde"), max_size=6)


def _context(letters: list[str]) -> list[TraceItem]:
    return load({"items": [user(letter) for letter in letters]}).items


def _letters_of(transcript: Transcript) -> list[str]:
    return [item.id for item in transcript.items() if item.type == "message"]


@given(st.lists(_letters, max_size=5))
def test_nothing_that_any_context_showed_is_missing(contexts: list[list[str]]) -> None:
    transcript = Transcript()
    for letters in contexts:
        transcript.merge(_context(letters))
    found = _letters_of(transcript)
    for letters in contexts:
        assert all(found.count(letter) >= letters.count(letter) for letter in letters)


@given(_letters, _letters)
def test_a_context_that_repeats_everything_is_the_transcript(
    before: list[str], new: list[str]
) -> None:
    transcript = Transcript()
    transcript.merge(_context(before))
    transcript.merge(_context(new + before))
    assert _letters_of(transcript) == new + before


def test_what_a_context_lacks_stays_where_it_was() -> None:
    transcript = Transcript()
    transcript.merge(_context(list("abcd")))
    transcript.merge(_context(list("acxd")))
    assert _letters_of(transcript) == list("abcxd")


def test_what_is_added_is_not_added_twice() -> None:
    transcript = Transcript()
    transcript.add_missing(_context(["a"]))
    transcript.add_missing(_context(["a", "b"]))
    assert _letters_of(transcript) == ["a", "b"]

"""The split: nothing that tests has a near relative that trains."""

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.trace.making import assistant, call, output, user
from tests.training.making import labelled, recipe
from trace_assets.training.duplicates import likeness, sketch_of
from trace_assets.training.examples import Labelled
from trace_assets.training.recipe import Recipe
from trace_assets.training.split import Placed, split

QA = recipe("question-answering")


def asked(number: int, text: str, made: Recipe = QA, **extra: str) -> Labelled:
    return labelled(made, user(text), assistant("Yes."), trace_id=f"t{number}", **extra)


def texts(count: int) -> list[str]:
    return [
        f"question number {n} asks about subject {n * n} in place {n + 7}" for n in range(count)
    ]


def parts(placed: list[Placed]) -> Counter[str]:
    return Counter(each.part for each in placed)


def test_few_traces_are_shared_equally_and_many_leave_context() -> None:
    few = split([asked(n, text) for n, text in enumerate(texts(41))], QA)
    assert parts(few) == {"train": 21, "test": 20}
    sized = recipe(
        "question-answering", num_traces_as_training_base=10, num_traces_as_testing_base=5
    )
    many = split([asked(n, text, sized) for n, text in enumerate(texts(41))], sized)
    assert parts(many) == {"train": 10, "test": 5, "unstructured": 26}


def test_traces_that_say_nearly_the_same_or_are_of_one_session_stay_together() -> None:
    long = "my parcel with the red shoes has not come although it was sent two weeks ago "
    same = [long + "please help me", long.upper() + "please, help me!"]
    given = [asked(n, same[n % 2]) for n in range(10)]
    given += [asked(n, text, session_id="s") for n, text in enumerate(texts(10), start=10)]
    given += [asked(n, text) for n, text in enumerate(texts(60)[20:], start=20)]
    placed = split(given, QA)
    assert {each.group for each in placed[:10]} == {"t0"}
    assert {each.group for each in placed[10:20]} == {"t10"}
    for group in (placed[:10], placed[10:20]):
        assert len({each.part for each in group}) == 1
    assert parts(placed)["test"] > 20


def test_two_tellings_of_one_run_stay_together() -> None:
    given = [asked(n % 30, text) for n, text in enumerate(texts(60))]
    placed = split(given, QA)
    for one, other in zip(placed[:30], placed[30:], strict=True):
        assert (one.group, one.part) == (other.group, other.part)


@settings(max_examples=40, deadline=None)
@example(kinds=[0] * 5, train=0, test=3, seed=0)
@given(
    kinds=st.lists(st.integers(0, 9), max_size=40),
    train=st.integers(0, 12),
    test=st.integers(0, 12),
    seed=st.integers(0, 3),
)
def test_no_group_is_on_both_sides_and_no_part_too_large(
    kinds: list[int], train: int, test: int, seed: int
) -> None:
    made = recipe(
        "question-answering", num_traces_as_training_base=train, num_traces_as_testing_base=test
    )
    base = made.config.base.model_copy(update={"random_seed": seed})
    made = made.model_copy(update={"config": made.config.model_copy(update={"base": base})})
    words = texts(10)
    placed = split([asked(n, words[kind], made) for n, kind in enumerate(kinds)], made)
    assert len(placed) == len(kinds)
    sides: dict[str, set[str]] = {}
    for each in placed:
        sides.setdefault(each.group, set()).add(each.part)
    for side in sides.values():
        assert side == {"test"} or "test" not in side
    assert parts(placed)["train"] <= train
    assert parts(placed)["test"] <= test


def test_the_seed_decides_and_the_same_seed_decides_the_same() -> None:
    given = [asked(n, text) for n, text in enumerate(texts(40))]
    other = recipe("question-answering").model_dump()
    other["config"]["base"]["random_seed"] = 7
    first = [each.part for each in split(given, QA)]
    assert first == [each.part for each in split(given, QA)]
    assert first != [each.part for each in split(given, Recipe.model_validate(other))]


def test_each_tool_is_in_train_and_frequent_ones_are_shared() -> None:
    made = recipe("tool-calling-closed-book")
    names = ["get_time"] * 3 + ["get_weather"] * 37
    given = [
        labelled(
            made,
            user(text),
            call("a", name, '{"city": "Rome"}'),
            output("a"),
            trace_id=f"t{n}",
        )
        for n, (name, text) in enumerate(zip(names, texts(40), strict=True))
    ]
    placed = split(given, made)
    counts = Counter((each.stratum, each.part) for each in placed)
    assert counts["get_time", "train"] >= 1
    assert counts["get_time", "test"] >= 1
    assert parts(placed) == {"train": 20, "test": 20}


def test_beside_a_given_test_set_nothing_tests_and_what_is_like_it_is_left_out() -> None:
    words = texts(30)
    given = [asked(n, text) for n, text in enumerate(words)]
    placed = split(given, QA, [{"question": words[3].upper()}, {"question": "something else"}])
    assert parts(placed) == {"train": 29, "left_out": 1}
    assert (placed[3].reason, placed[3].like) == ("shares_exchange_with_test", "test row 0")


def test_traces_without_a_row_neither_train_nor_test() -> None:
    made = recipe("tool-calling-closed-book")
    given = [asked(n, text, made) for n, text in enumerate(texts(5))]
    assert parts(split(given, made)) == {"unstructured": 5}


@given(st.lists(st.integers(0, 30), max_size=60), st.lists(st.integers(0, 30), max_size=60))
def test_the_likeness_of_short_texts_is_exact(one: list[int], other: list[int]) -> None:
    def triples(words: list[int]) -> set[str]:
        return {" ".join(map(str, words[n : n + 3])) for n in range(max(len(words) - 2, 1))}

    left, right = (sketch_of(" ".join(map(str, words))) for words in (one, other))
    common, union = triples(one) & triples(other), triples(one) | triples(other)
    assert likeness(left, right) == len(common) / len(union)


def test_the_likeness_of_long_texts_is_near_the_truth() -> None:
    words = [f"word{n * n % 7919}" for n in range(6000)]
    for share in (0.3, 0.6, 0.9):
        cut = int(6000 * share)
        found = likeness(sketch_of(" ".join(words)), sketch_of(" ".join(words[:cut])))
        assert abs(found - share) < 0.15

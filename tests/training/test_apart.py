"""Train and test share nothing, from the dataset to the rows: measured pair by pair, by hand."""

import re
from itertools import product
from pathlib import Path

from tests.trace.making import Value, assistant, user
from tests.training.making import command, dataset, read, recipe_dict, trace

ASKED = (
    "My parcel number {n} from shop {shop} has not come, the courier said it would be here on day "
    "{day} before noon, and now I would like to know who has it, where it is, and when it arrives."
)
VARIANTS = (
    lambda text: text,
    lambda text: text.upper().replace(",", " ;"),
    lambda text: text.replace("arrives", "comes"),
    lambda text: f"Hello! {text} Thanks.",
)
"""What people make of one request: not a letter more, another case, a word, a greeting."""


def talk(name: str, text: str, session: str | None = None) -> Value:
    extra = {"session_id": session} if session else {}
    return trace(user(text), assistant(f"It is on its way, {name}."), trace_id=name, **extra)


def planted() -> list[Value]:
    """Thirty requests in four wordings each, and thirty sessions of two talks about two things."""
    texts = [
        ASKED.format(n=n * n, shop=f"{n}{n}", day=n + 3)
        + f" It holds item {n}, color {n + 5}, size {n * 3}, for room {n + 9}, floor {n * 5}."
        for n in range(30)
    ]
    talks = [
        talk(f"family{n:02d}.{number}", vary(text))
        for number, vary in enumerate(VARIANTS)
        for n, text in enumerate(texts)
    ]
    for n in range(30):
        talks.append(talk(f"family-s{n}.a", f"Is branch {n} open on day {n * 11}?", f"s{n}"))
        talks.append(talk(f"family-s{n}.b", f"Card {n * 13} was lost in town {n}.", f"s{n}"))
    return talks


def triples(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[n : n + 3]) for n in range(max(len(words) - 2, 1))}


def test_planted_near_duplicates_and_talks_of_one_session_are_on_one_side(tmp_path: Path) -> None:
    assert command(tmp_path, recipe_dict("question-answering"), dataset(tmp_path, *planted())) == 0
    families: dict[str, set[str]] = {"train": set(), "test": set()}
    for each in read(tmp_path / "out/provenance.jsonl"):
        part = each["file"].removeprefix("dataset/").removesuffix(".jsonl")
        if part in families:
            families[part].add(each["trace_id"].rpartition(".")[0])
    assert families["train"]
    assert families["test"]
    assert not families["train"] & families["test"]
    asked = {
        part: [triples(row["question"]) for row in read(tmp_path / f"out/dataset/{part}.jsonl")]
        for part in families
    }
    for one, other in product(asked["train"], asked["test"]):
        assert len(one & other) < 0.8 * len(one | other)

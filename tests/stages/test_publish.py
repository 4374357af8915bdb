"""published_dataset: what is at the target is what was made, and nothing is sent twice."""

from pathlib import Path

import pytest

from tests.stages.chain import BOT, Chain, results, simulation
from trace_assets.errors import NotFoundError, StoreError
from trace_assets.stages.publish import Publication, publish

KEY = "bot-2026-01-02"


@pytest.fixture
def made(chain: Chain) -> Chain:
    chain.drop(results([simulation("a", "Hi", "Hello")]))
    chain.run_to("trace_dataset")
    return chain


def sent(chain: Chain) -> Publication:
    return publish(chain.artifact("trace_dataset"), chain.target, prefix=BOT.prefix)


def as_made(chain: Chain) -> dict[str, bytes]:
    names = [file.name for file in chain.expect("trace_dataset").files]
    return {f"target/{BOT.prefix}{name}": chain.read("trace_dataset", name) for name in names}


def test_a_dataset_is_at_the_target_as_it_was_made(made: Chain) -> None:
    publication = sent(made)
    assert publication.sent == 3
    assert publication.uri == made.target.uri(BOT.prefix)
    assert publication.files == [
        made.target.uri(f"{BOT.prefix}{name}")
        for name in (f"{KEY}.jsonl", f"{KEY}.yaml", "manifest.json")
    ]
    assert publication.digest == made.expect("trace_dataset").digest
    assert made.published() == as_made(made)


def test_what_is_there_already_is_not_sent_again(made: Chain) -> None:
    first, written = sent(made), made.writes()
    again = sent(made)
    assert again == first._replace(sent=0)
    assert made.writes() == written


def test_only_what_changed_is_sent(made: Chain) -> None:
    sent(made)
    made.drop(results([simulation("a", "Hi", "Hello"), simulation("b", "Hm?")]))
    made.run_to("trace_dataset")
    assert sent(made).sent == 2  # the spec says the same
    assert made.published() == as_made(made)


@pytest.mark.parametrize("name", [f"{KEY}.jsonl", f"{KEY}.yaml", "manifest.json"])
@pytest.mark.parametrize("damage", ["altered", "cut", "deleted"])
def test_a_file_that_was_damaged_at_the_target_is_mended(
    made: Chain, name: str, damage: str
) -> None:
    sent(made)
    key = f"{BOT.prefix}{name}"
    content = made.target.read(key)
    match damage:
        case "altered":
            made.target.put(key, content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
        case "cut":
            made.target.put(key, content[:-3])
        case _:
            made.target.delete(key)
    assert sent(made).sent == 1
    assert made.published() == as_made(made)


def test_the_manifest_is_sent_last(made: Chain, tmp_path: Path) -> None:
    (tmp_path / "places" / "target" / BOT.prefix / f"{KEY}.yaml").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"yaml: cannot write: .*a folder stands where the file"):
        sent(made)
    assert list(made.published()) == [f"target/{BOT.prefix}{KEY}.jsonl"]


def test_other_files_at_the_target_are_left_alone(made: Chain) -> None:
    made.target.put(f"{BOT.prefix}notes.txt", b"mine")
    sent(made)
    assert made.target.read(f"{BOT.prefix}notes.txt") == b"mine"


def test_a_dataset_that_was_never_made_is_told(chain: Chain) -> None:
    with pytest.raises(NotFoundError, match=r"2026-01-02/manifest\.json: not there yet"):
        sent(chain)
    assert chain.published() == {}

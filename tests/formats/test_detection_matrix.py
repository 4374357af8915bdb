"""Every format's detector on every format's logs: one wins, says why, and names who came next."""

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest

from tests.conversions import converted_bytes
from tests.formats.test_goldens import FIXTURES, SUFFIX
from trace_assets.convert import claims, recognise
from trace_assets.errors import UnknownFormatError
from trace_assets.formats import formats
from trace_assets.reading.compression import open_plain
from trace_assets.reading.detection import detection_head

LOGS = sorted(
    path for path in FIXTURES.rglob("*") if path.is_file() and not path.name.endswith(SUFFIX)
)
TEXTS = [path for path in LOGS if path.suffix in (".json", ".jsonl")]
TIED = ("openai_agents/handoff.jsonl", "langsmith/runs.jsonl")
"""Logs of two formats, each of which has marks that no other has."""


def name_of(log: Path) -> str:
    return str(log.relative_to(FIXTURES))


def format_of(log: Path) -> str:
    return log.relative_to(FIXTURES).parts[0]


def start_of(content: bytes) -> bytes:
    return detection_head(BytesIO(content))


@pytest.mark.parametrize("log", LOGS, ids=name_of)
def test_the_right_detector_of_all_wins_and_says_why(log: Path) -> None:
    found = claims(start_of(log.read_bytes()))
    (winner, claim), *others = found
    assert winner.name == format_of(log)
    assert all(other.strength < claim.strength for _, other in others)
    assert all(each.strength in (1, 2, 3) for _, each in found)
    assert all(" " in each.evidence and "\n" not in each.evidence for _, each in found)


@pytest.mark.parametrize("log", LOGS, ids=name_of)
def test_the_runner_up_is_the_next_claim_with_its_evidence(log: Path) -> None:
    found = claims(start_of(log.read_bytes()))
    format, claim, runner_up = recognise(start_of(log.read_bytes()), file=log.name)
    assert (format, claim) == found[0]
    expected = [f"{other.name}: {its.evidence}" for other, its in found[1:2]]
    assert [runner_up] == (expected or [None])


@pytest.mark.parametrize("log", TEXTS, ids=name_of)
def test_a_log_is_told_however_it_is_laid_out_and_whatever_it_is_called(
    log: Path, tmp_path: Path
) -> None:
    content = log.read_bytes()
    packed = tmp_path / "log.bin"
    packed.write_bytes(gzip.compress(content))
    with packed.open("rb") as file:
        unpacked = detection_head(open_plain(file))
    layouts = {
        "a byte order mark": b"\xef\xbb\xbf" + content,
        "other line ends": content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        "blank lines": b"\n \n" + content + b"\n\n",
        "compressed": unpacked,
        **laid_out(content),
    }
    for layout, each in layouts.items():
        assert recognise(start_of(each), file="x")[0].name == format_of(log), layout


def laid_out(content: bytes) -> dict[str, bytes]:
    """A log of JSON with other white space and order of keys; nothing where it is not all JSON."""
    try:
        documents = [json.loads(content)]
    except ValueError:
        try:
            documents = [json.loads(line) for line in content.splitlines() if line.strip()]
        except ValueError:
            return {}
    return {
        "indented": "\n".join(json.dumps(each, indent=2) for each in documents).encode(),
        "in one line": "\n".join(json.dumps(each) for each in documents).encode(),
        "sorted keys": "\n".join(json.dumps(each, sort_keys=True) for each in documents).encode(),
        "last first": "\n".join(json.dumps(each) for each in documents[::-1]).encode(),
    }


@pytest.mark.parametrize("log", TEXTS, ids=name_of)
def test_half_of_a_log_is_told_as_what_it_is_or_as_nothing(log: Path) -> None:
    content = log.read_bytes()
    names = {format.name for format, claim in claims(content[: len(content) // 2]) if claim}
    if names:
        strongest = claims(content[: len(content) // 2])[0][0].name
        assert strongest in (format_of(log), *RELATED.get(format_of(log), ()))


RELATED = {"chat_messages": ("openai_messages",)}
"""What half of a log may be told as: in it, the words of another API may be yet to come."""


def test_a_log_that_two_formats_claim_alike_is_an_error_that_names_both() -> None:
    mixed = b"\n".join((FIXTURES / name).read_bytes().split(b"\n", 1)[0] for name in TIED)
    with pytest.raises(UnknownFormatError, match=r"^x\.jsonl: looks like langsmith and openai_ag"):
        recognise(mixed, file="x.jsonl")


def test_the_records_of_a_log_that_two_formats_claim_wait_in_quarantine() -> None:
    mixed = b"\n".join((FIXTURES / name).read_bytes().split(b"\n", 1)[0] for name in TIED)
    conversion = converted_bytes(mixed)
    assert conversion.reasons == ["unknown_format", "unknown_format"]
    assert "looks like langsmith and openai_agents" in conversion.quarantine[0]["message"]


def test_every_format_has_logs_in_the_matrix() -> None:
    assert {format_of(log) for log in LOGS} == formats().keys()

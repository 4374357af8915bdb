"""A format that was added or corrected is work for the drops that are run again, and only then."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stages.chain import Chain, results, simulation

ROOT = Path(__file__).parents[2]

RUN = """
import json, sys
from tests.stages.chain import Chain
print(json.dumps([stage for stage, made in Chain.at(sys.argv[1]).run_all().items() if made]))
"""

DIARY = '''
"""Diaries, one entry per line."""

from trace_assets.formats import Claim, Converted, Format
from trace_assets.reading import Shape
from trace_assets.trace import build


def detect(documents):
    return Claim(3, "`dear` is diary") if "dear" in documents[0] else None


def convert(record, context):
    own_id = "entry-%d" % record.place.number
    part = build.text_part("user", record.value["dear"])
    item = build.message(own_id + ":0", "user", [part], {})
    trace = {"FORMAT": "open_responses", "items": [item], "metadata": {"trace_id": own_id}}
    return Converted(trace, {})


FORMAT = Format("diary", "", detect, Shape(), convert, (), __doc__)
'''


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of the package that a test may edit."""
    for name in ("trace_assets", "tests/stages"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / "code" / name, ignore=ignore)
    (tmp_path / "code" / "tests" / "__init__.py").touch()
    return tmp_path / "code"


def done(code: Path, chain: Chain) -> list[str]:
    """The stages that had to do something, by this code."""
    place = str(Path(chain.inbox.uri()).parent)
    ended = subprocess.run(
        [sys.executable, "-c", RUN, place],
        cwd=code,
        check=True,
        stdout=subprocess.PIPE,
        timeout=60,
    )
    return json.loads(ended.stdout)


def test_a_corrected_format_converts_again_and_what_comes_out_the_same_goes_no_further(
    chain: Chain, code: Path
) -> None:
    chain.drop(results([simulation("a", "Hi", "Hello")]))
    assert len(done(code, chain)) == 7
    assert done(code, chain) == []
    with (code / "trace_assets" / "formats" / "tau2bench" / "conversation.py").open(
        "a", encoding="utf-8"
    ) as file:
        file.write("\n# corrected\n")
    assert done(code, chain) == ["raw_logs", "converted_traces"]
    assert done(code, chain) == []


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("chat/blocks.py", []),
        ("spans/times.py", []),
        ("reading/window.py", ["raw_logs", "converted_traces", "valid_traces"]),
        ("enrich/timing.py", ["enriched_traces"]),
        ("rules.py", ["valid_traces"]),
        ("package/spec.py", ["trace_dataset", "source_dataset"]),
    ],
)
def test_a_change_of_shared_code_runs_the_stages_that_use_it(
    chain: Chain, code: Path, module: str, stages: list[str]
) -> None:
    chain.drop(results([simulation("a", "Hi", "Hello")]))
    assert len(done(code, chain)) == 7
    with (code / "trace_assets" / module).open("a", encoding="utf-8") as file:
        file.write("\n# corrected\n")
    assert set(stages) <= set(done(code, chain))
    assert done(code, chain) == []


def test_a_format_that_was_added_takes_the_files_that_none_knew(chain: Chain, code: Path) -> None:
    chain.drop(b'{"dear": "Monday"}\n{"dear": "Tuesday"}\n', "diary.jsonl")
    done(code, chain)
    assert chain.ledger()["reasons"] == {"unknown_format": 2}
    (code / "trace_assets" / "formats" / "diary.py").write_text(DIARY, encoding="utf-8")
    assert len(done(code, chain)) == 7
    assert chain.ledger()["converted"] == 2
    assert [row["trace_id"] for row in chain.dataset()] == ["entry-0", "entry-1"]

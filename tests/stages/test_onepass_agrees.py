"""The command line's one pass and the chain of stages give the same rows.

They differ in two columns: only a drop has a source and a day.
"""

from pathlib import Path

import pytest

from tests.conversions import Conversion, convert_inputs
from tests.stages.chain import Chain, nothing_said, results, simulation
from trace_assets.cli import inputs_of
from trace_assets.enrich import Defaults
from trace_assets.formats import formats
from trace_assets.onepass import Input

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
CASES = [
    f"{folder.name}/{case.name}"
    for folder in sorted(FIXTURES.iterdir())
    for case in sorted(folder.iterdir())
    if not case.name.endswith(".golden.json")
]
DROPPED, LOOSE = b'"source":"bot","date":"2026-01-02"', b'"source":null,"date":null'


def both_ways(chain: Chain, inputs: list[Input]) -> Conversion:
    """Convert files by the chain and in one pass, under the same names."""
    for one in inputs:
        chain.drop(one.path.read_bytes(), one.name)
    chain.run_to("trace_dataset")
    return convert_inputs(inputs, defaults=chain.config.defaults())


def assert_agreement(chain: Chain, conversion: Conversion) -> None:
    lines = chain.read("trace_dataset", "bot-2026-01-02.jsonl").splitlines(keepends=True)
    assert all(line.count(DROPPED) == 1 for line in lines)
    rows = b"".join(line.replace(DROPPED, LOOSE) for line in lines)
    assert rows == conversion.files["dataset.jsonl"]
    own = {key: value for key, value in conversion.ledger.items() if key != "outputs"}
    assert chain.ledger("valid_traces") == own
    context = chain.read("converted_traces", "context.jsonl")
    assert context == conversion.files["dataset.context.jsonl"]
    # The chain judges when all is converted, so its quarantine has another order.
    quarantine = chain.lines("valid_traces", "quarantine.jsonl.zst")
    whole = conversion.files["dataset.quarantine.jsonl"].splitlines(keepends=True)
    assert sorted(quarantine) == sorted(whole)


def test_every_format_has_a_case() -> None:
    assert {case.partition("/")[0] for case in CASES} == set(formats())


@pytest.mark.parametrize("case", CASES)
def test_the_chain_and_the_one_pass_agree_on_a_fixture(chain: Chain, case: str) -> None:
    assert_agreement(chain, both_ways(chain, inputs_of([FIXTURES / case])))


def test_they_agree_on_defaults_duplicates_and_what_does_not_hold(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path / "places"), agent="clerk", model="m", tags=("night",))
    log = results([simulation("a", "Hi"), nothing_said("b"), 5, simulation("c", "Hm?")])
    inputs: list[Input] = []
    for name in ("one.json", "two.json"):
        path = tmp_path / name
        path.write_bytes(log)
        inputs.append(Input(path, name))
    conversion = both_ways(chain, inputs)
    assert_agreement(chain, conversion)
    assert chain.config.defaults() == Defaults("clerk", "m", ("night",))
    assert conversion.ledger["duplicate"] == 4
    assert conversion.ledger["reasons"] == {"empty_trace": 1, "unknown_shape": 1}

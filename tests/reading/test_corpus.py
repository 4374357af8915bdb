"""Real logs, where there is a folder of them: nothing breaks, and places are right."""

import json
import os
from pathlib import Path

import pytest

from tests.reading.reading import broken
from trace_assets.reading import Context, Record, Shape, open_plain, read_records

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
SIMULATIONS = Shape(arrays=("simulations",), whole=("messages",), first=("info",))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS is not set"),
]


@pytest.mark.parametrize("shape", [Shape(), SIMULATIONS])
def test_every_simulation_of_the_corpus_is_read_as_the_standard_library_reads_it(
    shape: Shape,
) -> None:
    paths = sorted(Path(CORPUS or "").glob("tau2bench/**/*.json"))
    assert paths
    for path in paths:
        with path.open("rb") as stream:
            items = list(read_records(open_plain(stream), file=path.name, shape=shape))
        assert not broken(items), path
        content = path.read_bytes()
        for item in items:
            if not isinstance(item, Context):
                assert content[item.place.offset :].startswith(item.raw)
            assert json.loads(item.raw) == getattr(item, "value", None)
        document = json.loads(content)
        if shape.arrays and isinstance(document, dict) and "simulations" in document:
            records = [item.value for item in items if isinstance(item, Record)]
            assert records == document["simulations"]

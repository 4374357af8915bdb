"""What the tests of stages share: a chain in a folder of its own."""

from pathlib import Path

import pytest

from tests.stages.chain import Chain


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain.at(str(tmp_path / "places"))

"""What tests of several modules share: a real S3 server, and AWS settings that lead only there."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.s3_server import PROFILES, S3Server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the formats make of their fixtures as the new golden files; read the diff",
    )


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server, with boto3's own environment variables set for it."""
    folder = tmp_path_factory.mktemp("s3")
    profiles = folder / "credentials"
    profiles.write_text(PROFILES, encoding="utf-8")
    (folder / "buckets").mkdir()
    server = S3Server(folder / "buckets")
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_CONFIG_FILE", str(folder / "none"))
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("AWS_ENDPOINT_URL_S3", server.endpoint_url)
        yield server
    server.stop()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where the system lets us mount one."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield place
    finally:
        # Lazily, or a file that a failed test left open would keep it mounted for good.
        subprocess.run(["umount", "-l", str(place)], check=True)

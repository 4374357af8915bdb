"""A real S3 server for tests: rclone serving a folder on the loopback interface."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import boto3

ACCESS_KEY: Final = "test-key"
SECRET_KEY: Final = "test-secret-of-nothing"  # noqa: S105 - guards a server on the loopback
PROFILES: Final = f"""\
[default]
aws_access_key_id = {ACCESS_KEY}
aws_secret_access_key = {SECRET_KEY}
region = us-east-1

[wrong-secret]
aws_access_key_id = {ACCESS_KEY}
aws_secret_access_key = not-the-secret
region = us-east-1
"""


class S3Server:
    """Serves each folder of a root as a bucket, from construction until `stop`."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        self.port = _free_port()
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        rclone = Path(sys.executable).with_name("rclone")
        self._log = (root.parent / f"rclone-{self.port}.log").open("wb")
        self._process = subprocess.Popen(
            [
                rclone,
                "serve",
                "s3",
                "--config",
                os.devnull,
                "--auth-key",
                f"{ACCESS_KEY},{SECRET_KEY}",
                "--addr",
                f"127.0.0.1:{self.port}",
                *options,
                root,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        self._wait()
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
        )

    def bucket(self, name: str) -> str:
        """Make a bucket and return its name."""
        # Through the server: it notices a folder made by other means after minutes only.
        self._client.create_bucket(Bucket=name)
        return name

    def stop(self) -> None:
        """End the server; calling it twice is fine."""
        self._process.kill()
        self._process.wait(timeout=10)
        self._log.close()

    def _wait(self) -> None:
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        msg = f"rclone did not answer on {self.endpoint_url} within 10 s"
        raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

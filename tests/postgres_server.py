"""A real PostgreSQL server on loopback, from the binaries of the system."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

USER, PASSWORD, DATABASE = "dagster", "a password", "dagster"
_TIMEOUT = 60


def binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, if PostgreSQL is installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


class PostgresServer:
    """A server with one user and one empty database, running until it is stopped."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._data = folder / "data"
        self._programs = programs
        # It refuses to run as root; Debian's package brings a user for it.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        password = folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o644)
        self._run("initdb", "-U", USER, "-A", "scram-sha-256", f"--pwfile={password}", "-N")
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        create = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(self.port)]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run(
            [*create, "-U", USER, DATABASE], env=environment, timeout=_TIMEOUT, check=True
        )

    def stop(self) -> None:
        """End it, with all connections."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), "-D", str(self._data), *arguments]
        subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, timeout=_TIMEOUT, check=True)

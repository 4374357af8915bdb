"""The project's folder as it is cloned, without what else lies about in ours."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = ("Makefile", "dagster.yaml", "workspace.yaml", "sources.yaml", "pyproject.toml")
FOLDERS = ("examples", "trace_assets")


def copy_project(folder: Path) -> Path:
    """Copy what Dagster needs of the project into an empty folder."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder

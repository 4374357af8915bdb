"""The folder of the Dagster instance: DAGSTER_HOME, else `.dagster_state` in the project's folder.

All commands of the project use it, so that the UI, the daemon and the command line share one
instance. `python -m trace_assets.defs.home` prepares the folder and prints its path for the shell.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from trace_assets.errors import ConfigError, TraceAssetsError
from trace_assets.places import Places

STATE = ".dagster_state"


def dagster_home(environment: Mapping[str, str], folder: Path) -> Path:
    """Return the absolute path of the instance's folder. The default one is created if needed.

    The default folder holds a link to the project's `dagster.yaml`, because Dagster reads its
    settings from DAGSTER_HOME.

    Raises:
        ConfigError: DAGSTER_HOME is not set and `folder` has no `dagster.yaml`.
    """
    if named := environment.get("DAGSTER_HOME"):
        return Path(named)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        raise ConfigError(
            "DAGSTER_HOME is not set and there is no dagster.yaml in this folder: run the command "
            "in the project's folder, or set DAGSTER_HOME"
        )
    home = folder / STATE
    home.mkdir(exist_ok=True)
    link = home / "dagster.yaml"
    if not link.is_symlink():
        link.symlink_to(Path("..") / settings.name)
    return home.absolute()


def main() -> int:
    """Prepare the instance's folder and the default inbox, and print the path of the folder."""
    try:
        home = dagster_home(os.environ, Path.cwd())
    except TraceAssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if Places.of(os.environ).inbox == Places().inbox:
        Path(Places().inbox).mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"{home}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

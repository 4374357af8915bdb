"""Where things are: inbox, store and target, each a folder or an `s3://` prefix."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """The three places of a deployment, and what is declared about its sources."""

    inbox: str = "data/inbox"
    """Drops arrive here, as `<source>/<YYYY-MM-DD>/**`."""
    store: str = "data/store"
    """What the assets keep: `<asset>/<source>/<date>/`."""
    target: str = "data/target"
    """Datasets are published here."""
    sources: str = "sources.yaml"
    """The declarations; the file need not exist."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Places":
        """The places that `TRACE_ASSETS_INBOX`, `_STORE`, `_TARGET` and `_SOURCES` name."""
        named = {name: environment.get(f"TRACE_ASSETS_{name.upper()}") for name in cls._fields}
        return cls(**{name: value for name, value in named.items() if value})

    @property
    def sources_file(self) -> Path:
        """The declarations as a path."""
        return Path(self.sources)

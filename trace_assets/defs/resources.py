"""The resource that all assets and sensors share: where things are."""

import os

import dagster as dg

from trace_assets.artifacts import Artifact
from trace_assets.defs.partitions import declared
from trace_assets.drops import Drop
from trace_assets.places import Places
from trace_assets.sources import SourceConfig
from trace_assets.store import Store, store_at


class Deployment(dg.ConfigurableResource["Deployment"]):
    """Inbox, store and target; what is left empty comes from the environment or its default."""

    inbox: str = ""
    store: str = ""
    target: str = ""
    sources: str = ""

    def places(self) -> Places:
        """The places as they are now."""
        given = Places.of(os.environ)
        own = {name: value for name in Places._fields if (value := getattr(self, name))}
        return given._replace(**own)

    def inbox_store(self) -> Store:
        """Where drops arrive."""
        return store_at(self.places().inbox)

    def target_store(self) -> Store:
        """Where datasets go."""
        return store_at(self.places().target)

    def store_of_assets(self) -> Store:
        """Where assets keep their files."""
        return store_at(self.places().store)

    def artifact(self, asset: str, drop: Drop) -> Artifact:
        """What an asset keeps of one source and day."""
        return Artifact(store_at(self.places().store), f"{asset}/{drop.source}/{drop.date}")

    def source_artifact(self, asset: str, source: str) -> Artifact:
        """What an asset keeps of a whole source."""
        return Artifact(store_at(self.places().store), f"{asset}/{source}")

    def days_of(self, asset: str, source: str) -> dict[str, Artifact]:
        """What an asset keeps of each day of a source, by date; only days that have something."""
        store = store_at(self.places().store)
        dates = list(store.folders(f"{asset}/{source}"))
        found = {date: self.artifact(asset, Drop(source, date)) for date in dates}
        return {date: artifact for date, artifact in found.items() if artifact.manifest()}

    def fetched_fingerprint(self, drop: Drop) -> str | None:
        """The fingerprint of the drop that `raw_logs` holds, or None if it holds none."""
        manifest = self.artifact("raw_logs", drop).manifest()
        return manifest.about["fingerprint"] if manifest else None

    def config_of(self, source: str) -> SourceConfig:
        """What is declared about a source now."""
        return declared(self.places()).of(source)

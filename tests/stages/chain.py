"""The chain of stages over one drop or several, as the assets run it; small logs to give it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from backports import zstd

from trace_assets.artifacts import Artifact, Manifest
from trace_assets.drops import Drop
from trace_assets.sources import SourceConfig
from trace_assets.stages import aggregate, convert, enrich, fetch, package, publish, validate
from trace_assets.store import FolderStore, Store, StoredObject, store_at

BOT = Drop("bot", "2026-01-02")

STAGES = (
    "raw_logs",
    "converted_traces",
    "valid_traces",
    "enriched_traces",
    "trace_dataset",
    "published_dataset",
    "source_dataset",
)


@dataclass(frozen=True)
class Chain:
    """Three places, and what is declared about the source."""

    inbox: Store
    store: Store
    target: Store
    config: SourceConfig = field(default_factory=SourceConfig)

    @classmethod
    def at(cls, place: str, **config: Any) -> "Chain":
        """Inbox, store and target side by side in a folder or under an s3:// prefix."""
        places = (store_at(f"{place}/{name}") for name in ("inbox", "store", "target"))
        return cls(*places, config=SourceConfig(**config))

    def declaring(self, **config: Any) -> "Chain":
        """The same places under other settings."""
        return replace(self, config=SourceConfig(**config))

    def artifact(self, asset: str, drop: Drop = BOT) -> Artifact:
        where = drop.source if asset == "source_dataset" else f"{drop.source}/{drop.date}"
        return Artifact(self.store, f"{asset}/{where}")

    def drop(self, content: bytes, name: str = "results.json", drop: Drop = BOT) -> None:
        self.inbox.put(f"{drop.prefix}{name}", content)

    def run(self, stage: str, drop: Drop = BOT) -> bool:
        """Run one stage; whether it had to do anything."""
        return getattr(self, f"_{stage}")(drop)

    def run_to(self, last: str, drop: Drop = BOT) -> dict[str, bool]:
        """Run the stages up to one of them; which ones had to do anything."""
        return {name: self.run(name, drop) for name in STAGES[: STAGES.index(last) + 1]}

    def run_all(self, drop: Drop = BOT) -> dict[str, bool]:
        return self.run_to(STAGES[-1], drop)

    def expect(self, asset: str, drop: Drop = BOT) -> Manifest:
        return self.artifact(asset, drop).expect()

    def read(self, asset: str, name: str, drop: Drop = BOT) -> bytes:
        with self.artifact(asset, drop).open(name) as stream:
            return stream.read()

    def lines(self, asset: str, name: str, drop: Drop = BOT) -> list[bytes]:
        """The plain lines of a file; of all shards where the name is that of shards."""
        artifact = self.artifact(asset, drop)
        return [
            line
            for file in artifact.expect().files
            if file.name == name or file.name.startswith(f"{name}-")
            for line in _plain(artifact, file.name).splitlines(keepends=True)
        ]

    def rows(self, asset: str, name: str, drop: Drop = BOT) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in self.lines(asset, name, drop)]

    def dataset(self, drop: Drop = BOT) -> list[dict[str, Any]]:
        return self.rows("trace_dataset", f"{drop.source}-{drop.date}.jsonl", drop)

    def source_rows(self) -> list[dict[str, Any]]:
        return self.rows("source_dataset", "bot.jsonl")

    def ledger(self, asset: str = "valid_traces", drop: Drop = BOT) -> dict[str, Any]:
        return json.loads(self.read(asset, "ledger.json", drop))

    def contents(self) -> dict[str, bytes]:
        """Every file of every artifact under asset, partition and name; and all of the target."""
        found = {
            f"{artifact.prefix}/{file.name}": self.store.read(file.key)
            for artifact in self._artifacts()
            if (manifest := artifact.manifest())
            for file in manifest.files
        }
        return found | self.published()

    def published(self) -> dict[str, bytes]:
        return {f"target/{file.key}": self.target.read(file.key) for file in _all(self.target)}

    def writes(self) -> dict[str, str]:
        """When each file at rest was written, the manifests among them."""
        places = {"store": self.store, "target": self.target}
        return {
            f"{name}/{file.key}": file.version
            for name, place in places.items()
            for file in _all(place)
        }

    def verify(self) -> list[str]:
        return [problem for artifact in self._artifacts() for problem in artifact.verify()]

    def _artifacts(self) -> Iterator[Artifact]:
        for asset in STAGES:
            depth = 2 if asset == "source_dataset" else 3
            for file in _all(self.store, f"{asset}/"):
                prefix, _, name = file.key.rpartition("/")
                if name == "manifest.json" and file.key.count("/") == depth:
                    yield Artifact(self.store, prefix)

    def _raw_logs(self, drop: Drop) -> bool:
        raw = self.artifact("raw_logs", drop)
        told = self.config.mapping.told() if self.config.mapping else None
        return fetch.fetch(
            self.inbox,
            raw,
            drop=drop,
            format=self.config.format,
            mapping=told,
            columns=self.config.columns,
        )[1]

    def _converted_traces(self, drop: Drop) -> bool:
        raw, converted = (self.artifact(name, drop) for name in STAGES[:2])
        return convert.convert(raw, converted)[1]

    def _valid_traces(self, drop: Drop) -> bool:
        return validate.validate(*(self.artifact(name, drop) for name in STAGES[:3]))[1]

    def _enriched_traces(self, drop: Drop) -> bool:
        valid, enriched = (self.artifact(name, drop) for name in STAGES[2:4])
        return enrich.enrich(valid, enriched, drop=drop, defaults=self.config.defaults())[1]

    def _trace_dataset(self, drop: Drop) -> bool:
        enriched, dataset = (self.artifact(name, drop) for name in STAGES[3:5])
        return package.package(enriched, dataset, drop=drop, config=self.config)[1]

    def _published_dataset(self, drop: Drop) -> bool:
        dataset = self.artifact("trace_dataset", drop)
        return publish.publish(dataset, self.target, prefix=drop.prefix).sent > 0

    def _source_dataset(self, drop: Drop) -> bool:
        dates = self.store.folders(f"enriched_traces/{drop.source}")
        days = {date: self.artifact("enriched_traces", Drop(drop.source, date)) for date in dates}
        finished = {date: artifact for date, artifact in days.items() if artifact.manifest()}
        dataset = self.artifact("source_dataset", drop)
        return aggregate.aggregate(finished, dataset, source=drop.source, config=self.config)[1]


def _all(store: Store, prefix: str = "") -> list[StoredObject]:
    """What a store holds; nothing where nothing was ever written."""
    if isinstance(store, FolderStore) and not store.root.is_dir():
        return []
    return list(store.list(prefix))


def _plain(artifact: Artifact, name: str) -> bytes:
    with artifact.open(name) as stored:
        content = stored.read()
    return zstd.decompress(content) if name.endswith(".zst") else content


def says(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": text, **more}


def simulation(own_id: str, *texts: str, **more: Any) -> dict[str, Any]:
    """A run in which user and assistant take turns, the user first."""
    messages = [says(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]
    return {
        "id": own_id,
        "task_id": f"task-{own_id}",
        "termination_reason": "user_stop",
        "messages": messages,
        **more,
    }


def results(simulations: Sequence[Any], **around: Any) -> bytes:
    """A results file, as tau2-bench writes it, around simulations or whatever is given for one."""
    return json.dumps({"info": {"seed": 7}, **around, "simulations": simulations}).encode()


def nothing_said(own_id: str) -> dict[str, Any]:
    """A run that becomes a trace, and that no rule lets pass: it has no message."""
    return simulation(own_id)

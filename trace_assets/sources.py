"""`sources.yaml`: what the owner of a source declares; one that is not listed works too."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from trace_assets.custom_columns import checked
from trace_assets.declared_mapping import DeclaredMapping, line_of
from trace_assets.enrich import Defaults
from trace_assets.errors import ConfigError
from trace_assets.formats import formats
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.match import AttributeMatcher
from trace_assets.training.recipe import Recipe, known_at


def _plain(text: str) -> str:
    if text.startswith("$") or "((TODO))" in text:
        raise ValueError(
            "expected a text that does not begin with `$` and does not hold `((TODO))`: the "
            "platform would read a variable of the environment and refuse the other"
        )
    return text


def _columns(paths: dict[str, str]) -> dict[str, str]:
    try:
        return checked(paths)
    except ConfigError as error:
        raise ValueError(str(error)) from error


PlainText = Annotated[str, Field(min_length=1), AfterValidator(_plain)]
"""Text that the platform's YAML loader leaves alone (contract `aigo_dataset_spec`)."""


class SourceConfig(BaseModel, frozen=True):
    """One source, as declared."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    format: str | None = None
    """The format of all its logs; None: each file's format is detected."""

    mapping: DeclaredMapping | None = None
    """Which columns of a flat log (`csv`) say what; None: guessed from their names."""

    columns: Annotated[dict[str, str], AfterValidator(_columns)] = {}
    """Columns with values of the records: name to path, such as `tier: metadata.tier`."""

    display_name: PlainText | None = None
    """The dataset's name in the platform; None: its key."""

    description: PlainText | None = None
    """What the dataset is, for the platform."""

    agent: str | None = None
    """The agent's name, for traces whose log does not say it."""

    model: str | None = None
    """The model's name, for traces whose log does not say it."""

    tags: tuple[PlainText, ...] = ()
    """Tags of every trace of the source, and of its datasets."""

    quarantine_threshold: float = Field(default=0.05, ge=0, le=1)
    """The share of records in quarantine above which a day is held back from publishing."""

    settle_seconds: int = Field(default=60, ge=0)
    """How long a drop must be unchanged before it is taken."""

    interactions: InteractionsConfig | None = None
    """What one interaction is, and which steps play which role."""

    training: Recipe | None = None
    """How its traces become a training set; None: they do not."""

    def defaults(self) -> Defaults:
        """What the source says about each of its traces."""
        return Defaults(self.agent, self.model, self.tags)


class Sources(BaseModel, frozen=True):
    """The whole of `sources.yaml`."""

    model_config = ConfigDict(extra="forbid")

    first_day: date = date(2025, 1, 1)
    """The first day whose drops are taken: Dagster lists every source on every day since."""

    sources: dict[str, SourceConfig] = {}

    def of(self, name: str) -> SourceConfig:
        """A source's declaration, or the defaults where it is not listed."""
        return self.sources.get(name, SourceConfig())


def load_sources(path: Path) -> Sources:
    """Read `sources.yaml`; a file that does not exist declares nothing.

    Raises:
        ConfigError: a wrong key or value, one line each, with the known keys.
    """
    if not path.exists():
        return Sources()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    try:
        sources = Sources.model_validate(document or {})
    except ValidationError as error:
        lines = [_line(path, problem) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    for name, source in sources.sources.items():
        if source.mapping is not None and source.format not in (None, "csv"):
            raise ConfigError(
                f"{path}: sources.{name}.mapping: it is for the format csv, found format "
                f"{source.format!r}"
            )
        if source.format is not None and source.format not in formats():
            known = ", ".join(formats())
            raise ConfigError(
                f"{path}: sources.{name}.format: unknown format {source.format!r}; known: {known}"
            )
    return sources


def _line(path: Path, problem: Any) -> str:
    match problem["loc"]:
        case ("sources", name, "mapping", *inner):
            where = f"sources.{name}.mapping"
            return f"{path}: {line_of({**problem, 'loc': inner}, where=where)}"
        case _:
            pass
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"{path}: {where}: {problem['msg']}, found {problem['input']!r}"
    return f"{path}: {where}: unknown key; known: {', '.join(_known_at(problem['loc']))}"


def _known_at(where: tuple[int | str, ...]) -> list[str]:
    """The keys that could have been in the place of an unknown one."""
    match where:
        case (_, _, "training", *inside):
            return known_at(inside[:-1])
        case _:
            return list(_model_of(where).model_fields)


def _model_of(where: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that an unknown key is in: `sources.<name>.interactions.roles.<role>.0.<key>`."""
    match where:
        case (_,):
            return Sources
        case (_, _, _):
            return SourceConfig
        case (_, _, "interactions", _):
            return InteractionsConfig
        case _:
            return AttributeMatcher

"""What the assets of a training set have in common."""

import warnings
from typing import Any

import dagster as dg

from trace_assets.defs.common import GROUP, OWNERS, RETRY
from trace_assets.defs.partitions import SOURCES
from trace_assets.defs.report import text_of
from trace_assets.defs.resources import Deployment
from trace_assets.errors import ConfigError
from trace_assets.stages.training import CODE
from trace_assets.training.recipe import Recipe

# The one beta class in use: without it a source would depend on its days in lineage only by name.
warnings.filterwarnings("ignore", "Class `MultiToSingleDimensionPartitionMapping`", dg.BetaWarning)

ALL_DAYS = dg.AssetDep(
    dg.AssetKey("enriched_traces"),
    partition_mapping=dg.MultiToSingleDimensionPartitionMapping("source"),
)
"""The enriched traces of all days of a source."""


def by_source(*kinds: str) -> dict[str, Any]:
    """The arguments of `dg.asset` for an asset of a whole source."""
    return {
        "partitions_def": SOURCES,
        "group_name": GROUP,
        "owners": OWNERS,
        "kinds": {"python", *kinds},
        "code_version": CODE,
        "retry_policy": RETRY,
    }


def recipe_of(deployment: Deployment, source: str) -> Recipe:
    """The recipe of a source.

    Raises:
        ConfigError: it has none.
    """
    if recipe := deployment.config_of(source).training:
        return recipe
    raise ConfigError(
        f"{deployment.places().sources_file}: sources.{source}.training: not declared; a training "
        "set needs a `job_description` and a `config` with the task"
    )


def counts_table(**counts: int) -> dg.TableMetadataValue:
    """Counts by name."""
    records = [dg.TableRecord({"what": name, "count": count}) for name, count in counts.items()]
    columns = [dg.TableColumn("what", "string"), dg.TableColumn("count", "int")]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def bullets(lines: list[str], *, none: str) -> dg.MarkdownMetadataValue:
    """Texts, some of them of the log, as a list."""
    return dg.MetadataValue.md("\n".join(f"- {text_of(line)}" for line in lines) or none)

"""What every asset of the chain is given."""

from typing import Any

import dagster as dg

from trace_assets.defs.partitions import DROPS
from trace_assets.defs.report import RETRY

GROUP = "traces"


def by_drop(code_version: str, *kinds: str) -> dict[str, Any]:
    """The arguments of `dg.asset` for an asset by source and day."""
    return {
        "partitions_def": DROPS,
        "group_name": GROUP,
        "owners": ["team:data-engineering"],
        "kinds": {"python", *kinds},
        "code_version": code_version,
        "retry_policy": RETRY,
    }


def passed_or(
    name: str, *, passed: bool, blocking: bool, description: str, **metadata: Any
) -> dg.AssetCheckResult:
    """The result of a check: an error where it blocks, else a warning."""
    severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=name,
        passed=passed,
        severity=severity,
        description=description,
        metadata=metadata,
    )

"""What every asset of the chain is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from trace_assets.defs.partitions import DROPS
from trace_assets.errors import StoreError, TeacherError, TraceAssetsError
from trace_assets.stages.publish import Publication

_UPLOAD_VERIFIED = "upload_verified"

GROUP = "traces"
UPLOAD_POOL = "upload"
OWNERS = ["team:data-engineering"]

RETRY = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL
)
"""For what a retry can cure: a network, a server, a file that was still growing."""


def by_drop(code_version: str, *kinds: str) -> dict[str, Any]:
    """The arguments of `dg.asset` for an asset by source and day."""
    return {
        "partitions_def": DROPS,
        "group_name": GROUP,
        "owners": OWNERS,
        "kinds": {"python", *kinds},
        "code_version": code_version,
        "retry_policy": RETRY,
    }


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turn an error that no retry can cure into a Failure that Dagster does not retry.

    It goes between `dg.asset` and the function, so that a wrong `sources.yaml` counts as one too.
    """
    try:
        yield
    except TraceAssetsError as error:
        if isinstance(error, StoreError | TeacherError) and error.retryable:
            raise
        raise dg.Failure(description=str(error), allow_retries=False) from error


def upload_spec(asset: str) -> dg.AssetCheckSpec:
    """The check on what an asset sent to the target."""
    return dg.AssetCheckSpec(
        _UPLOAD_VERIFIED,
        asset=asset,
        description="Each file, read again at the target, has the sha256 of the dataset's own.",
    )


def uploaded(publication: Publication | None) -> dg.AssetCheckResult:
    """The result of that check; an upload that is not as it was sent raises before this."""
    count = len(publication.files) if publication else 0
    return passed_or(
        _UPLOAD_VERIFIED,
        passed=True,
        blocking=False,
        description=f"{count} files are at the target as they should be",
    )


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

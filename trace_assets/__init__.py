"""Drops of raw agent logs in, validated trace datasets out.

    from trace_assets import Quarantined, traces_in

    for found in traces_in("results.json"):
        ...

`trace_assets.trace` is the Trace model, `trace_assets.definitions` what Dagster loads.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_assets.convert import Quarantined
    from trace_assets.library import traces_in
    from trace_assets.trace import Trace

__all__ = ["Quarantined", "Trace", "traces_in"]


def __getattr__(name: str) -> object:
    # Loaded when asked for: the command line and its workers start sooner without the models.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from trace_assets import library

    return getattr(library, name)

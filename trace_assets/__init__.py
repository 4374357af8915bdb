"""Drops of raw agent logs in, validated trace datasets out.

    from trace_assets import Quarantined, traces_in

    for found in traces_in("results.json"):
        ...

`trace_assets.trace` is the Trace model, `trace_assets.definitions` what Dagster loads.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trace_assets.convert import Quarantined
    from trace_assets.library import traces_in
    from trace_assets.trace import Trace

__all__ = ["Quarantined", "Trace", "traces_in"]

_HOMES = {"Quarantined": "convert", "Trace": "trace", "traces_in": "library"}


def __getattr__(name: str) -> Any:
    """Load what programs ask for when they do; the command line needs none of it."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

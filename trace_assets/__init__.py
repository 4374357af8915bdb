"""Drops of raw agent logs in, validated trace datasets out.

    from trace_assets import Quarantined, traces_in

    for found in traces_in("results.json"):
        ...

`trace_assets.trace` is the Trace model, `trace_assets.definitions` what Dagster loads.
"""

from trace_assets.convert import Quarantined
from trace_assets.library import traces_in
from trace_assets.trace import Trace

__all__ = ["Quarantined", "Trace", "traces_in"]

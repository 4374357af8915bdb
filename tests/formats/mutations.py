"""Records with something wrong in them: keys dropped, values of other types, in any place."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

ODD = st.sampled_from(
    [None, "", 0, -1.5, True, [], {}, "odd", ["odd"], {"odd": 1}, [[{}]], "[{", "{'a': 1"]
)


@st.composite
def mutated(draw: st.DrawFn, record: dict[str, Any], *, most: int = 3) -> dict[str, Any]:
    """The record with up to so many places of it dropped or replaced."""
    changed = deepcopy(record)
    for _ in range(draw(st.integers(0, most))):
        places = list(_places(changed))
        if not places:
            break
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        if isinstance(holder, dict) and draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = deepcopy(draw(ODD))
    return changed


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        holder = pending.pop()
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        found += [(holder, key) for key in keys]
        pending += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
    return found

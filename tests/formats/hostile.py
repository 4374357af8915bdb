"""Records as a careless or hostile hand leaves them: keys dropped, values of other kinds."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

ODD = (None, True, 0, -1, 1.5, "", "x", [], {}, [None], ["x"], [{}], {"type": 1}, {"role": []})


@st.composite
def mutated(draw: st.DrawFn, record: dict[str, Any]) -> Any:
    """A record with up to three places changed; still an object."""
    value = deepcopy(record)
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(value))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            holder[key] = deepcopy(draw(st.sampled_from(ODD)))
        elif isinstance(holder, dict):
            del holder[key]
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as holder:
                found += ((holder, key) for key in holder)
                pending += holder.values()
            case list() as holder:
                found += ((holder, index) for index in range(len(holder)))
                pending += holder
            case _:
                pass
    return found

"""What one trajectory of a record is, before its steps are read."""

from typing import Any, NamedTuple


class Agent(NamedTuple):
    """One trajectory of a record."""

    rest: dict[str, Any]
    """Every key but the steps and the trajectories embedded in it."""
    steps: list[Any]
    pointer: str
    parent: int
    """The number of the trajectory that it is embedded in; -1 for the outermost."""

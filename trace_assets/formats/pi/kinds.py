"""Where the kinds of a session are in its entries."""

from collections.abc import Iterator
from typing import Any


def kinds_of(value: Any) -> Iterator[str]:
    """The type of an entry, and the role of the message in it."""
    match value:
        case {"type": str(kind), "message": {"role": str(role)}}:
            yield kind
            yield f"message/{role}"
        case {"type": str(kind)}:
            yield kind
        case _:
            pass

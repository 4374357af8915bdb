"""Reading bytes in a test, in one call."""

import io

from trace_assets.reading import Broken, Context, Item, Limits, Record, Shape, read_records

NO_SHAPE = Shape()
LIMITS = Limits()


def read(data: bytes, shape: Shape = NO_SHAPE, limits: Limits = LIMITS) -> list[Item]:
    return list(read_records(io.BytesIO(data), file="f", shape=shape, limits=limits))


def values(items: list[Item]) -> list[object]:
    return [item.value for item in items if isinstance(item, Record)]


def broken(items: list[Item]) -> list[Broken]:
    return [item for item in items if isinstance(item, Broken)]


def context(items: list[Item]) -> list[tuple[str, object]]:
    return [(item.pointer, item.value) for item in items if isinstance(item, Context)]

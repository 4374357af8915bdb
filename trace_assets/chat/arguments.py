"""Arguments of one call that two sides write in different ways."""

from typing import Any, cast

from trace_assets.chat.piece import Called
from trace_assets.reading.embedded import embedded_json


def are_compatible(one: Called, other: Called) -> bool:
    """Return whether two writings of arguments can belong to one call.

    A client leaves out what it could not read, or adds defaults: then all members of one object are
    in the other. Arguments that are empty, cut or not JSON are compatible with any.

    >>> def call(arguments): return Called("c1", "clock", arguments, {})
    >>> are_compatible(call('{"city": "Rome"}'), call({"city": "Rome", "format": "24h"}))
    True
    >>> are_compatible(call('{"city": "Rome"}'), call('{"city": "Oslo"}'))
    False
    >>> are_compatible(call('{"city": "Ro'), call("{}")), are_compatible(call("[1]"), call("[2]"))
    (True, False)
    """
    first, second = _decoded(one.arguments), _decoded(other.arguments)
    if first is None or second is None:
        return True
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first == second
    return _contains(first, second) or _contains(second, first)


def _contains(whole: Any, part: Any) -> bool:
    members = cast("dict[str, object]", part).items()
    return all(key in whole and whole[key] == value for key, value in members)


def _decoded(arguments: Any) -> Any:
    """Decode arguments that are JSON text; None if they are empty, cut or not JSON."""
    return embedded_json(arguments) if isinstance(arguments, str) else arguments

"""Keys of a log beside keys of our own, with none covering another."""

from typing import Any

from trace_assets.trace.build import joined


def beside(own: dict[str, Any], *residues: dict[str, Any] | None) -> dict[str, Any]:
    """Return own keys and all others; where a key is taken, `original_` goes before it.

    >>> beside({"a": 1}, {"a": 2, "b": 3}, None, {"a": 4})
    {'a': 1, 'original_a': 2, 'b': 3, 'original_original_a': 4}
    """
    for residue in residues:
        own = joined(own, residue, prefix="original_") if residue else own
    return own

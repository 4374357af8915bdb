"""Keys of a log beside keys of our own, with none covering another."""

from typing import Any


def beside(own: dict[str, Any], *residues: dict[str, Any] | None) -> dict[str, Any]:
    """Return own keys and all others; where a key is taken, `original_` goes before it.

    >>> beside({"a": 1}, {"a": 2, "b": 3}, {"a": 4})
    {'a': 1, 'original_a': 2, 'b': 3, 'original_original_a': 4}
    """
    kept = dict(own)
    for residue in residues:
        taken = kept.keys() | residue.keys() if residue else set[str]()
        for key, value in (residue or {}).items():
            name = key
            while name in kept or (name != key and name in taken):
                name = f"original_{name}"
            kept[name] = value
    return kept

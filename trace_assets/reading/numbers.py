"""Floats of JSON text that a computer can write back with the same value."""

from decimal import Decimal, InvalidOperation


class InexactFloatError(ValueError):
    """A float of a JSON text that a 64-bit float cannot hold exactly.

    `0.1` is exact in this sense, because its shortest spelling gives it back.
    """


def exact_float(literal: str) -> float:
    """Parse a float of a JSON text. This is the `float_hook` of msgspec and of `json`.

    >>> exact_float("1.50"), exact_float("1e5")
    (1.5, 100000.0)

    Raises:
        InexactFloatError: the spelling of the float differs in value, as for `1e400`.
    """
    value = float(literal)
    spelled = repr(value)
    if spelled == literal or is_same_number(spelled, literal):
        return value
    raise InexactFloatError(literal)


def is_same_number(one: str, other: str) -> bool:
    """Compare two spellings of a number by value. Infinity is equal to no number.

    >>> is_same_number("1.5", "15e-1"), is_same_number("inf", "1e400")
    (True, False)
    """
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:  # an exponent of more than 18 digits
        return False

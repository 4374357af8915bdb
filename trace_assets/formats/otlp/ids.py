"""Ids of traces and spans in one spelling: lower-case hex where they are hex in any encoding.

OTLP/JSON writes them in hex, protobuf's own JSON in base64, the Python console exporter with `0x`.
"""

from base64 import b64decode
from binascii import Error
from functools import lru_cache
from typing import Any

_HEX = frozenset("0123456789abcdefABCDEF")


def trace_id(value: Any) -> str:
    """The id of a trace; "" where there is none.

    >>> trace_id("0x5D8044E89C226C97429899C06AFF3E2B")
    '5d8044e89c226c97429899c06aff3e2b'
    >>> trace_id("XYBE6JwibJdCmJnAav8+Kw=="), trace_id("trace-7"), trace_id("0" * 32)
    ('5d8044e89c226c97429899c06aff3e2b', 'trace-7', '')
    """
    return _text(value, 16)


def span_id(value: Any) -> str:
    """The id of a span or of its parent; "" where there is none.

    >>> span_id("5aNRWtbwMe4="), span_id("0xe5a3515ad6f031ee"), span_id(7), span_id(None)
    ('e5a3515ad6f031ee', 'e5a3515ad6f031ee', '7', '')
    """
    return _text(value, 8)


def _text(value: Any, size: int) -> str:
    if isinstance(value, str):
        return _spelled(value, size)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and value else ""


@lru_cache(maxsize=4096)  # a file names its traces again and again
def _spelled(text: str, size: int) -> str:
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    if not digits.strip("0"):
        return ""  # all zeros is OpenTelemetry's word for no id
    if len(digits) == 2 * size and _HEX.issuperset(digits):
        return digits.lower()
    if digits is text and text.endswith("=") and len(text) == (size + 2) // 3 * 4:
        return _of_base64(text, size)
    return digits if _HEX.issuperset(digits) else text


def _of_base64(text: str, size: int) -> str:
    try:
        raw = b64decode(text, validate=True)
    except (Error, ValueError):
        return text
    return (raw.hex() if any(raw) else "") if len(raw) == size else text

"""Text for a terminal or a message: no control characters, and no credentials."""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that move a cursor, start an escape sequence, turn text around, or are no UTF-8."""

_WITH_PASSWORD = re.compile(r"((?:\b[a-zA-Z][\w.+-]*:/{1,2}|//))[^\s'\"@/:]*:(?!\d+(?:/|$))[^\s]*@")
_WITH_KEY = re.compile(r"(\bs3:/{1,2})[^\s@/:]*:[^\s]*@")
"""An S3 address has no port: what comes after a colon is a secret, with slashes and digits."""
_WITH_USER = re.compile(r"((?:\b[a-zA-Z][\w.+-]*:/{1,2}|//))[^\s'\"@/]+@")
_IN_QUERY = re.compile(
    r"([?&#;](?:[\w-]*(?:signature|token|secret|password|credential|api[_-]?key|access[_-]?key)"
    r"|sig|key)=)[^\s&;'\"]+",
    re.IGNORECASE,
)


def printable(text: str) -> str:
    r"""Escape the characters of a text that a terminal would act on. Line breaks stay.

    >>> printable("a\x1b[2Jb.json"), printable("über\n")
    ('a\\x1b[2Jb.json', 'über\n')
    """
    return _UNSAFE.sub(lambda found: ascii(found[0])[1:-1], text)


def masked(text: str) -> str:
    """Replace the credentials of the URIs in a text.

    >>> masked("cannot read s3://AKIA:a/b@bucket/x"), masked("http://host:9000/a@b")
    ('cannot read s3://***@bucket/x', 'http://host:9000/a@b')
    >>> masked("s3://AKIA:7/Abc@bucket"), masked("s3://u:p'w@bucket"), masked("//u:p@host")
    ('s3://***@bucket', 's3://***@bucket', '//***@host')
    >>> masked("https://host/x?X-Amz-Signature=abc&y=1")
    'https://host/x?X-Amz-Signature=***&y=1'
    """
    if "@" in text:
        for pattern in (_WITH_KEY, _WITH_PASSWORD, _WITH_USER):
            text = pattern.sub(r"\1***@", text)
    return _IN_QUERY.sub(r"\1***", text) if "=" in text else text


def shown(text: str) -> str:
    """Make a text safe to print and to log."""
    return printable(masked(text))


def has_credentials(uri: str) -> bool:
    """Check a URI for a user, a password or a signature.

    >>> has_credentials("s3://user:secret@bucket"), has_credentials("data/user@host")
    (True, False)
    """
    return masked(uri) != uri

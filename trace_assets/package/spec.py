"""The dataset's spec: the YAML that `lf add dataset -f` takes (contract `aigo_dataset_spec`)."""

import re
from collections.abc import Sequence
from hashlib import sha256

import yaml

from trace_assets.errors import ConfigError

_KEY = re.compile(r"[a-zA-Z0-9_-]{1,250}")
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")
_AMBIGUOUS = re.compile(r"-(?:[0-9a-f]{8}|\d{4}-\d\d-\d\d)\Z", re.ASCII)
_LONGEST_STEM = 200
"""Characters of a key that come from a name. There is room for a hash and a date."""


def key_of_source(source: str, date: str | None = None) -> str:
    """Make the key of a source's dataset: of one day, or of all its days.

    Two sources never share a key. A name with a forbidden character gets the hash of the name. So
    does a name that could be the key of another dataset, because it ends like one.

    >>> key_of_source("bot"), key_of_source("bot", "2026-01-02")
    ('bot', 'bot-2026-01-02')
    >>> key_of_source("bot.v2", "2026-01-02"), key_of_source("bot-2026-01-02")
    ('bot_v2-6b73f99c-2026-01-02', 'bot-2026-01-02-d6949414')
    """
    key = key_of_name(source)
    if key == source and _AMBIGUOUS.search(source):
        key = f"{source}-{_short_hash(source)}"
    return checked_key(key if date is None else f"{key}-{date}")


def key_of_name(name: str, *, full_name: str | None = None) -> str:
    """Make a dataset's key from the name of a file, a folder or a source.

    Forbidden characters become `_`. The key then ends in a short hash of the full name, so that
    `a b` and `a_b` differ.

    >>> key_of_name("results"), key_of_name("a b")
    ('results', 'a_b-c8687a08')
    """
    key = _FORBIDDEN.sub("_", name)[:_LONGEST_STEM]
    if key == name and key:
        return key
    return f"{key or 'dataset'}-{_short_hash(full_name or name)}"


def _short_hash(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def checked_key(key: str) -> str:
    """Return a key that the platform accepts.

    Raises:
        ConfigError: the platform would refuse the key.
    """
    if not _KEY.fullmatch(key):
        raise ConfigError(
            f"dataset key {key!r}: expected 1 to 250 letters, digits, hyphens and underscores"
        )
    return key


def spec_text(
    key: str,
    *,
    display_name: str | None = None,
    description: str | None = None,
    tags: Sequence[str] = (),
) -> str:
    """The spec of the dataset `<key>.jsonl` that stands beside it."""
    spec = {
        "key": key,
        "display_name": display_name or key,
        **({"description": description} if description else {}),
        "source": {"type": "local", "file_path": f"./{key}.jsonl"},
        **({"tags": list(tags)} if tags else {}),
    }
    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=False, width=100)

"""The dataset's spec: the YAML that `lf add dataset -f` takes (contract `aigo_dataset_spec`)."""

import re
from collections.abc import Sequence

import yaml

from trace_assets.errors import ConfigError

_KEY = re.compile(r"[a-zA-Z0-9_-]{1,250}")


def dataset_key(*parts: str) -> str:
    """A dataset's key from the names it is made of; a dot, which keys may not have, becomes `_`.

    Raises:
        ConfigError: the platform would refuse the key.
    """
    key = "-".join(parts).replace(".", "_")
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

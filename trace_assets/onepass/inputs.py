"""Which files a command reads, and what it calls them."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, NoReturn

from trace_assets.errors import ConfigError

OUTPUT_ENDINGS = (".jsonl", ".yaml", ".quarantine.jsonl", ".context.jsonl", ".ledger.json")
"""What a conversion writes is told by: these five behind one key, in one folder."""


_NO_UTF8 = re.compile("[\ud800-\udfff]")
_DRAFTS = re.compile(r"\.([a-zA-Z0-9_-]{1,250})\.[^.]+\.part")
"""The hidden folder in which the files of a key are written."""


class Input(NamedTuple):
    """A file to convert, under the name that the dataset's rows will give it."""

    path: Path
    name: str


_ENDINGS = re.compile(
    r"(?:\.(?:json|jsonl|ndjson|csv|tsv|txt|log|eval|zip|tar|parquet|db|sqlite|ya?ml))?"
    r"(?:\.(?:gz|gzip|bz2|zst|zstd|xz))?\Z",
    re.IGNORECASE,
)


def stem_of(name: str) -> str:
    """Take the ending of a log off its name. A version such as `.2` is no ending.

    >>> stem_of("results.jsonl.gz"), stem_of("gpt-5.2_high.json"), stem_of("gpt-5.2")
    ('results', 'gpt-5.2_high', 'gpt-5.2')
    """
    return _ENDINGS.sub("", name, count=1)


class _Found(NamedTuple):
    given: Path
    """The path of the command line that it was found by."""
    file: Path


def _tell_nobody(_: str) -> None:
    pass


def inputs_of(
    paths: Sequence[Path], *, note: Callable[[str], object] = _tell_nobody
) -> list[Input]:
    """The files that paths name, folders walked, in the order of their names.

    A file is named by its path below the folder that was given, with the folder's own name; so the
    rows are the same wherever the folder lies. Only where two files would share a name are all
    named from further up. Hidden files are no logs. `note` hears of each other file that is left
    out: it was named twice, is no file, or is the output of an earlier conversion.

    Raises:
        ConfigError: a path names nothing, or nothing that can be read twice.
        OSError: a folder cannot be listed.
    """
    found = [_Found(path, file) for path in paths for file in _files(path, note)]
    return _named(list(_once(found, note)))


def _files(path: Path, note: Callable[[str], object]) -> list[Path]:
    if path.is_dir():
        files = sorted(_below(path, note), key=Path.as_posix)  # as a store lists its keys
        if not files:
            note(f"{path}: no log in this folder")
        return files
    if path.is_file():
        return [path]
    if path.exists():
        raise ConfigError(f"{path}: expected a file or folder; write what it gives to a file first")
    raise ConfigError(f"{path}: there is no such file or folder")


def _below(top: Path, note: Callable[[str], object]) -> Iterator[Path]:
    """The logs below a folder; links are followed, each folder is entered once."""
    entered: set[str] = set()
    for here, folders, names in os.walk(top, followlinks=True, onerror=_cannot_list):
        folder = Path(here)
        real = os.path.realpath(here)
        if real in entered:
            note(f"{folder}: left out: a link to a folder that is read already")
            folders.clear()
            continue
        entered.add(real)
        outputs = _outputs_among(names, folders)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if outputs:
            note(f"{folder}: left out, outputs of an earlier conversion: {', '.join(outputs)}")
        for name in names:
            if _is_hidden(name) or name in outputs:
                continue
            if (folder / name).is_file():
                yield folder / name
            else:
                note(f"{folder / name}: left out: no regular file")


def _is_hidden(name: str) -> bool:
    """Whether a file is hidden and is no log: Aider writes its logs to hidden files."""
    return name.startswith(".") and not name.startswith(".aider.")


def _cannot_list(error: OSError) -> NoReturn:
    raise error


def _outputs_among(names: Sequence[str], folders: Sequence[str]) -> list[str]:
    """The files that a conversion wrote, also one that was killed and left its drafts."""
    present = set(names)
    keys = [name.removesuffix(".ledger.json") for name in names if name.endswith(".ledger.json")]
    sets = [[key + ending for ending in OUTPUT_ENDINGS] for key in sorted(keys)]
    killed = sorted(match[1] for name in folders if (match := _DRAFTS.fullmatch(name)))
    return [
        *(name for one in sets if present.issuperset(one) for name in one),
        *(
            name
            for key in killed
            if key not in keys
            for ending in OUTPUT_ENDINGS
            if (name := key + ending) in present
        ),
    ]


def _once(found: Sequence[_Found], note: Callable[[str], object]) -> Iterator[_Found]:
    """Each file by the first of its names: read twice, all its records would be duplicates."""
    names: dict[str, Path] = {}
    for one in found:
        real = os.path.realpath(one.file)
        if real in names:
            note(f"{one.file}: left out: the same file as {names[real]}")
        else:
            names[real] = one.file
            yield one


def _named(found: Sequence[_Found]) -> list[Input]:
    depth = 1
    names = [_name(one, depth) for one in found]
    while len(set(names)) < len(names):  # ends: no two files share their whole paths
        depth += 1
        names = [_name(one, depth) for one in found]
    taken = frozenset(names)
    return [Input(one.file, _utf8(name, taken)) for one, name in zip(found, names, strict=True)]


def _utf8(name: str, taken: frozenset[str]) -> str:
    r"""A name that JSON can hold: bytes that are no UTF-8 become escapes such as `\\xff`."""
    if name.isascii() or not _NO_UTF8.search(name):
        return name
    escaped = os.fsencode(name).decode(errors="backslashreplace")
    if escaped in taken:
        return f"{escaped}-{sha256(os.fsencode(name)).hexdigest()[:8]}"
    return escaped


def _name(found: _Found, depth: int) -> str:
    given = Path(os.path.abspath(found.given))  # noqa: PTH100 - resolve would name a link's target
    label = Path(*given.parts[-depth:]) if given.name else Path()
    return (label / found.file.relative_to(found.given)).as_posix()

"""The version of a stage: a fingerprint of the code that it runs.

The code is the stage's module and every module of this package that it imports, directly or not,
also inside a function. Imports are read from the source, so nothing is loaded for it. Formats are
found by listing their folder, not by an import: each has a fingerprint of its own.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = "trace_assets"
_ROOT = Path(__file__).parents[1]

_IMPORT = re.compile(
    rf"^[ \t]*(?:from[ \t]+({PACKAGE}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)"
    rf"|import[ \t]+({PACKAGE}[\w.]*))",
    re.MULTILINE,
)
_NAME = re.compile(r"(\w+)(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:,|$|#[^\n]*|\)|\n)")


@cache
def code_version(*modules: str) -> str:
    """Fingerprint modules and all that they import from this package: 16 hex digits."""
    parts = [f"{name} {_read(name)[0]}" for name in closure(modules)]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def closure(modules: Iterable[str]) -> list[str]:
    """List modules and all that they import from this package, by name.

    The package's own `__init__.py` is left out: it is there for users, and no stage runs it.
    """
    found: set[str] = set()
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name in found or name == PACKAGE:
            continue
        found.add(name)
        pending.append(name.rpartition(".")[0])
        pending += _read(name)[1]
    return sorted(found)


@cache
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    """The hash of a module's source, and the modules that it imports."""
    path = _path_of(name)
    assert path is not None, name  # noqa: S101 - only modules that exist are asked for
    source = path.read_text(encoding="utf-8")
    return sha256(source.encode()).hexdigest(), tuple(sorted(set(_imports(source))))


def _imports(source: str) -> Iterator[str]:
    for match in _IMPORT.finditer(source):
        package, names, module = match.groups()
        if module:
            yield module
            continue
        if package != PACKAGE:
            yield package
        for name in _NAME.findall(names.strip("()")):
            if _path_of(f"{package}.{name}") is not None:
                yield f"{package}.{name}"


@cache
def _path_of(name: str) -> Path | None:
    """Where the source of a module is; None where the name is no module."""
    path = _ROOT.joinpath(*name.split(".")[1:])
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    module = path.with_suffix(".py")
    return module if module.is_file() else None

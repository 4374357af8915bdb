"""Reading interactions back, whoever wrote them: what a reader would drop in silence is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from trace_assets.interactions.check import Checker, Report
from trace_assets.interactions.layout import FOLDER, METADATA, STEPS
from trace_assets.interactions.model import Interaction, InteractionStep

_Model = TypeVar("_Model", bound=BaseModel)


def check_folder(folder: Path) -> Report:
    """Look at every interaction of a folder: the one that holds `interactions`, or that itself.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    inner = folder / FOLDER
    with Checker() as checker:
        for interaction, directory in _loaded(inner if inner.is_dir() else folder, checker):
            checker.add(directory, interaction)
        return checker.finish()


def _loaded(folder: Path, checker: Checker) -> Iterator[tuple[Interaction, str]]:
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            checker.invalid(path.name, "a file; expected a directory for each interaction")
            continue
        fields = _fields(path / METADATA, checker)
        steps = list(_steps(path / STEPS, checker))
        if fields is not None:
            whole = _model(Interaction, {**fields, "steps": []}, f"{path.name}/{METADATA}", checker)
            if whole is not None:
                yield whole.model_copy(update={"steps": steps}), path.name


def _fields(path: Path, checker: Checker) -> dict[str, Any] | None:
    where = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        checker.invalid(where, "is not there")
        return None
    return _object(path.read_bytes(), where, checker)


def _steps(path: Path, checker: Checker) -> Iterator[InteractionStep]:
    where = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        checker.invalid(where, "is not there")
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if step := _step(line, f"{where}:{number}", checker):
                yield step


def _step(line: bytes, where: str, checker: Checker) -> InteractionStep | None:
    fields = _object(line, where, checker) if line.strip() else None
    return None if fields is None else _model(InteractionStep, fields, where, checker)


def _object(data: bytes, where: str, checker: Checker) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        checker.invalid(where, f"no JSON object: {error}")
        return None


def _model(
    model: type[_Model], fields: dict[str, Any], where: str, checker: Checker
) -> _Model | None:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            field = ".".join(str(part) for part in problem["loc"])
            checker.invalid(where, f"{field}: {_problem(problem['type'], problem['msg'])}")
        return None


def _problem(kind: str, message: str) -> str:
    return "unknown key, which readers drop" if kind == "extra_forbidden" else message

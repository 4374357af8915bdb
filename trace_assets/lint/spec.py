"""What keeps a dataset's spec from being taken: the contract of the YAML beside a dataset."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_TEXT = {"key": True, "display_name": True, "description": False, "long_description": False}
"""The keys that hold text, and whether they are required."""
_OTHERS = ("source", "generator_specification", "tags")
_KEY = re.compile(r"[a-zA-Z0-9_\-]{1,250}")
_VARIABLE = re.compile(r"\$\w+|\$\{\w+\}")

_SOURCES: dict[str, tuple[set[str], set[str]]] = {
    "local": ({"file_path"}, {"filters"}),
    "folder": ({"directory_path"}, {"extension", "filters"}),
    "url": ({"url"}, {"filters"}),
    "huggingface": ({"path", "split"}, {"load_dataset_kwargs", "filters"}),
    "langsmith": (
        set(),
        {"project", "dataset", "api_key", "api_url", "from_time", "to_time", "tags", "filter"}
        | {"limit"},
    ),
    "phoenix": (
        {"project"},
        {"from_time", "to_time", "trace_id", "session_id", "tags", "metadata", "limit", "api_key"}
        | {"base_url"},
    ),
    "claude_code": (set(), {"path", "session_id", "from_time", "to_time", "limit"}),
    "inspect_ai": ({"path"}, {"limit"}),
}
"""By type of source, the keys that it must have, and those that it may have."""

_GENERATOR = {"dataset_generator_key", "dataset_generator_config", "num_samples"}


class _Loader(yaml.SafeLoader):
    """Reads a spec as strictly as the platform's own loader does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def spec_problems(spec: Path, dataset: Path) -> list[str]:
    """A line for each thing that is wrong with the spec of a dataset."""
    try:
        text = spec.read_text(encoding="utf-8")
        value = yaml.load(text, _Loader)  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        return [f"not read as YAML: {' '.join(str(error).split())}"]
    if not isinstance(value, dict):
        return ["expected a mapping with `key` and `display_name`"]
    problems = list(_of_keys(value))
    problems += _of_source(value.get("source"), spec, dataset)
    problems += _of_generator(value.get("generator_specification"))
    if "((TODO))" in text:
        problems.append("holds ((TODO)), which the platform refuses anywhere")
    return problems


def _of_keys(value: Mapping[Any, Any]) -> Iterator[str]:
    known = (*_TEXT, *_OTHERS)
    yield from _unknown("", value, known)
    for name, is_required in _TEXT.items():
        match value.get(name):
            case None if is_required:
                yield f"{name}: required"
            case None:
                pass
            case str() as text if _VARIABLE.fullmatch(text):
                yield f"{name}: {text!r} would be replaced by an environment variable"
            case str() as text:
                yield from _of_text(name, text)
            case found:
                yield f"{name}: expected a string, found {found!r}"
    tags = value.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(t, str) for t in tags)):
        yield f"tags: expected a list of strings, found {tags!r}"


def _of_text(name: str, text: str) -> Iterator[str]:
    if name == "key" and not _KEY.fullmatch(text):
        yield f"key: expected 1 to 250 letters, digits, hyphens and underscores, found {text!r}"
    if name == "display_name" and not text:
        yield "display_name: expected at least one character"


def _of_source(source: Any, spec: Path, dataset: Path) -> Iterator[str]:
    if source is None:
        return
    if not isinstance(source, dict):
        yield f"source: expected a mapping, found {source!r}"
        return
    kind = source.get("type")
    if kind not in _SOURCES:
        known = ", ".join(_SOURCES)
        yield f"source.type: {'required' if kind is None else repr(kind)}; known: {known}"
        return
    required, optional = _SOURCES[kind]
    yield from (f"source.{name}: required" for name in sorted(required - source.keys()))
    yield from _unknown("source.", source, ("type", *sorted(required | optional)))
    if kind == "local" and "file_path" in source:
        yield from _of_file_path(source["file_path"], spec, dataset)


def _of_file_path(file_path: Any, spec: Path, dataset: Path) -> Iterator[str]:
    if not isinstance(file_path, str) or not file_path.endswith((".csv", ".jsonl")):
        yield f"source.file_path: expected a .csv or .jsonl file, found {file_path!r}"
        return
    named = spec.parent / file_path
    if not named.exists():
        yield f"source.file_path: {file_path!r}, seen from the spec's folder, is not there"
    elif os.path.realpath(named) != os.path.realpath(dataset):
        yield f"source.file_path: {file_path!r} is another file than {dataset.name}"


def _of_generator(generator: Any) -> Iterator[str]:
    if generator is None:
        return
    if not isinstance(generator, dict):
        yield f"generator_specification: expected a mapping, found {generator!r}"
        return
    missing = sorted(_GENERATOR - generator.keys())
    yield from (f"generator_specification.{name}: required" for name in missing)
    yield from _unknown("generator_specification.", generator, sorted(_GENERATOR))


def _unknown(prefix: str, value: Mapping[Any, Any], known: Any) -> Iterator[str]:
    for name in value:
        if name not in known:
            yield f"{prefix}{name}: unknown key; known: {', '.join(known)}"

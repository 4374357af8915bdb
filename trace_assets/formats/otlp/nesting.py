"""Attributes that write lists and objects as names: `llm.input_messages.0.message.role`."""

from typing import Any, cast

from trace_assets.formats.otlp.values import Attributes, opened

_DEEPEST = 24
"""Steps of a name; no instrumentation comes near."""

_ROOTS = frozenset(
    (
        "llm",
        "gen_ai",
        "ai",
        "openinference",
        "input",
        "output",
        "tool",
        "session",
        "user",
        "tag",
        "langfuse",
    )
)
"""Where attributes begin that exporters of tables nest."""

_WHOLE = frozenset(
    (
        "input.value",
        "output.value",
        "tool.parameters",
        "llm.invocation_parameters",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.prompt",
        "gen_ai.completion",
    )
)
"""Attributes whose own value may be an object."""

_LISTS = frozenset(("llm.input_messages", "llm.output_messages", "llm.tools", "llm.prompts"))


def flattened(attributes: Attributes) -> Attributes:
    """Attributes that a table exporter nested, under the names that they had before.

    >>> flattened({"llm": {"model_name": "m", "tools": []}, "other": {"a": 1}})
    {'llm.model_name': 'm', 'llm.tools': [], 'other': {'a': 1}}
    """
    nested = [key for key, value in attributes.items() if isinstance(value, dict | list)]
    if not any(key.partition(".")[0] in _ROOTS for key in nested):
        return attributes
    found: Attributes = {}
    pending = [*reversed(attributes.items())]
    while pending:
        key, given = pending.pop()
        value = _members(key, given)
        if value is None or key.count(".") > _DEEPEST:
            found[key if key not in found else f"{key}#2"] = given
        else:
            pending += ((f"{key}.{name}", each) for name, each in reversed(value))
    return found


def _is_nested(key: str, value: Any) -> bool:
    return isinstance(value, dict | list) and key.partition(".")[0] in _ROOTS


def _members(key: str, value: Any) -> list[tuple[str, Any]] | None:
    """What is inside a nested attribute; None where it is a value of its own."""
    if key in _WHOLE or not _is_nested(key, value) or not value:
        return None
    if isinstance(value, dict):
        members = cast("Attributes", value)
        is_value = key in ("input", "output") and not members.keys() <= {"value", "mime_type"}
        return None if is_value else [*members.items()]
    is_listed = key in _LISTS or any(key.startswith(f"{name}.") for name in _LISTS)
    each = cast("list[Any]", value)
    is_objects = all(isinstance(one, dict) for one in each)
    return [(str(n), one) for n, one in enumerate(each)] if is_listed and is_objects else None


class _Tree(dict[str, Any]):
    """An object that is being put together, as opposed to one that is a value."""


def take_list(left: Attributes, name: str) -> list[Any] | None:
    """Take out the list that attributes write under `<name>.<index>...`, in the order of indices.

    Also where it is one attribute `<name>`, as a list or as JSON. None if there is nothing.

    >>> left = {"p.1.role": "user", "p.0.role": "system", "p.0.calls.0.id": "c", "other": 1}
    >>> take_list(left, "p"), left
    ([{'role': 'system', 'calls': [{'id': 'c'}]}, {'role': 'user'}], {'other': 1})
    """
    prefix = f"{name}."
    size = len(prefix)
    root, made = _Tree(), list[tuple[_Tree, str, _Tree]]()
    for key in [key for key in left if key.startswith(prefix)]:
        steps = key[size:].split(".")
        if len(steps) <= _DEEPEST and _is_index(steps[0]) and _put(root, steps, left[key], made):
            del left[key]
    for parent, step, tree in reversed(made):
        parent[step] = _listed(tree)
    if root:
        return _values(root)
    whole = opened(left.get(name))
    if isinstance(whole, list):
        del left[name]
        return cast("list[Any]", whole)
    return None


def _put(root: _Tree, steps: list[str], value: Any, made: list[tuple[_Tree, str, _Tree]]) -> bool:
    """Put a value where its name says; not if another name has a value on the way or there."""
    tree = root
    for step in steps[:-1]:
        below = tree.get(step)
        if below is None and step not in tree:
            tree[step] = below = _Tree()
            made.append((tree, step, below))
        if not isinstance(below, _Tree):
            return False
        tree = below
    if steps[-1] in tree:
        return False
    tree[steps[-1]] = value
    return True


def _listed(tree: _Tree) -> Any:
    return _values(tree) if tree and all(map(_is_index, tree)) else dict(tree)


def _values(tree: _Tree) -> list[Any]:
    return [tree[step] for step in sorted(tree, key=_number)]


def _number(step: str) -> tuple[bool, int]:
    return (False, int(step)) if _is_index(step) else (True, 0)


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdecimal() and len(step) < 10

"""Parameters of a call against the JSON Schema of its tool."""

from collections.abc import Mapping
from typing import Any

from jsonschema import SchemaError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable


class Parameters:
    """Holds parameters against the schema of one tool.

    A schema that is none, or that refers to another place, does not judge: it comes from a log.

    >>> Parameters({"properties": {"n": {"type": "integer"}}}).problem_with({"n": "two"})
    "$.n: 'two' is not of type 'integer'"
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        kind = validator_for(schema)
        try:
            kind.check_schema(schema)
        except (SchemaError, RecursionError):
            schema = {}
        # An empty registry: by itself, the validator would fetch what a schema refers to.
        self._validator = kind(schema, registry=Registry())

    def problem_with(self, parameters: Mapping[str, Any]) -> str:
        """What is wrong with parameters; empty where nothing is."""
        try:
            error = next(iter(self._validator.iter_errors(parameters)), None)
        except (Unresolvable, RecursionError):
            return ""
        return f"{error.json_path}: {error.message[:200]}" if error else ""


def with_defaults(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with those left out as their schema would have them.

    >>> with_defaults({"a": 1}, {"properties": {"a": {"default": 5}, "b": {"default": 2}}})
    {'a': 1, 'b': 2}
    """
    match schema:
        case {"properties": dict(properties)}:
            pass
        case _:
            return dict(parameters)
    filled = dict(parameters)
    for name, each in properties.items():
        if name not in filled and isinstance(each, dict) and "default" in each:
            filled[name] = each["default"]
    return filled


def schemas_of(tools: Any) -> dict[str, dict[str, Any]]:
    """The schema of each tool's parameters, by name; what is no OpenAI function is passed over."""
    found: dict[str, dict[str, Any]] = {}
    for tool in tools or ():
        match tool:
            case {"function": {"name": str(name), **rest}}:
                schema = rest.get("parameters")
                found[name] = schema if isinstance(schema, dict) else {}
            case _:
                pass
    return found

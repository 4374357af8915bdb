"""Responses that an exporter wrote down as Python prints them: `Response(id='resp_1', ...)`."""

import ast
from typing import Any

_LONGEST = 4 << 20  # a parser of Python takes a hundred times the memory of its text


def printed(text: str) -> dict[str, Any] | None:
    """The fields of a printed object, objects inside as dicts; None where it is not that.

    >>> printed("Response(id='r', output=[Message(role='assistant', n=-1)], error=None)")
    {'id': 'r', 'output': [{'role': 'assistant', 'n': -1}], 'error': None}
    >>> printed("Response(created=datetime.now())"), printed("Response(id=")
    (None, None)
    """
    if len(text) > _LONGEST or "(" not in text[:80]:
        return None
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    match _Values().of(tree):
        case {**fields}:
            return fields
        case _:
            return None


class _Values:
    """The values of a tree of Python expressions, without recursion."""

    def __init__(self) -> None:
        self.pending: list[tuple[ast.expr, Any, Any]] = []
        self.is_known = True

    def of(self, tree: ast.expr) -> Any:
        """The value of an expression; None where a part of it is no value."""
        whole: list[Any] = [None]
        self.pending.append((tree, whole, 0))
        while self.pending and self.is_known:
            node, container, place = self.pending.pop()
            container[place] = self.value(node)
        return whole[0] if self.is_known else None

    def value(self, node: ast.expr) -> Any:
        """The value of one node; what is inside is left to be filled in."""
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.List(elts=inner) | ast.Tuple(elts=inner):
                filled: list[Any] = [None] * len(inner)
                self.pending += [(each, filled, at) for at, each in enumerate(inner)]
                return filled
            case ast.Call(func=ast.Name(), args=[], keywords=fields):
                return self.fields([(field.arg, field.value) for field in fields])
            case ast.Dict(keys=keys, values=values):
                names = [key.value if isinstance(key, ast.Constant) else None for key in keys]
                return self.fields(list(zip(names, values, strict=True)))
            case _:
                self.is_known = False
                return None

    def fields(self, fields: list[tuple[Any, ast.expr]]) -> dict[str, Any] | None:
        names = {name for name, _ in fields if isinstance(name, str)}
        if len(names) < len(fields):  # one is no name, or is there twice
            self.is_known = False
            return None
        filled: dict[str, Any] = dict.fromkeys(name for name, _ in fields)
        self.pending += [(value, filled, name) for name, value in fields]
        return filled

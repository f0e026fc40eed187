"""Keys in the text of cells, which must not get into a file. Pure: knows what a key looks like."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lg_magics.local.notebook.cells import Statement
from lg_magics.model.secrets import has_secret_shape

__all__ = ["KeyInCell", "keys_in", "variables_read"]

_SHORTEST = 8


@dataclass(frozen=True)
class KeyInCell:
    """A key that stands in a cell's text; the key itself is not kept.

    Attributes:
        cell: The cell.
        line: The line in the cell.
        variable: The environment variable that has the same value; "" if there is none.
    """

    cell: int
    line: int
    variable: str = ""


def keys_in(statements: Iterable[Statement], environment: Mapping[str, str]) -> list[KeyInCell]:
    """Find keys in statements: texts with the shape of one, and the values of secret variables.

    Args:
        statements: What would get into a file.
        environment: The variables whose values are secret.
    """
    known = {value: name for name, value in environment.items() if len(value) >= _SHORTEST}
    found = []
    for statement in statements:
        first = _first(statement.node)
        texts = [
            (node.lineno - first, node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace"))
            for node in ast.walk(statement.node)
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        ]
        # The lines themselves too, for what stands in comments.
        for line, text in (*texts, *enumerate(statement.source.split("\n"))):
            variable = next((name for value, name in known.items() if value in text), "")
            if variable or has_secret_shape(text):
                found.append(KeyInCell(statement.cell, statement.line + line, variable))
    return list(dict.fromkeys(found))


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(each.lineno for each in decorators)]))


def variables_read(trees: Iterable[ast.AST]) -> tuple[list[str], list[str]]:
    """The environment variables that a program reads: those that it must have, and those that it can do without."""
    needed: dict[str, None] = {}
    optional: dict[str, None] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and _is_environ(node.value) and isinstance(node.ctx, ast.Load):
                _add(needed, node.slice)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                owner = node.func.value if isinstance(node.func, ast.Attribute) else None
                if name == "getenv" or (name in ("get", "setdefault") and owner is not None and _is_environ(owner)):
                    _add(optional, node.args[0])
    return list(needed), [name for name in optional if name not in needed]


def _is_environ(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )


def _add(names: dict[str, None], node: ast.expr) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        names[node.value] = None

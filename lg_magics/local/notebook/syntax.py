"""Queries on Python's syntax tree: the nodes that run with a statement, and an expression's root name. Pure."""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = [
    "FUNCTIONS",
    "SCOPES",
    "awaits",
    "called_name",
    "own_expressions",
    "own_nodes",
    "own_statements",
    "root_of",
]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
_NO_NODES = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "names", "module"})


def awaits(statement: ast.stmt) -> bool:
    """Return whether a statement awaits something when it runs, outside the functions that it defines."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(node, ast.comprehension) and node.is_async)
        for node in own_nodes(statement)
    )


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """Return every node that runs with `node`, without the bodies of functions in it."""
    found, todo = [], [node]
    while todo:
        each = todo.pop()
        found.append(each)
        for name in each._fields:
            if name in _NO_NODES:
                continue
            value = getattr(each, name, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, FUNCTIONS):
                    todo += [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]
                elif isinstance(child, ast.AST) and not isinstance(child, ast.Lambda):
                    todo.append(child)
    return found


def own_statements(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return these statements and nested ones, without the bodies of functions and classes."""
    found: list[ast.stmt] = []
    for statement in statements:
        found.append(statement)
        if not isinstance(statement, SCOPES):
            for field_name in ("body", "orelse", "finalbody"):
                found += own_statements(getattr(statement, field_name, []))
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                found += own_statements(part.body)
    return found


def own_expressions(statement: ast.stmt) -> list[ast.AST]:
    """Return the nodes of a statement without nested statements."""
    found: list[ast.AST] = []
    for name in statement._fields:
        value = getattr(statement, name, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.expr | ast.keyword | ast.withitem):
                found += own_nodes(child)
            elif isinstance(child, ast.arguments):
                for default in (*child.defaults, *filter(None, child.kw_defaults)):
                    found += own_nodes(default)
    return found


def root_of(node: ast.AST) -> str:
    """Return the name at the root of an expression: `b` of `b.add_node(…).x[0]`; "" if there is none."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def called_name(call: ast.Call) -> str:
    """Return the last name of a called expression: `compile` of `builder.compile(…)`."""
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )

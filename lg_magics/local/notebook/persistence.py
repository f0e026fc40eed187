"""Remove checkpointers and stores from a statement's text: the server provides its own. Pure.

`builder.compile(checkpointer=memory, interrupt_before=["ask"])` becomes `builder.compile(interrupt_before=["ask"])`. Line
numbers do not change. `checkpointer=True`, with which a subgraph keeps its own state, stays.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from lg_magics.local.notebook.syntax import called_name

__all__ = ["without_persistence"]

_TAKES_STORE = frozenset(
    {"compile", "entrypoint", "create_agent", "create_react_agent", "create_deep_agent", "create_supervisor"}
)
_MAKERS = re.compile(r"(Saver|Checkpointer)$|^(InMemory|Postgres|AsyncPostgres|Sqlite|AsyncSqlite|Redis)Store$")

_Edit = tuple[int, int, bytes]


@lru_cache(4096)
def without_persistence(source: str, names: frozenset[str]) -> str | None:
    """Return the text of a statement without checkpointers and stores.

    Args:
        source: The statement's text.
        names: Names whose object is a checkpointer or a store.

    Returns:
        The text; None if nothing is left of it.
    """
    if not re.search("|".join([r"checkpointer|[Ss]tore|Saver", *map(re.escape, names)]), source):
        return source
    tree = ast.parse(source).body[0]
    if _sets_persistence(tree):
        return None
    functions = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    starts = _line_starts(source.encode())
    edits: list[_Edit] = []
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and called_name(call) not in functions:
            edits += _edits(call, source.encode(), starts, names)
    text = source.encode()
    for start, end, new in sorted(set(edits), reverse=True):
        if not any(other[0] <= start and end <= other[1] and (start, end, new) != other for other in edits):
            text = text[:start] + new + text[end:]
    return text.decode()


def _sets_persistence(tree: ast.stmt) -> bool:
    """`graph.checkpointer = memory`."""
    return isinstance(tree, ast.Assign) and all(
        isinstance(target, ast.Attribute) and target.attr in ("checkpointer", "store") for target in tree.targets
    )


def _edits(call: ast.Call, text: bytes, starts: list[int], names: frozenset[str]) -> list[_Edit]:
    name = called_name(call)
    found: list[_Edit] = []
    for keyword in call.keywords:
        is_constant = isinstance(keyword.value, ast.Constant)
        is_checkpointer = keyword.arg == "checkpointer" and not is_constant
        is_store = keyword.arg == "store" and name in _TAKES_STORE and not is_constant
        if is_checkpointer or is_store:
            known = name in _TAKES_STORE or name == "create_swarm"
            found.append(_gone(keyword, text, starts) if known else _none(keyword.value, starts))
    for place, argument in enumerate(call.args):
        if _is_persistence(argument, names):
            is_first = place == 0 and name == "compile"
            found.append(_gone(argument, text, starts) if is_first else _none(argument, starts))
    return found


def _is_persistence(argument: ast.expr, names: frozenset[str]) -> bool:
    if isinstance(argument, ast.Name):
        return argument.id in names
    return isinstance(argument, ast.Call) and bool(_MAKERS.search(called_name(argument)))


def _line_starts(text: bytes) -> list[int]:
    starts = [0]
    starts += [place + 1 for place, byte in enumerate(text) if byte == 10]
    return starts


def _span(node: ast.expr | ast.keyword, starts: list[int]) -> tuple[int, int]:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return starts[node.lineno - 1] + node.col_offset, starts[end_line - 1] + end_column


def _none(value: ast.expr, starts: list[int]) -> _Edit:
    start, end = _span(value, starts)
    return start, end, b"None"


def _gone(node: ast.expr | ast.keyword, text: bytes, starts: list[int]) -> _Edit:
    """Remove an argument with the comma after it, or before it; line breaks stay."""
    start, end = _span(node, starts)
    behind = re.match(rb"\s*,[ \t]*", text[end:])
    if behind:
        end += behind.end()
    elif before := re.search(rb",\s*$", text[:start]):
        start = before.start()
    return start, end, b"\n" * text[start:end].count(b"\n")

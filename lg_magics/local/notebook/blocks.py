"""Edit the text of compound statements: `if __name__ == "__main__":`, and a graph that is run where it is created. Pure.

Line numbers do not change.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache

__all__ = ["BLOCKS", "as_main", "with_text", "without_inner"]

BLOCKS = (ast.With, ast.AsyncWith, ast.If, ast.Try)
"""Statements whose inner statements run at most once."""


@lru_cache(1024)
def as_main(source: str) -> str:
    """Make code under `if __name__ == "__main__":` run in the module that a server imports, too."""
    if "__main__" not in source:
        return source
    node = ast.parse(source).body[0]
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Eq)):
        return source
    sides = [node.test.left, *node.test.comparators]
    is_name = any(isinstance(each, ast.Name) and each.id == "__name__" for each in sides)
    if not is_name or not any(isinstance(each, ast.Constant) and each.value == "__main__" for each in sides):
        return source
    return with_text(source, node.test, "True")


def without_inner(source: str, is_left_out: Callable[[ast.stmt], bool]) -> tuple[str, list[ast.stmt]]:
    """Remove the statements of a block that are no part of a graph: `with saver() as s: graph = …; graph.invoke(…)`.

    Returns:
        The text, and the removed statements.
    """
    gone = _inner(ast.parse(source).body[0], is_left_out)
    for node in sorted(gone, key=lambda each: each.lineno, reverse=True):
        source = with_text(source, node, "pass")
    return source, gone


def _inner(block: ast.stmt | ast.ExceptHandler, is_left_out: Callable[[ast.stmt], bool]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        for each in getattr(block, name, []):
            if isinstance(each, BLOCKS):
                found += _inner(each, is_left_out)
            elif is_left_out(each):
                found.append(each)
    for handler in getattr(block, "handlers", []):
        found += _inner(handler, is_left_out)
    return found


def with_text(source: str, node: ast.stmt | ast.expr, text: str) -> str:
    """Return the source with another text for a node, and with the same number of lines."""
    lines = [line.encode() for line in source.split("\n")]
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    new = lines[first][: node.col_offset] + text.encode()
    behind = lines[last][node.end_col_offset :]
    blank = [b""] * (last - first)
    lines[first : last + 1] = [new + behind, *blank]
    return b"\n".join(lines).decode()

"""The executed cells as a list of statements, in the order of execution. Pure: knows IPython's rewriting only by its text.

IPython rewrites `%time x` to a call of `get_ipython().run_line_magic("time", "x")` and `%%time` to a call that holds the body
as text. Both run Python in the notebook's namespace, so their content is read as statements of the cell.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lg_magics.local.notebook.blocks import BLOCKS, as_main, without_inner
from lg_magics.local.notebook.left_out import is_ipython, left_out_reason
from lg_magics.local.notebook.names import Names, names_of
from lg_magics.local.notebook.persistence import sets_persistence, without_persistence
from lg_magics.local.notebook.syntax import called_name, own_nodes, own_statements

__all__ = ["ExecutedCell", "Statement", "makes_graph", "statements_from"]

TIMED = frozenset({"time", "prun", "capture", "memit", "lg_serve"})
"""Magics whose text is Python that runs in the notebook's own namespace."""

_GRAPH_MAKERS = frozenset(
    {"compile", "create_agent", "create_react_agent", "create_deep_agent", "create_supervisor", "create_swarm"}
)


@dataclass(frozen=True)
class ExecutedCell:
    """An executed cell.

    Attributes:
        number: Its execution number, as shown beside the cell.
        source: Its text after IPython's rewriting.
        stopped_at: The line before which its executed statements end. None if all ran.
        offset: The number of lines of the cell before the first line of `source`.
        name: A stable identity of the cell; its number if the front end sends none.
    """

    number: int
    source: str
    stopped_at: int | None = None
    offset: int = 0
    name: str = ""


@dataclass(frozen=True)
class Statement:
    """One statement that ran to its end.

    Attributes:
        cell: The execution number of its cell.
        line: Its first line in the cell, from 1.
        source: Its text, without compiled-in checkpointers and stores.
        node: Its syntax tree.
        names: What it does with names.
        left_out: Why it belongs to no graph: `print`, `display`, `magic`, `invoke`, …; "" if it may belong to one.
        unavailable: The names that it binds to objects that only this kernel has.
        cell_name: The identity of its cell, equal for all runs of that cell.
        reason: Why its unavailable names are: `left_out`, or why the part of a block is left out that bound them.
    """

    cell: int
    line: int
    source: str
    node: ast.stmt = field(repr=False, compare=False)
    names: Names = field(repr=False)
    left_out: str = ""
    unavailable: frozenset[str] = frozenset()
    cell_name: str = ""
    reason: str = ""


def statements_from(
    cells: Iterable[ExecutedCell],
    *,
    transform: Callable[[str], str] = str,
    graphs: frozenset[str] = frozenset(),
    persistence: frozenset[str] = frozenset(),
    own: frozenset[str] = frozenset({"lg", "lg_magics"}),
) -> list[Statement]:
    """Read the executed cells.

    Args:
        cells: In the order of execution.
        transform: IPython's rewriting, for the body of a `%%time` cell.
        graphs: Names whose object is a graph.
        persistence: Names whose object is a checkpointer or a store.
        own: Names of this package's module: its calls belong to no graph.
    """
    found: list[Statement] = []
    graphish = set(graphs)
    for cell in cells:
        for node, source, line in _nodes(cell.source, cell.offset + 1, transform):
            end = line + source.count("\n")
            if cell.stopped_at is not None and end >= cell.stopped_at + cell.offset:
                break
            if sets_persistence(node, graphish):
                continue
            edited = as_main(without_persistence(source, persistence))
            if edited != source:
                source, node = edited, ast.parse(edited).body[0]
            names = _names_in(source)
            if isinstance(node, BLOCKS):
                graphish |= {
                    name for each in own_statements([node]) if makes_graph(each) for name in names_of(each).binds
                }
            reason, unavailable = left_out_reason(node, names, graphish, own)
            left_out = reason
            if reason and isinstance(node, BLOCKS):
                rest, unavailable_in_it = _rest(source, graphish, own)
                if rest is not None:
                    source, node, left_out, unavailable = rest, ast.parse(rest).body[0], "", unavailable_in_it
                    names = _names_in(rest)
                    names = replace(names, may_bind=names.may_bind | (unavailable - names.binds))
            if makes_graph(node):
                graphish |= names.binds
            name = cell.name or str(cell.number)
            found.append(Statement(cell.number, line, source, node, names, left_out, unavailable, name, reason))
    return found


@lru_cache(4096)
def _names_in(source: str) -> Names:
    """Return what a statement does with names; cached for statements of unchanged cells."""
    return names_of(ast.parse(source).body[0])


@lru_cache(512)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _rest(source: str, graphs: set[str], own: frozenset[str]) -> tuple[str | None, frozenset[str]]:
    """Return a block without its statements that belong to no graph, and the names that these bind; None if nothing is left."""

    def is_left_out(node: ast.stmt) -> bool:
        return bool(left_out_reason(node, names_of(node), graphs, own)[0])

    rest, gone = without_inner(source, is_left_out)
    node = ast.parse(rest).body[0]
    does = any(not isinstance(each, (ast.Pass, *BLOCKS)) for each in own_statements([node]))
    if not does or left_out_reason(node, _names_in(rest), graphs, own)[0]:
        return None, frozenset()
    results = [names_of(each) for each in gone]
    return rest, frozenset(name for each in results for name in each.binds | each.may_bind)


# -- text into statements ---------------------------------------------------------------------------------------


def _nodes(source: str, first: int, transform: Callable[[str], str]) -> Iterator[tuple[ast.stmt, str, int]]:
    """Yield each statement with its text and its line; those in a timed magic one by one."""
    try:
        body = _parsed(source).body
    except SyntaxError:
        return  # nothing of it ran
    lines = source.split("\n")
    for node in body:
        text, line = _text(node, lines)
        inner = _python_in_magic(node)
        if inner is None:
            yield node, text, first + line - 1
            continue
        body_text, skipped = inner
        yield from _nodes(transform(body_text), first + line - 1 + skipped, transform)


def _python_in_magic(node: ast.stmt) -> tuple[str, int] | None:
    """Return the Python text in `%time x` or a `%%time` cell, and the number of lines before it; None for anything else."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not is_ipython(call):
        return None
    words = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if called_name(call) == "run_cell_magic" and len(words) == 3 and words[0] in TIMED:
        return words[2], 1
    if called_name(call) == "run_line_magic" and len(words) == 2 and words[0] in TIMED - {"lg_serve", "capture"}:
        return words[1], 0
    return None


def _text(node: ast.stmt, lines: Sequence[str]) -> tuple[str, int]:
    """Return a statement's own text and its first line, including decorators and a comment after it."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    last = node.end_lineno or node.lineno
    start = 0 if decorators else node.col_offset
    text = [*lines[first - 1 : last]]
    behind = text[-1].encode()[node.end_col_offset or 0 :].decode()
    if not behind.lstrip().startswith("#"):
        text[-1] = text[-1].encode()[: node.end_col_offset].decode()
    text[0] = text[0].encode()[start:].decode()
    return "\n".join(text), first


def makes_graph(node: ast.stmt) -> bool:
    """Return whether a statement binds a name to a compiled graph."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any("entrypoint" in ast.dump(each) for each in node.decorator_list)
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return value is not None and any(
        isinstance(each, ast.Call) and called_name(each) in _GRAPH_MAKERS for each in own_nodes(value)
    )

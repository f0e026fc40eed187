"""Remove checkpointers and stores from a statement's text: the server provides its own. Pure.

`builder.compile(checkpointer=memory, interrupt_before=["ask"])` becomes `builder.compile(interrupt_before=["ask"])`. Line
numbers do not change. `checkpointer=True`, with which a subgraph keeps its own state, stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from lg_magics.local.notebook.syntax import FUNCTIONS, called_name, root_of

__all__ = ["sets_persistence", "without_persistence"]

_TAKES_STORE = frozenset(
    {"compile", "entrypoint", "create_agent", "create_react_agent", "create_deep_agent", "create_supervisor"}
)
# Other packages have an InMemoryStore and a RedisStore for documents.
_MAKERS = re.compile(r"(Saver|Checkpointer)$|^(Postgres|AsyncPostgres|Sqlite|AsyncSqlite|AsyncRedis)Store$")
_SCOPES = (*FUNCTIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_Edit = tuple[int, int, bytes]


@lru_cache(4096)
def without_persistence(source: str, names: frozenset[str]) -> str:
    """Return the text of a statement without checkpointers and stores.

    Args:
        source: The statement's text.
        names: Names whose object is a checkpointer or a store.
    """
    if not re.search("|".join([r"checkpointer|[Ss]tore|Saver", *map(re.escape, names)]), source):
        return source
    tree = ast.parse(source).body[0]
    functions = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    calls = [(call, known) for call, known in _calls(tree, names) if called_name(call) not in functions]
    edited = _edited(source.encode(), calls, removes=True)
    try:
        ast.parse(edited)
    except SyntaxError:  # a comment stands before a comma
        edited = _edited(source.encode(), calls, removes=False)
    return edited.decode()


def sets_persistence(node: ast.stmt, graphs: Collection[str]) -> bool:
    """Return whether a statement only gives a graph a checkpointer or a store: `graph.checkpointer = memory`."""
    return isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Attribute) and target.attr in ("checkpointer", "store") and root_of(target) in graphs
        for target in node.targets
    )


def _calls(node: ast.AST, names: frozenset[str]) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Yield each call with those of the names that no function around it binds."""
    if isinstance(node, _SCOPES):
        names -= _bound(node)
    if isinstance(node, ast.Call):
        yield node, names
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, names)


def _bound(scope: ast.AST) -> set[str]:
    found: set[str] = set()
    shared: set[str] = set()
    for node in ast.walk(scope):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found.add(other or name)
            case ast.Global(names=listed):
                shared.update(listed)
            case _:
                pass
    return found - shared


def _edited(text: bytes, calls: Sequence[tuple[ast.Call, frozenset[str]]], *, removes: bool) -> bytes:
    """Return the text with the arguments removed where the call allows it, and with None for the others."""
    starts = _line_starts(text)
    edits: set[_Edit] = set()
    for call, names in calls:
        gone, none = _unwanted(call, names)
        edits.update(_none(each, starts) for each in none)
        if removes:
            edits.update(_gone(call, gone, text, starts))
        else:
            edits.update(_none(each.value if isinstance(each, ast.keyword) else each, starts) for each in gone)
    edited = text
    for start, end, new in sorted(edits, reverse=True):
        if not any(other[0] <= start and end <= other[1] and (start, end, new) != other for other in edits):
            edited = edited[:start] + new + edited[end:]
    return edited


def _unwanted(call: ast.Call, names: frozenset[str]) -> tuple[list[ast.expr | ast.keyword], list[ast.expr]]:
    """Return the arguments to remove, and the values to replace by None."""
    name = called_name(call)
    gone: list[ast.expr | ast.keyword] = []
    none: list[ast.expr] = []
    for keyword in call.keywords:
        is_constant = isinstance(keyword.value, ast.Constant)
        is_checkpointer = keyword.arg == "checkpointer" and not is_constant
        is_store = keyword.arg == "store" and name in _TAKES_STORE and not is_constant
        if is_checkpointer or is_store:
            if name in _TAKES_STORE or name == "create_swarm":
                gone.append(keyword)
            else:
                none.append(keyword.value)
    for place, argument in enumerate(call.args):
        if _is_persistence(argument, names):
            (gone if place == 0 and name == "compile" else none).append(argument)
    return gone, none


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


def _gone(call: ast.Call, gone: Sequence[ast.expr | ast.keyword], text: bytes, starts: list[int]) -> Iterator[_Edit]:
    """Remove arguments. Each run of neighbors goes with the comma after it, or before it; line breaks stay."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    arguments.sort(key=lambda each: _span(each, starts))
    for is_gone, neighbors in groupby(arguments, key=lambda each: each in gone):
        if not is_gone:
            continue
        spans = [_span(each, starts) for each in neighbors]
        start, end = spans[0][0], spans[-1][1]
        if behind := re.match(rb"\s*,[ \t]*", text[end:]):
            end += behind.end()
        elif before := re.search(rb",\s*$", text[:start]):
            start = before.start()
        yield start, end, b"\n" * text[start:end].count(b"\n")

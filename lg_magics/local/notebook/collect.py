"""Collect a graph's file from the executed cells, with facts about it. Pure."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lg_magics.local.notebook.cells import ExecutedCell, Statement, statements_from
from lg_magics.local.notebook.names import names_of
from lg_magics.local.notebook.persistence import without_persistence
from lg_magics.local.notebook.slice import Missing, Slice, slice_for
from lg_magics.local.notebook.source import Source, source_from
from lg_magics.model.secrets import has_secret_shape, places_of_named_secrets

__all__ = ["Collected", "KeyInCell", "Namespace", "collect", "words_of_left_out"]

_QUIET = frozenset({"comment", "environment", "magic of lg_magics", "call of lg_magics"})


@dataclass(frozen=True)
class Namespace:
    """Facts about the kernel's names.

    Attributes:
        names: All names that the notebook's code can read.
        graphs: Those whose object is a graph: compiled, with a config, or a builder.
        persistence: Those whose object is a checkpointer or a store.
        own: Names of this package's module.
        star_names: What `from module import *` binds.
        secrets: Environment variables whose values are secret.
        compiled: Those of `graphs` that are no builders.
    """

    names: Collection[str] = ()
    graphs: frozenset[str] = frozenset()
    persistence: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset({"lg", "lg_magics"})
    star_names: Callable[[str], Collection[str]] = lambda module: ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    compiled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Collected:
    """A graph's file, collected from a notebook.

    Attributes:
        source: The file.
        cells: The numbers of its cells.
        left_out: The statements left out: (kind, cell, line, text).
        missing: Names that it needs and only the kernel has.
        undefined: Names in it that nothing defines.
        newer: Names that were bound again after the graph took them: (name, cell that bound it, cell to run again).
        keys: Keys in its text.
        needed: Environment variables that it requires.
        optional: Environment variables that it does not require, and those that the notebook sets.
    """

    source: Source
    cells: tuple[int, ...]
    left_out: tuple[tuple[str, int, int, str], ...] = field(default=(), repr=False)
    missing: tuple[Missing, ...] = ()
    undefined: tuple[str, ...] = ()
    newer: tuple[tuple[str, int, int], ...] = ()
    keys: tuple[KeyInCell, ...] = ()
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def collect(
    cells: Sequence[ExecutedCell],
    target: str,
    *,
    title: str = "A graph of a notebook.",
    transform: Callable[[str], str] = str,
    namespace: Namespace | None = None,
    at: tuple[int, int] = (0, 0),
) -> Collected:
    """Collect the statements of a graph.

    Args:
        cells: The executed cells, in order.
        target: The graph's name, or an expression that creates it.
        title: The first line of the file.
        transform: IPython's rewriting of a cell.
        namespace: Facts about the kernel's names.
        at: The cell and line of the expression, if it is one.
    """
    known = namespace or Namespace()
    statements = statements_from(
        cells, transform=transform, graphs=known.graphs, persistence=known.persistence, own=known.own
    )
    variable, needed, last = _target(target, at, known)
    found = slice_for(
        needed, [*statements, *last], live=known.names, star_names=known.star_names, compiled=known.compiled
    )
    if last and last[0] not in found.statements:
        found = Slice((*found.statements, *last), found.missing, found.undefined, found.newer, found.needs_display)
    must, may = variables_read(each.node for each in found.statements)
    set_here, _ = variables_read(each.node for each in statements if each.left_out == "environment")
    return Collected(
        source_from(found, variable, title=title),
        found.cells,
        tuple(_left_out(statements, found)),
        found.missing,
        found.undefined,
        found.newer,
        tuple(keys_in(found.statements, known.secrets)),
        tuple(must),
        tuple(name for name in dict.fromkeys([*may, *set_here, *_set_names(statements)]) if name not in must),
    )


def words_of_left_out(left_out: Sequence[tuple[str, int, int, str]]) -> str:
    """Return a summary of the statements left out: `2 prints, 1 invoke`."""
    counted = Counter(kind for kind, *_ in left_out if kind not in _QUIET)
    return ", ".join(f"{count} {_plural(kind, count)}" for kind, count in counted.items())


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 or kind.endswith("s") else f"{kind}es" if kind.endswith("ch") else f"{kind}s"


def _target(target: str, at: tuple[int, int], known: Namespace) -> tuple[str, Collection[str], list[Statement]]:
    if target.isidentifier():
        return target, [target], []
    source = without_persistence(f"graph = {target}", known.persistence)
    node = ast.parse(source).body[0]
    return "graph", ["graph"], [Statement(*at, source, node, names_of(node))]


def _left_out(statements: Sequence[Statement], found: Slice) -> list[tuple[str, int, int, str]]:
    """Return the statements left out, once for each place in the notebook."""
    kept = {id(each) for each in found.statements}
    seen: dict[tuple[str, str, str], tuple[str, int, int, str]] = {}
    for each in statements:
        if each.left_out and each.left_out != "comment" and id(each) not in kept:
            seen[each.left_out, each.cell_name, each.source] = (each.left_out, each.cell, each.line, each.source)
    return list(seen.values())


def _set_names(statements: Sequence[Statement]) -> list[str]:
    """Return the names of environment variables that the notebook sets: `os.environ["X"] = …`, `_set_env("X")`."""
    found = []
    for each in statements:
        if "env" not in each.source:
            continue
        for node in ast.walk(each.node):
            if (
                isinstance(node, ast.Subscript)
                and "environ" in ast.dump(node.value)
                and isinstance(node.slice, ast.Constant)
            ):
                found.append(str(node.slice.value))
            elif isinstance(node, ast.Call) and "env" in ast.dump(node.func).lower():
                found += [
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and arg.value.isupper()
                ]
    return found


# -- keys in the text of cells ------------------------------------------------------------------------------------


_SHORTEST = 8


@dataclass(frozen=True)
class KeyInCell:
    """A key in a cell's text; the key itself is not stored.

    Attributes:
        cell: The cell.
        line: The line in the cell.
        variable: The environment variable that has the same value; "" if there is none.
    """

    cell: int
    line: int
    variable: str = ""


def keys_in(statements: Iterable[Statement], environment: Mapping[str, str]) -> list[KeyInCell]:
    """Find keys in statements: texts with the shape of one, literals with a secret name, and the values of secret variables.

    Args:
        statements: The statements of a file.
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
        # Search the lines themselves too, for keys in comments.
        for line, text in (*texts, *enumerate(statement.source.split("\n"))):
            variable = next((name for value, name in known.items() if value in text), "")
            if variable or has_secret_shape(text):
                found.append(KeyInCell(statement.cell, statement.line + line, variable))
        for place in places_of_named_secrets(statement.source):
            line = statement.line + statement.source.count("\n", 0, place)
            if not any((each.cell, each.line) == (statement.cell, line) for each in found):
                found.append(KeyInCell(statement.cell, line))
    return list(dict.fromkeys(found))


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(each.lineno for each in decorators)]))


def variables_read(trees: Iterable[ast.AST]) -> tuple[list[str], list[str]]:
    """Return the environment variables that a program reads: required ones, and optional ones."""
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

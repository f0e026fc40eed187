"""Write a slice as a Python file, with the place of each line in the notebook. Pure.

The file is for people and for `langgraph dev`: a comment names each cell. Where a statement awaits, all from there on stands
in `make_graph`, an async function that creates the graph once and that a server calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from lg_magics.local.notebook.blocks import with_text
from lg_magics.local.notebook.cells import Statement
from lg_magics.local.notebook.slice import Slice
from lg_magics.local.notebook.syntax import awaits, own_statements

__all__ = ["FACTORY", "Piece", "Source", "source_from"]

FACTORY = "make_graph"
_DISPLAY = "from IPython.display import display"


@dataclass(frozen=True)
class Piece:
    """One statement in the file.

    Attributes:
        first: Its first line in the file, from 1.
        last: Its last line in the file.
        cell: The execution number of its cell; 0 for a generated line.
        line: Its first line in that cell.
        binds: The names that it binds.
        story: The places in `Source.pieces` of what it depends on and what changed that, itself too.
    """

    first: int
    last: int
    cell: int
    line: int
    binds: tuple[str, ...] = ()
    story: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """A file that creates a graph.

    Attributes:
        text: Its text.
        variable: The name of its graph.
        pieces: Its statements, in order.
        factory: The async function that creates the graph, because a statement awaits; "" if none does.
    """

    text: str
    variable: str
    pieces: tuple[Piece, ...] = field(repr=False)
    factory: str = ""

    @property
    def is_async(self) -> bool:
        """Whether a function creates the graph, because a statement awaits."""
        return bool(self.factory)

    @property
    def export(self) -> str:
        """Return the name that a server imports from the file: the graph or its factory."""
        return self.factory or self.variable


def source_from(found: Slice, variable: str, *, title: str) -> Source:
    """Write a slice as a file.

    Args:
        found: The graph's dependencies.
        variable: The name of the graph.
        title: The first line of the file's docstring.
    """
    writer = _Writer(title)
    statements = found.statements
    first_await = next((place for place, each in enumerate(statements) if awaits(each.node)), len(statements))
    writer.start([each for each in statements if _is_future(each)])
    if found.needs_display:
        writer.own_line(_DISPLAY)
    stories = found.stories or ((),) * len(statements)
    rest = range(first_await, len(statements))
    # A star import is not allowed inside a function.
    stars = [place for place in rest if statements[place].names.stars]
    for place in (*range(first_await), *stars):
        writer.write(statements[place], place, stories[place])
    inside = [place for place in rest if place not in stars]
    factory = ""
    if inside:
        bound = sorted({name for place in inside for name in _assigned(statements[place])} | {"_is_made"})
        cell = statements[first_await].cell
        taken = {name for each in statements for name in _bound(each)}
        factory = next(name for name in _names_of_factory() if name not in taken)
        writer.open_factory(factory, bound, cell)
        for place in inside:
            writer.write(statements[place], place, stories[place], indent=8)
        writer.close_factory(variable)
    return writer.source(variable, factory)


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


def _bound(statement: Statement) -> frozenset[str]:
    return statement.names.binds | statement.names.may_bind


def _assigned(statement: Statement) -> set[str]:
    """Return the names that a function with this statement must declare global: `tools += [x]` and `del x` bind no new name."""
    found = set(_bound(statement))
    for each in own_statements([statement.node]):
        targets = (
            [each.target] if isinstance(each, ast.AugAssign) else each.targets if isinstance(each, ast.Delete) else []
        )
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _names_of_factory() -> Iterator[str]:
    yield FACTORY
    yield from (f"{FACTORY}_{number}" for number in count(2))


class _Writer:
    """Writes statements one after the other and records their places."""

    def __init__(self, title: str) -> None:
        self._lines = [f'"""{title}"""', ""]
        self._cell = 0
        self._places: dict[int, int] = {}
        self._pieces: list[tuple[Piece, tuple[int, ...]]] = []

    def start(self, futures: Sequence[Statement]) -> None:
        if futures:
            names = sorted({alias.name for each in futures for alias in _aliases(each.node)})
            self.own_line(f"from __future__ import {', '.join(names)}")

    def own_line(self, text: str) -> None:
        self._lines += [text, ""]

    def write(self, statement: Statement, place: int, story: tuple[int, ...], *, indent: int = 0) -> None:
        if _is_future(statement):
            return
        pad = " " * indent
        if statement.cell != self._cell:
            if self._lines[-1] != "" and not self._lines[-1].rstrip().endswith(":"):
                self._lines.append("")
            self._lines.append(f"{pad}# cell {statement.cell}")
            self._cell = statement.cell
        elif isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._lines += [""]
        text = _indented(statement, indent) if indent else statement.source
        first = len(self._lines) + 1
        self._lines += text.split("\n")
        self._places[place] = len(self._pieces)
        piece = Piece(first, len(self._lines), statement.cell, statement.line, tuple(sorted(_bound(statement))))
        self._pieces.append((piece, story))

    def open_factory(self, name: str, names: Sequence[str], cell: int) -> None:
        self._cell = 0
        self._lines += [
            "",
            "_is_made = False",
            "",
            "",
            f"async def {name}():",
            f'    """Make the graph, once. Cell {cell} awaits what it needs."""',
            f"    global {', '.join(names)}",
            "    if not _is_made:",
        ]

    def close_factory(self, variable: str) -> None:
        self._lines += ["        _is_made = True", f"    return {variable}"]

    def source(self, variable: str, factory: str) -> Source:
        pieces = tuple(
            Piece(
                piece.first,
                piece.last,
                piece.cell,
                piece.line,
                piece.binds,
                tuple(sorted(self._places[place] for place in story if place in self._places)),
            )
            for piece, story in self._pieces
        )
        return Source("\n".join(self._lines) + "\n", variable, pieces, factory)


def _aliases(node: ast.stmt) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) else []


def _indented(statement: Statement, indent: int) -> str:
    """Return an indented statement; the inner lines of a multi-line string stay unchanged."""
    source = _without_annotations(statement.source)
    tree = ast.parse(source).body[0]
    fixed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            fixed.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    pad = " " * indent
    lines = source.split("\n")
    return "\n".join(
        line if number in fixed or not line.strip() else pad + line for number, line in enumerate(lines, 1)
    )


def _without_annotations(source: str) -> str:
    """Return a statement whose names have no annotations, which Python allows for no global name of a function."""
    found = [each for each in own_statements(ast.parse(source).body) if isinstance(each, ast.AnnAssign)]
    for each in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        if isinstance(each.target, ast.Name):
            text = f"{each.target.id} = {ast.unparse(each.value)}" if each.value else "pass"
            source = with_text(source, each, text)
    return source

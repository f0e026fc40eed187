"""A notebook without a kernel: its cells run in one namespace, and the file that they become in another."""

from __future__ import annotations

import ast
import asyncio
import sys
import traceback
import types
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import Collected, Namespace, collect

IMPORTS = """
from typing import Annotated, TypedDict
import operator
from langgraph.graph import START, END, StateGraph, MessagesState
from langgraph.checkpoint.memory import MemorySaver
from langgraph.types import Send, interrupt
class State(TypedDict, total=False):
    log: Annotated[list, operator.add]
"""


class Notebook:
    """Runs cells in one namespace, as a kernel does, and remembers how far each came."""

    def __init__(self, *cells: str) -> None:
        self.module = sys.modules["notebook_cells"] = types.ModuleType("notebook_cells")
        self.names: dict[str, Any] = vars(self.module)
        self.names["get_ipython"] = _NoShell
        self.cells: list[ExecutedCell] = []
        self.transform = TransformerManager().transform_cell
        for cell in cells:
            self.run(cell)

    def run(self, cell: str) -> int:
        """Run a cell; what it raises is noted, as a notebook notes it. Its execution number."""
        number = len(self.cells) + 1
        source = self.transform(cell)
        stopped = None
        try:
            self._execute(source)
        except Exception as problem:  # noqa: BLE001 - a notebook goes on with the next cell
            frames = traceback.extract_tb(problem.__traceback__)
            stopped = next(frame.lineno for frame in frames if frame.filename == "cell")
        self.cells.append(ExecutedCell(number, source, stopped))
        return number

    def _execute(self, source: str) -> None:
        for node in ast.parse(source).body:
            code = compile(ast.Module([node], []), "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            result = eval(code, self.names)
            if asyncio.iscoroutine(result):
                asyncio.run(result)

    def collect(self, target: str = "graph", **known: Any) -> Collected:
        namespace = Namespace(
            names=frozenset(self.names),
            star_names=lambda module: [each for each in vars(sys.modules[module]) if not each.startswith("_")],
            **known,
        )
        return collect(self.cells, target, transform=self.transform, namespace=namespace)


class _NoShell:
    """Stands where IPython stands: a timed cell runs its body, anything else does nothing."""

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        notebook = sys._getframe(1).f_globals
        exec(compile(body, "timed", "exec"), notebook)

    def run_line_magic(self, name: str, line: str) -> None:
        if name == "time":
            exec(compile(line, "timed", "exec"), sys._getframe(1).f_globals)

    def system(self, line: str) -> None: ...

    def getoutput(self, line: str) -> list[str]:
        return ["a line"]


def loaded(collected: Collected, name: str = "notebook_file") -> dict[str, Any]:
    """Run the file as a server imports it: in a module of its own."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(collected.source.text, "file.py", "exec"), vars(module))
    names = vars(module)
    if collected.source.is_async:
        names[collected.source.variable] = asyncio.run(names[collected.source.export]())
    return names


def log(names: dict[str, Any], graph: str = "graph", **values: Any) -> list[Any]:
    noted: list[Any] = names[graph].invoke({"log": [], **values})["log"]
    return noted


def cell_line(found: Collected, line: int) -> tuple[int, int] | None:
    """The cell and the line in it for a line of the file; None if the line belongs to no cell."""
    for piece in found.source.pieces:
        if piece.first <= line <= piece.last and piece.cell:
            return piece.cell, piece.line + line - piece.first
    return None

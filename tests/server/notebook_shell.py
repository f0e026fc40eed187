"""A real IPython shell that runs a notebook's cells, for the tests of graphs that are served from one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import lg_magics as lg
from lg_magics.ipython.current import close_session
from lg_magics.session import Session

IMPORTS = """
import operator, time, os
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
class State(TypedDict, total=False):
    log: Annotated[list, operator.add]
"""


class NotebookShell:
    """A notebook: cells are run as a kernel runs them, and raise what they raise."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, cell: str) -> Any:
        """Run a cell; its value."""
        result = self.shell.run_cell(cell, store_history=True)
        result.raise_error()
        return result.result

    def line(self, line: str) -> Any:
        """Run one magic; what it returns."""
        return self.run(f"_found = {line}") or self.shell.user_ns["_found"]

    @property
    def next_number(self) -> int:
        """The execution number of the next cell."""
        history = self.shell.history_manager
        return len(history.input_hist_raw) if history else 0

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's names."""
        return dict(self.shell.user_ns)

    @property
    def session(self) -> Session:
        """The session of its magics."""
        return lg.current()

    def log(self, *options: str) -> list[Any]:
        """Run the served graph on a new thread; what its nodes noted."""
        run = self.line(f"%lg_run -t new --wait --no-card {' '.join(options)} --json {{}}")
        return list(run.result["log"])


@contextmanager
def notebook_shell(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotebookShell]:
    """A shell in a folder of its own, with the extension loaded; it leaves nothing behind."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend("")  # as a kernel has it
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.run_cell("%load_ext lg_magics", store_history=True)
    yield NotebookShell(shell)
    if lg.current().local is not None:
        shell.run_cell("%lg_disconnect --stop --force")
    shell.run_cell("%unload_ext lg_magics")
    close_session()
    InteractiveShell.clear_instance()


def graph_cell(node: str = "a", body: str = "return {'log': ['one']}", name: str = "graph") -> str:
    """A cell that defines a graph of one node."""
    return (
        f"def {node}(state):\n    {body}\n"
        f"{name} = StateGraph(State).add_node('{node}', {node}).add_edge(START, '{node}').compile()"
    )

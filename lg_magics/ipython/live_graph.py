"""A graph on a page, coloured by a run that goes on: it is drawn anew when a node begins or ends, the last time always."""

from __future__ import annotations

import contextvars
import time
from typing import TYPE_CHECKING

from IPython.display import DisplayHandle, display

from lg_magics.commands.graph import coloured
from lg_magics.views.bundle import bundle

if TYPE_CHECKING:
    from lg_magics.follow.run import Run
    from lg_magics.tables.graph import Graph

__all__ = ["show_graph"]

INTERVAL = 0.5  # seconds between two drawings: Mermaid lays the whole graph out each time


def show_graph(graph: Graph) -> None:
    """Show a graph whose run goes on, and keep it true until the run has ended."""
    LiveGraph(graph).show()


class LiveGraph:
    """One drawing on a page. It is drawn on the background loop."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._run: Run = graph.followed
        self._context = contextvars.copy_context()
        self._handle: DisplayHandle | None = None
        self._next_at = 0.0
        self._is_due = False

    def show(self) -> None:
        """Put it on the page, and follow the run from now on."""
        self._handle = display(bundle(self._graph), raw=True, display_id=True)
        self._run.observe(self._changed)

    def _changed(self, run: Run) -> None:
        """Any thread: see to it that it is drawn soon."""
        if not self._is_due:
            self._is_due = True
            run.loop.later(max(0.0, self._next_at - time.monotonic()), self._draw, self._context)

    def _draw(self) -> None:
        self._is_due = False
        graph = coloured(self._graph, self._run, self._run.view.steps)
        if self._handle is not None and (graph.marks, graph.run) != (self._graph.marks, self._graph.run):
            self._handle.update(bundle(graph), raw=True)
            self._next_at = time.monotonic() + INTERVAL
        self._graph = graph

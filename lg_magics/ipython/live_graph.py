"""A graph on a page, in the theme's colors. A graph with a live run is updated until the run ends. Draws nothing itself."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle

from lg_magics.actions.graph_run import colored, steps_of
from lg_magics.errors import LgError
from lg_magics.follow.tracked_run import tracked
from lg_magics.ipython.live_output import show_live
from lg_magics.live.live_view import LiveView, Rendered
from lg_magics.live.protocol import PROTOCOL
from lg_magics.live.workers import READS
from lg_magics.views.bundle import bundle
from lg_magics.views.graph import graph_tree
from lg_magics.views.node import Node, node
from lg_magics.widgets.mime import VIEW

if TYPE_CHECKING:
    from lg_magics.follow.run import Run
    from lg_magics.model.run_steps import Step
    from lg_magics.tables.graph import Graph

__all__ = ["graph_for_page", "show_graph"]


def show_graph(graph: Graph) -> None:
    """Show a graph with a live run, and update it until the run has ended."""
    LiveGraph(graph).show()


def graph_for_page(graph: Graph) -> dict[str, Any]:
    """The bundle of a graph that will not change: the tree for a page, beside the formats for other hosts."""
    tree = graph_tree(graph)
    view = {VIEW: {"protocol": PROTOCOL, "version": 1, "tree": tree, "lost": None}} if tree else {}
    return {**bundle(graph), **view}


class LiveGraph:
    """One drawing on a page.

    The stream of a run with a card has each step. For other runs, the checkpoints are read again at each change.
    """

    def __init__(self, graph: Graph) -> None:
        from lg_magics.widgets.view import ViewWidget

        self._graph = graph
        self._run: Run = graph.followed
        self._context = contextvars.copy_context()
        self._handle: DisplayHandle | None = None
        self._read: Sequence[Step] | None = None
        self._is_whole = False
        self._wants_read = self._is_reading = False
        self._lock = threading.Lock()
        self._live = LiveView(self._rendered, {}, tracked(self._run).loop, self._subscribe, after=self._keep)
        self._widget = ViewWidget(self._live.envelope(), self._live.receive, opens=False)

    def show(self) -> None:
        """Show the drawing on the page, and follow the run from now on."""
        self._handle = show_live(self._widget, bundle(self._graph))
        self._live.open(self._widget)

    def _subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        def happened(_: object) -> None:
            if self._run.view.knows_starts:
                self._is_whole = self._run.is_settled
                return changed()
            with self._lock:
                self._wants_read, is_reading = True, self._is_reading
                self._is_reading = True
            if not is_reading and not READS.do(lambda: self._read_steps(changed)):
                self._is_reading, self._is_whole = False, self._run.is_settled
                changed()
            return None

        return tracked(self._run).observe(happened)

    def _read_steps(self, changed: Callable[[], None]) -> None:
        while True:
            with self._lock:
                self._is_reading = self._wants_read
                self._wants_read = False
            if not self._is_reading:
                return
            is_last = self._run.is_settled
            with suppress(LgError):  # the drawing keeps what was read before
                self._read = steps_of(tracked(self._run).connection, self._run, self._graph.shape)
            self._is_whole = is_last
            changed()

    def _rendered(self) -> Rendered:
        view = self._run.view
        steps = view.steps if view.knows_starts or self._read is None else self._read
        self._graph = colored(self._graph, self._run, steps)
        return Rendered(graph_tree(self._graph) or _as_text(self._graph))

    def _keep(self) -> None:
        """When the run has ended, replace the widget by the drawing."""
        if not self._is_whole:
            return
        self._live.close()
        shown = graph_for_page(self._graph)
        self._widget.keep(shown, is_over=True)
        if self._handle is not None:
            self._context.copy().run(lambda handle: handle.update(shown, raw=True), self._handle)
        self._widget.release()


def _as_text(graph: Graph) -> Node:
    return node("div", node("pre", bundle(graph)["text/plain"], tabindex=0), key="card", class_="lg-card lg-view")

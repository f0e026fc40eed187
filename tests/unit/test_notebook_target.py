"""Which name of the notebook `lg.serve(graph)` serves, for an object that may have several."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.actions.serve import target_of
from lg_magics.errors import CommandError
from lg_magics.ipython.extension import record_of
from lg_magics.session import Session

GRAPH = (
    "from langgraph.graph import START, StateGraph\n"
    "b = StateGraph(dict).add_node('a', lambda s: s).add_edge(START, 'a')\ngraph = b.compile()"
)


class Serving:
    """A module whose `serve` notes the name that it would serve."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.targets: list[str] = []
        self._shell = shell

    def serve(self, graph: object, **_: object) -> None:
        record = record_of(self._shell)
        assert record is not None
        self.targets.append(target_of(Session(), record, graph, None, cell=False))


@pytest.mark.parametrize(
    ("cells", "targets"),
    [
        (["app = graph", "lg_magics.serve(graph)"], ["graph"]),
        (["app = graph", "lg_magics.serve(app)"], ["app"]),
        (["app = graph\nlg_magics.serve(\n    graph,\n    name='x',\n)"], ["graph"]),
        (["two = b.compile()", "for g in (graph, two):\n    lg_magics.serve(g)"], ["graph", "two"]),
        (["for g in (graph,):\n    lg_magics.serve(g)"] * 2, ["graph", "graph"]),
        (["app = graph", "def serve_all(g):\n    lg_magics.serve(g)\nserve_all(graph)"], ["graph"]),
        (["%%time\napp = graph\nlg_magics.serve(app)"], ["app"]),
        (["%%capture\napp = graph\nlg_magics.serve(graph)"], ["graph"]),
        (["%%capture\nx = 1\nlg_magics.serve(b.compile())"], ["b.compile()"]),
        (["%time lg_magics.serve(b.compile())"], ["b.compile()"]),
        (["\n\nx = 1\nlg_magics.serve(b.compile())"], ["b.compile()"]),
        (["graphs = {'one': graph}", "lg_magics.serve(graphs['one'])"], ["graph"]),
        (["graphs = {'one': b.compile()}", "lg_magics.serve(graphs['one'])"], ["graphs['one']"]),
        (["if True:\n    other = b.compile()", "lg_magics.serve(other)"], ["other"]),
    ],
)
def test_the_written_name_is_served_else_the_first_that_a_finished_statement_bound(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cells: list[str], targets: list[str]
) -> None:
    serving = shell.user_ns["lg_magics"] = Serving(shell)
    for cell in (GRAPH, *cells):
        shell.run_cell(cell, store_history=True)
    assert serving.targets == targets
    capsys.readouterr()


def test_an_object_without_a_name_is_refused(shell: InteractiveShell) -> None:
    shell.run_cell(GRAPH, store_history=True)
    record = record_of(shell)
    assert record is not None
    with pytest.raises(CommandError, match="has no name in the notebook"):
        target_of(Session(), record, object(), None, cell=False)

"""What a notebook's statements do beside a print, a magic or a run of the graph is not lost when these are left out."""

from __future__ import annotations

import pytest

from lg_magics.local.notebook.cells import ExecutedCell, statements_from
from lg_magics.local.notebook.collect import collect

from .notebook_cells import IMPORTS, Notebook, loaded, log

GRAPH = "graph = StateGraph(State).add_node('a', lambda s: {'log': notes}).add_edge(START, 'a').compile()"


@pytest.mark.parametrize(
    "cell",
    [
        "if DEBUG:\n    notes += ['more']\n    print('noted')",
        "if DEBUG:\n    notes[0] = 'one'\n    print('noted')",
        "if DEBUG:\n    del notes[0]\n    print('noted')",
        "notes.append(model.invoke('more'))",
        "notes.extend(model.batch(['more']))",
        "_ = notes.append(model.invoke('more'))",
        "[notes.append(model.invoke(each)) for each in 'xy']",
        "print(notes.append(model.invoke('more')))",
    ],
)
def test_what_changes_an_object_is_kept_beside_a_print_and_a_call_of_a_model(cell: str) -> None:
    notebook = Notebook(
        IMPORTS,
        "class Model:\n    def invoke(self, given):\n        return given\n    def batch(self, given):\n        return given",
        "model = Model()\nnotes = ['first']\nDEBUG = True",
        cell,
        GRAPH,
    )
    assert log(loaded(notebook.collect())) == log(notebook.names) != ["first"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("llm.invoke('x')", "invoke"),
        ("llm.invoke('x').content", "invoke"),
        ("llm.invoke('x')['messages'][-1].pretty_print()", "invoke"),
        ("(await llm.ainvoke('x')).content", "invoke"),
        ("results.append(graph.invoke('x'))", "invoke"),
        ("[graph.invoke(each) for each in 'xy']", "invoke"),
        ("print(llm.invoke('x'))", "print"),
        ("display(llm.invoke('x'))", "display"),
        ("if DEBUG:\n    print('x')", "print"),
    ],
)
def test_a_run_and_a_print_alone_are_left_out(cell: str, reason: str) -> None:
    [found] = statements_from([ExecutedCell(1, cell)], graphs=frozenset({"graph"}))
    assert found.left_out == reason


def test_a_call_with_the_result_of_a_model_does_not_change_the_model() -> None:
    cells = ["model = Model()", "render(model.invoke('x').content)\nmodel.invoke('x').strip()", "graph = make(model)"]
    assert collect([ExecutedCell(n, text) for n, text in enumerate(cells, 1)], "graph").cells == (1, 3)

"""What a notebook's statements do beside a print, a magic or a run of the graph is not lost when these are left out."""

from __future__ import annotations

import pytest

from lg_magics.local.notebook.cells import ExecutedCell, statements_from
from lg_magics.local.notebook.collect import Namespace, collect
from lg_magics.local.notebook.record import Record

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


BUILD = "def build_graph():\n    return b.compile()"
RESUME = "def resume(g, config):\n    g.update_state(config, {})\n    return g.invoke(None, config)\nconfig = {}"


@pytest.mark.parametrize(
    ("makes", "runs"),
    [
        ("graph = build_graph()", "chat(graph, 'hi')"),
        ("graph = build_graph()", "result = chat(graph, 'hi')\nchat(graph, result)"),
        ("graph = build_graph()", "def show():\n    chat(graph, 'hi')\nshow()"),
        ("graph: Any = b.compile()", "chat(graph, 'hi')"),
        ("graph, other = build_graph(), 5", "chat(graph, 'hi')"),
        ("graph = b\ngraph = graph.compile()", "chat(graph, 'hi')"),
        ("graph = build_graph()", "def talk(g):\n    chat(g, 'hi')\ntalk(graph)"),
        ("graph = build_graph()", RESUME + "\nresume(graph, config)"),
        ("graph = build_graph()", "def show(g):\n    g.invoke({})['log'][-1].pretty_print()\nshow(graph)"),
    ],
)
def test_a_call_that_receives_a_compiled_graph_is_no_change_of_it(makes: str, runs: str) -> None:
    texts = [f"from typing import Any\nfrom p import chat, b\n{BUILD}", makes, runs]
    cells = [ExecutedCell(number, text) for number, text in enumerate(texts, 1)]
    namespace = Namespace(("graph",), graphs=frozenset({"graph"}), compiled=frozenset({"graph"}))
    assert collect(cells, "graph", namespace=namespace).cells == (1, 2)


def test_a_compiled_graph_that_is_really_changed_or_bound_by_a_function_keeps_that() -> None:
    cells = [
        "from p import b, tune\ngraph = b\ntune(graph)\ngraph.add_node('a', f)\ngraph = graph.compile()\ngraph.name = 'x'",
        "def again():\n    global graph\n    graph = b.compile()\nagain()",
    ]
    executed = [ExecutedCell(n, text) for n, text in enumerate(cells, 1)]
    found = collect(executed, "graph", namespace=Namespace(("graph",), compiled=frozenset({"graph"})))
    for kept in ("tune(graph)", "graph.add_node('a', f)", "graph.name = 'x'", "\nagain()"):
        assert kept in found.source.text


def test_the_kernel_knows_which_names_are_graphs_and_which_are_compiled() -> None:
    notebook = Notebook(
        IMPORTS,
        "notes = []",
        GRAPH + "\nbuilder = StateGraph(State)\nbound = graph.bind(debug=True)\nnumber = 5",
    )
    known = Record([], notebook.names).namespace()
    assert known.compiled == {"graph", "bound"}
    assert known.graphs == {"graph", "bound", "builder"}

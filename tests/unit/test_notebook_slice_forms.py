"""Ways to write a notebook that a slice must not misread: what changes a builder, what runs a graph, where a key may stand."""

from __future__ import annotations

import asyncio
import time

import pytest

from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect

from .notebook_cells import IMPORTS, Notebook, cell_line, loaded, log

ONE_NODE = "b = StateGraph(State)\nb.add_node('a', lambda s: {'log': ['a']})\nb.add_edge(START, 'a')"
WIRES = "{0}.add_node('x', lambda s: {{'log': ['x']}})\n{1}{0}.add_edge('a', 'x')"


@pytest.mark.parametrize(
    "cells",
    [
        ["if b:\n    " + WIRES.format("b", "    ") + "\n    print('added')"],
        ["print(b.add_node('x', lambda s: {'log': ['x']}))\nprint(b.add_edge('a', 'x'))"],
        ["b.add_node('x', lambda s: {'log': ['x']}) if b else None\nb and b.add_edge('a', 'x')"],
        ["list(map(b.add_node, [lambda s: {'log': ['x']}]))\nb.add_edge('a', list(b.nodes)[-1])"],
        ["class W:\n    def wire(self, to):\n        " + WIRES.format("to", "        ") + "\nw = W()", "w.wire(b)"],
        ["class W:\n    def __init__(self, to):\n        " + WIRES.format("to", "        "), "w = W(b)"],
        ["def wire(*to):\n    for each in to:\n        " + WIRES.format("each", "        "), "wire(*[b])"],
        [
            "reg = {}\ndef node(name):\n    def keep(f):\n        reg[name] = f\n        return f\n    return keep",
            "@node('x')\ndef x(s):\n    return {'log': ['x']}",
            "[b.add_node(*each) for each in reg.items()]\nb.add_edge('a', 'x')",
        ],
        [
            "def setup():\n    global word\n    word = 'x'\nsetup()",
            "b.add_node('x', lambda s: {'log': [word]})\nb.add_edge('a', 'x')",
        ],
        ["(word := 'x')", "b.add_node('x', lambda s: {'log': [word]})\nb.add_edge('a', 'x')"],
    ],
)
def test_whatever_changed_the_builder_stays_however_it_is_written(cells: list[str]) -> None:
    notebook = Notebook(IMPORTS, ONE_NODE, *cells, "graph = b.compile()")
    assert log(loaded(notebook.collect())) == log(notebook.names) == ["a", "x"]


@pytest.mark.parametrize(
    "cell",
    [
        "def show(graph):\n    for event in graph.stream({'log': []}):\n        event['a'].copy()\nshow(graph)",
        "def show():\n    for event in graph.stream({'log': []}):\n        event['a'].copy()\nshow()",
        "from builtins import id as show\nshow(graph)",
    ],
)
def test_helpers_that_run_or_show_the_graph_are_no_part_of_it(cell: str) -> None:
    notebook = Notebook(IMPORTS, ONE_NODE, "graph = b.compile()", cell)
    assert notebook.collect(graphs=frozenset({"graph", "b"})).cells == (1, 2, 3)


def test_a_graph_that_is_made_and_run_in_one_block_is_taken_without_its_runs() -> None:
    notebook = Notebook(
        IMPORTS,
        ONE_NODE,
        "from contextlib import nullcontext\nwith nullcontext(MemorySaver()) as memory:\n"
        "    graph = b.compile(checkpointer=memory)\n    given = {'configurable': {'thread_id': '1'}}\n"
        "    for event in graph.stream({'log': []}, given):\n        print(event)\n"
        "    result = graph.invoke({'log': []}, given)",
    )
    found = notebook.collect(persistence=frozenset({"memory"}))
    assert log(loaded(found)) == ["a"]
    assert "stream" not in found.source.text
    assert "invoke" not in found.source.text
    notebook.run("graph = StateGraph(State).add_node('y', lambda s, r=result: r).add_edge(START, 'y').compile()")
    assert [each.name for each in notebook.collect(persistence=frozenset({"memory"})).missing] == ["result"]


def test_the_main_guard_of_a_program_holds_on_the_server() -> None:
    cells = [ONE_NODE, "if __name__ == '__main__':\n    # made here\n    graph = b.compile()"]
    found = collect([ExecutedCell(n, text) for n, text in enumerate((IMPORTS, *cells), 1)], "graph")
    assert log(loaded(found)) == ["a"]
    assert cell_line(found, found.source.text.split("\n").index("    graph = b.compile()") + 1) == (3, 3)


def test_an_async_factory_leaves_the_notebooks_own_names_alone() -> None:
    notebook = Notebook(
        IMPORTS,
        "async def get():\n    return ['tool']\ntools = []\nspare = 1",
        "tools += await get()\ndel spare",
        "async def make_graph():\n    return 5\nb = StateGraph(State)\nb.add_node('a', lambda s: {'log': tools})\n"
        "graph = b.add_edge(START, 'a').compile()\ngraph.maker = make_graph",
    )
    found = notebook.collect()
    assert found.source.export == "make_graph_2"
    names = loaded(found)
    assert log(names) == ["tool"]
    assert asyncio.run(names["make_graph"]()) == 5


@pytest.mark.parametrize("line", ["word = 1  # was {0}", "word = b'{0}'", "def word():\n    # {0}\n    return 1"])
def test_a_key_in_a_comment_or_in_bytes_gets_into_no_file(line: str) -> None:
    key = "sk-" + "a1b2c3d4" * 3
    cells = [line.format(key), "graph = make(word)"]
    found = collect([ExecutedCell(n, text) for n, text in enumerate(cells, 1)], "graph")
    assert [(each.cell, each.line) for each in found.keys] == [(1, line[: line.index("{0}")].count("\n") + 1)]


def test_hundreds_of_classes_with_the_same_methods_are_read_in_a_second() -> None:
    cells = [IMPORTS]
    for n in range(300):
        cells.append(
            f"class C{n}:\n    def go(self, x):\n        x.append({n})\n    def run(self, y):\n        self.go(y)\n"
            f"c{n} = C{n}()\nxs{n} = []\nc{n}.run(xs{n})"
        )
    cells.append("graph = StateGraph(State).add_node('a', lambda s: xs5).compile()")
    began = time.process_time()
    collect([ExecutedCell(n, text) for n, text in enumerate(cells, 1)], "graph")
    assert time.process_time() - began < 1.0

"""A builder that is changed through a container that holds it keeps its changes; what only shares a container is not taken."""

from __future__ import annotations

import pytest

from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect

from .notebook_cells import IMPORTS, Notebook, loaded, log

ONE_NODE = (
    "b = StateGraph(State)\nb.add_node('a', lambda s: {'log': ['a']})\nb.add_edge(START, 'a')\n"
    "def x(state):\n    return {'log': ['x']}"
)
LOOP = "for each in {0}:\n    each.add_node(x).add_edge('a', 'x')"
INNER = "for row in {0}:\n    for each in row:\n        each.add_node(x).add_edge('a', 'x')"
WIRE = "def wire(bs):\n    for each in {0}:\n        each.add_node(x).add_edge('a', 'x')"


@pytest.mark.parametrize(
    "cells",
    [
        ["bs = [b]", LOOP.format("bs")],
        ["bs = [b]\nfirst = bs[0]", "first.add_node(x).add_edge('a', 'x')"],
        ["bs: list = [b]", LOOP.format("bs")],
        ["bs = {'one': b}", LOOP.format("bs.values()")],
        ["bs = {'one': ('name', b)}", "bs['one'][1].add_node(x).add_edge('a', 'x')"],
        ["bs = []\nbs += [b]", LOOP.format("bs")],
        ["bs = []", "bs.append(b)", LOOP.format("bs")],
        ["bs = {}", "bs.update({'one': b})", LOOP.format("bs.values()")],
        ["rows = [[b]]", INNER.format("rows")],
        ["bs = [b]", "[each.add_node(x).add_edge('a', 'x') for each in bs]"],
        [WIRE.format("bs.values()"), "wire({1: b})"],
        [WIRE.format("bs"), "bs = [b]", "wire(bs)"],
    ],
)
def test_a_builder_in_a_container_keeps_its_changes(cells: list[str]) -> None:
    notebook = Notebook(IMPORTS, ONE_NODE, *cells, "graph = b.compile()")
    assert log(loaded(notebook.collect())) == log(notebook.names) == ["a", "x"]


@pytest.mark.parametrize(
    "cell",
    [
        "tools = [tool]\ntools.append(other())",
        "tools = {'tool': tool}\ntools['other'] = other()",
        "tools = [tool]\ntools += [other()]",
        "tools = []\ntools.append(tool)\ntools.append(other())",
        "tools = [tool]\nfor each in tools:\n    print(each)",
        "result = graph.update_state(tool, {})\nresult.append(5)",
    ],
)
def test_a_container_that_only_grows_is_not_taken_for_what_it_holds(cell: str) -> None:
    cells = ["from p import make, other\ntool = make()\ngraph = make(tool)", cell]
    executed = [ExecutedCell(number, text) for number, text in enumerate(cells, 1)]
    assert collect(executed, "graph").cells == (1,)


def test_lists_that_hold_each_other_many_times_are_searched_once() -> None:
    cells = ["a = []\nb = []", "a.append(b)\nb.append(a)\n" * 100, "graph = make(a)"]
    assert collect([ExecutedCell(number, text) for number, text in enumerate(cells, 1)], "graph").cells == (1, 2, 3)

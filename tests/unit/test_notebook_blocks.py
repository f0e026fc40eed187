"""Compound statements: what stands in a `with`, an `if` or a `try` is read piece by piece."""

from __future__ import annotations

import ast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.actions.serve import target_of
from lg_magics.ipython.extension import record_of
from lg_magics.local.notebook.names import names_of
from lg_magics.session import Session

from .notebook_cells import IMPORTS, Notebook, loaded, log


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    import json as word\nexcept ImportError:\n    !pip install json\n    import json as word",
        "try:\n    import nothing_of_this_name\nexcept ImportError:\n    %pip install nothing\n    word = 'fell back'",
        "if True:\n    %matplotlib inline\n    word = 'a'",
        "if True:\n    key = input()\n    word = 'a'",
        "with nullcontext():\n    lg.connect('local')\n    word = 'a'",
        "with nullcontext():\n    print('x')\n    os.environ['X'] = 'y'\n    !ls\n    word = 'a'",
    ],
)
def test_a_block_with_a_magic_is_taken_without_it(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: "typed")
    notebook = Notebook(
        IMPORTS, "import os, types\nfrom contextlib import nullcontext\nlg = types.SimpleNamespace(connect=id)"
    )
    notebook.run(cell)
    notebook.run("graph = StateGraph(State).add_node('a', lambda s: {'log': [word]}).add_edge(START, 'a').compile()")
    found = notebook.collect()
    assert found.missing == ()
    assert log(loaded(found)) == log(notebook.names)
    for gone in ("get_ipython", "input", "lg.connect"):
        assert gone not in found.source.text


def test_what_a_shell_line_made_in_a_block_is_still_missing() -> None:
    notebook = Notebook(
        IMPORTS,
        "files = []",
        "if True:\n    files = !ls\n    word = 'a'",
        "b = StateGraph(State).add_node('a', lambda s: {'log': [word, files]}).add_edge(START, 'a')\ngraph = b.compile()",
    )
    assert [(each.name, each.reason, each.made_in) for each in notebook.collect().missing] == [
        ("files", "shell line", 3)
    ]


@pytest.mark.parametrize(
    ("statement", "certain"),
    [
        ("with a as b, c() as (d, *e):\n    f = 1\n    b = 2", {"b", "d", "e", "f"}),
        ("async with a as b:\n    with c:\n        f = 1", {"b", "f"}),
        ("with a:\n    if b:\n        f = 1\n    g = 2", {"g"}),
        ("with contextlib.suppress(ImportError):\n    import f", set()),
        ("with suppress(ImportError) as s, a as b:\n    f = 1", {"s", "b"}),
        ("if a:\n    f = 1", set()),
    ],
)
def test_what_a_with_statement_binds_is_certain(statement: str, certain: set[str]) -> None:
    found = names_of(ast.parse(statement).body[0])
    assert found.binds == certain
    assert found.may_bind.isdisjoint(certain)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("with nullcontext():\n    graph = b.compile()", "graph"),
        ("with nullcontext() as n:\n    inner = b.compile()\n    graph = b.compile()\n    a_number = 5", "graph"),
        ("import asyncio\nasync with aclosing() as n:\n    graph = b.compile()", "graph"),
        ("if __name__ == '__main__':\n    zed = b.compile()\n    graph = b.compile()", "graph"),
        ("try:\n    graph = b.compile()\nfinally:\n    number = 5", "graph"),
        ("for graph in (b.compile(),):\n    pass", "graph"),
    ],
)
def test_a_cell_serves_the_graph_that_it_defines_in_a_block(shell: InteractiveShell, cell: str, name: str) -> None:
    served: list[str] = []

    def serve() -> None:
        record = record_of(shell)
        assert record is not None
        served.append(target_of(Session(), record, None, None, cell=True))

    shell.run_cell(
        "from contextlib import nullcontext\nfrom langgraph.graph import START, StateGraph\n"
        "b = StateGraph(dict).add_node('a', lambda s: s).add_edge(START, 'a')\n"
        "class aclosing(nullcontext):\n    pass",
        store_history=True,
    )
    shell.user_ns["serve"] = serve
    shell.run_cell(f"{cell}\nserve()", store_history=True)
    assert served == [name]

"""Checkpointers and stores are removed from each statement, which remains valid Python with the same lines."""

from __future__ import annotations

import ast

import pytest

from lg_magics.local.notebook.persistence import without_persistence

from .notebook_cells import IMPORTS, Notebook, loaded, log


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("graph = b.compile(checkpointer=memory, store=store)", "graph = b.compile()"),
        ("graph = b.compile(checkpointer=memory, store=store,)", "graph = b.compile()"),
        ("graph = b.compile(memory, store=store)", "graph = b.compile()"),
        ("graph = b.compile(store=store, debug=True, checkpointer=memory)", "graph = b.compile(debug=True)"),
        ("graph = b.compile(debug=True, checkpointer=memory, store=store)", "graph = b.compile(debug=True)"),
        ("graph = b.compile(\n    checkpointer=memory,\n    store=store,\n)", "graph = b.compile(\n    \n\n)"),
        (
            "graph = b.compile(debug=True,\n    checkpointer=memory,\n    store=store\n)",
            "graph = b.compile(debug=True\n\n\n)",
        ),
        (
            "graph = create_agent(m, tools, checkpointer=InMemorySaver(), store=InMemoryStore())",
            "graph = create_agent(m, tools)",
        ),
        (
            "def build():\n    return b.compile(checkpointer=memory, store=store)",
            "def build():\n    return b.compile()",
        ),
        ("@entrypoint(checkpointer=memory, store=store)\ndef f(x): ...", "@entrypoint()\ndef f(x): ..."),
        (
            "graph = b.compile(checkpointer=memory  # in memory\n    , debug=True)",
            "graph = b.compile(checkpointer=None  # in memory\n    , debug=True)",
        ),
    ],
)
def test_several_checkpointers_and_stores_are_removed_from_one_call(written: str, kept: str) -> None:
    found = without_persistence(written, frozenset({"memory", "store"}))
    assert found == kept
    ast.parse(kept)


def test_a_graph_with_a_checkpointer_and_a_store_is_collected_with_the_rest_of_its_notebook() -> None:
    notebook = Notebook(
        IMPORTS,
        "from langgraph.store.memory import InMemoryStore\nmemory, store = MemorySaver(), InMemoryStore()",
        "b = StateGraph(State).add_node('a', lambda s: {'log': ['a']}).add_edge(START, 'a')",
        "graph = b.compile(checkpointer=memory, store=store)",
        "other = StateGraph(State).add_node('o', lambda s: {'log': ['o']}).add_edge(START, 'o').compile()",
    )
    known = frozenset({"memory", "store"})
    assert log(loaded(notebook.collect(persistence=known))) == ["a"]
    assert log(loaded(notebook.collect("other", persistence=known)), "other") == ["o"]

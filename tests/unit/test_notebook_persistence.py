"""Checkpointers and stores are removed from each statement, which remains valid Python with the same lines."""

from __future__ import annotations

import ast

import pytest
from langchain_core.stores import InMemoryStore as DocumentStore
from langgraph.checkpoint.memory import MemorySaver
from langgraph.store.memory import InMemoryStore

from lg_magics.local.notebook.persistence import without_persistence
from lg_magics.local.notebook.record import Record, item_counts

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


@pytest.mark.parametrize(
    "written",
    [
        "def load(store, state):\n    return load_memories(store, state)",
        "def load(*, store):\n    return load_memories(store)",
        "async def load(state, *, store=None):\n    return await load_memories(store)",
        "load = lambda store: load_memories(store)",
        "found = [load_memories(store) for store in stores]",
        "def load():\n    store = Documents()\n    return load_memories(store)",
        "def load():\n    with Documents() as store:\n        def inner():\n            return load_memories(store)",
        "def load():\n    from documents import store\n    return load_memories(store)",
        "retriever = Retriever(InMemoryStore(), 5)",
    ],
)
def test_a_name_that_a_function_binds_is_no_store_of_the_notebook(written: str) -> None:
    assert without_persistence(written, frozenset({"store"})) == written


def test_a_function_without_a_name_of_its_own_uses_the_notebooks_store() -> None:
    written = "def load(state):\n    global store\n    store = load_memories(store)\n    return find(store, state)"
    assert without_persistence(written, frozenset({"store"})) == written.replace("(store", "(None")


def test_only_stores_and_checkpointers_of_langgraph_are_persistence() -> None:
    across, documents = InMemoryStore(), DocumentStore()
    across.put(("n",), "a", {})
    documents.mset([("a", 1)])
    names = {"memory": MemorySaver(), "across": across, "documents": documents, "kind": MemorySaver}
    assert Record([], names).namespace().persistence == {"memory", "across"}
    assert item_counts(Record([], names)) == {"across": 1}


def test_an_object_that_is_no_graph_keeps_its_store() -> None:
    notebook = Notebook(
        IMPORTS,
        "class Retriever: ...\nretriever = Retriever()\nretriever.store = ['a document']\nmemory = MemorySaver()",
        "b = StateGraph(State).add_node('a', lambda s: {'log': retriever.store}).add_edge(START, 'a')",
        "graph = b.compile()\ngraph.checkpointer = memory",
    )
    found = notebook.collect(graphs=frozenset({"graph", "b"}), persistence=frozenset({"memory"}))
    assert log(loaded(found)) == ["a document"]
    assert "memory" not in found.source.text.replace("checkpoint.memory", "")

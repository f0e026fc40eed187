"""A store with an index, on a real server of its own: a query ranks, and what has no score is not ranked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lg_magics import local
from lg_magics.commands import deployment, store
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

GRAPH = """
from langgraph.graph import START, StateGraph, MessagesState
graph = StateGraph(MessagesState).add_node("idle", lambda state: {}).add_edge(START, "idle").compile()

def embed(texts):
    return [[text.count("a") + 1.0, text.count("b") + 1.0] for text in texts]
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("indexed")
    (folder / "graph.py").write_text(GRAPH)
    index = {"embed": "./graph.py:embed", "dims": 2, "fields": ["text"]}
    config = {"dependencies": ["."], "graphs": {"idle": "./graph.py:graph"}, "store": {"index": index}}
    (folder / "langgraph.json").write_text(json.dumps(config))
    server = local.start(config=folder / "langgraph.json", private=True)
    new = Session()
    deployment.connect(new, server.url)
    yield new
    new.close()
    local.stop(server)


def test_a_query_ranks_and_says_how_near(session: Session) -> None:
    for key, text in {"a": "aaaa", "b": "bbbb", "both": "aabb"}.items():
        store.put(session, "ranked", key, {"text": text})
    found = store.search(session, "ranked", query="bbbbbb")
    assert [item.key for item in found] == ["b", "both", "a"]
    scores = list(found.df["score"])
    assert scores == sorted(scores, reverse=True)
    assert (str(found.df["score"].dtype), found.note) == ("float64", "")
    assert "score" in bundle(found)["text/plain"]
    assert [item.key for item in store.search(session, "ranked", query="b", limit=1)] == ["b"]


def test_items_that_are_not_indexed_come_last_once_and_without_a_score(session: Session) -> None:
    for number in range(30):
        store.put(session, "mixed", f"k{number}", {"text": "ab", "none": "ab"}, index="none")
    store.put(session, "mixed", "indexed", {"text": "bb"}, index=["text"])
    found = store.search(session, "mixed", query="b", limit=50)
    assert len(found) == 31
    assert found[0].key == "indexed"
    assert [item.score is None for item in found] == [False] + [True] * 30


def test_where_nothing_is_indexed_the_query_is_said_to_change_nothing(session: Session) -> None:
    store.put(session, "plain", "k", {"other": "b"})
    assert "--query changed nothing" in store.search(session, "plain", query="b").note

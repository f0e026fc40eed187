"""Streams of a graph with a subgraph, and two nodes that speak at once. Its server is its own; the graph is a real file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.commands.runs import stream
from lg_magics.errors import RunFailed
from lg_magics.session import Session

GRAPH = """
import asyncio
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph

def speaker(words):
    async def speak(state):
        model = GenericFakeChatModel(messages=iter([AIMessage(words)]))
        return {"messages": [await model.ainvoke("go")]}
    return speak

def note(state):
    get_stream_writer()({"noted": True})
    return {}

def fail(state):
    raise ValueError("\\x1b[31mred")

inner = StateGraph(MessagesState)
inner.add_node("search", speaker("found it"))
inner.add_node("note", note)
inner.add_edge(START, "search")
inner.add_edge("search", "note")

builder = StateGraph(MessagesState)
builder.add_node("poet", speaker("roses are red"))
builder.add_node("joker", speaker("knock knock who"))
builder.add_node("research", inner.compile())
builder.add_node("fail", fail)
builder.add_edge(START, "poet")
builder.add_edge(START, "joker")
builder.add_edge(["poet", "joker"], "research")
builder.add_conditional_edges("research", lambda s: "fail" if "fail" in s["messages"][0].content else "__end__")
graph = builder.compile()
"""


@pytest.fixture(scope="module")
def graph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    path = tmp_path_factory.mktemp("graph") / "speakers.py"
    path.write_text(GRAPH, encoding="utf-8")
    running = local.start(private=True, graph=f"{path}:graph")
    yield running
    local.stop(running)


@pytest.fixture
def speakers(graph_server: local.LocalServer) -> Iterator[Session]:
    session = Session()
    deployment.connect(session, graph_server.url)
    yield session
    session.close()


def printed(session: Session, text: str, **options: Any) -> str:
    pieces: list[str] = []
    session.write = lambda run, piece: pieces.append(piece)
    try:
        stream(session, text, thread="new", **options)
    except RunFailed as problem:
        pieces.append(str(problem))
    return "".join(pieces)


def test_two_nodes_that_speak_at_once_can_be_read(speakers: Session) -> None:
    first, second, _ = printed(speakers, "hello").splitlines()
    assert {first.removeprefix("joker: "), second.removeprefix("poet: ").removeprefix("joker: ")} == {
        "roses are red",
        "knock knock who",
    }
    assert second.startswith(("poet: ", "joker: "))


def test_a_subgraph_is_reported_with_the_way_to_it(speakers: Session) -> None:
    assert printed(speakers, "hello").splitlines()[-1] == "research: found it"
    assert printed(speakers, "hello", subgraphs=True).splitlines()[-1] == "research › search: found it"
    with_modes = printed(speakers, "hello", subgraphs=True, mode=["updates", "custom"])
    assert "updates · research › search\n  messages: [ai: found it]\ncustom · research\n  noted: true\n" in with_modes


def test_an_error_message_cannot_paint_the_page(speakers: Session) -> None:
    assert "\x1b" not in printed(speakers, "fail")

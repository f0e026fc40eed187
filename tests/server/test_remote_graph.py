"""langgraph's RemoteGraph over our connection: it runs, streams and draws, and sends no key of its own finding."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.pregel.remote import RemoteException

from lg_magics.commands import assistants, deployment, runs
from lg_magics.errors import CommandError, LgError, UnknownReference
from lg_magics.session import Session

ASK = {"messages": [{"role": "user", "content": "weather in Paris"}]}


def test_it_runs_on_the_current_thread_and_knows_its_state(session: Session) -> None:
    run = runs.run(session, "weather in Madrid", assistant="agent", thread="new").wait()
    graph = assistants.remote_graph(session, "agent")
    said = graph.invoke(ASK)
    assert "16" in str(said["messages"][-1]["content"])
    assert graph.config is not None
    state = graph.get_state(graph.config)
    assert len(state.values["messages"]) == 8
    values: Any = session.connection.sync.threads.get_state(run.thread_id)["values"]
    assert len(values["messages"]) == 8


def test_it_streams(session: Session) -> None:
    graph = assistants.remote_graph(session, "agent", stateless=True)
    nodes = [next(iter(part)) for part in graph.stream(ASK, stream_mode="updates")]
    assert nodes == ["agent", "tools", "agent"]


def test_it_is_awaited_too(session: Session) -> None:
    graph = assistants.remote_graph(session, "agent", stateless=True)

    async def ask() -> Any:
        try:
            return await graph.ainvoke(ASK)
        finally:
            assert graph.client is not None
            await graph.client.aclose()

    assert asyncio.run(ask())["messages"][-1]["type"] == "ai"


def test_it_draws_itself(session: Session) -> None:
    drawn = assistants.remote_graph(session, "agent").get_graph().draw_mermaid()
    assert "agent -.-> tools" in drawn


def test_it_is_a_node_in_a_graph_of_ones_own(session: Session) -> None:
    graph = assistants.remote_graph(session, "agent", stateless=True)
    builder = StateGraph(MessagesState)
    builder.add_node("far", graph)
    builder.add_edge(START, "far")
    assert graph.name == "agent"
    assert len(builder.compile().invoke(MessagesState(messages=[HumanMessage("weather in Paris")]))["messages"]) == 4


def test_the_sessions_defaults_go_with_it(odd: Session) -> None:
    deployment.set_defaults(odd, user_id="Test")
    assert assistants.remote_graph(odd, "asked", stateless=True).invoke({"topic": "x"})["topic"] == "Test"
    deployment.set_defaults(odd, clear=True, context={"user_id": "Context"})
    assert assistants.remote_graph(odd, "asked", stateless=True).invoke({"topic": "x"})["topic"] == "Context"


def test_its_errors_are_langgraphs(odd: Session) -> None:
    with pytest.raises(RemoteException, match="asked to fail"):
        assistants.remote_graph(odd, "nested", stateless=True).invoke({"messages": []})


def test_a_key_of_the_environment_goes_where_the_connection_sends_it_and_nowhere_else(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This connection was made without a key; one that appears later is not picked up by the SDK behind our back."""
    assert session.connection.key_source is None
    monkeypatch.setenv("LANGSMITH_API_KEY", "sesame")
    deployment.set_defaults(session, header={"x-user-id": "lance"})
    graph = assistants.remote_graph(session, "agent", stateless=True)
    for client in (graph.client, graph.sync_client):
        assert client is not None
        sent = dict(client.http.client.headers)
        assert "x-api-key" not in sent
        assert sent["x-user-id"] == "lance"
        assert sent["user-agent"].startswith("lg-magics/")
    assert "sesame" not in repr(vars(graph))


def test_without_langgraph_it_says_what_to_install(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langgraph.pregel.remote", None)
    with pytest.raises(LgError, match="needs langgraph") as caught:
        assistants.remote_graph(session, "agent")
    assert caught.value.hint == "pip install 'lg-magics[remote]'"


def test_what_cannot_be_is_refused(session: Session) -> None:
    with pytest.raises(CommandError, match="has no thread"):
        assistants.remote_graph(session, "agent", thread="t1", stateless=True)
    with pytest.raises(UnknownReference, match="Did you mean agent"):
        assistants.remote_graph(session, "agnet")

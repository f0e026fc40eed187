"""The doctor on real deployments: one that works, one with a graph that fails, one that wants a key, one that is dead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.commands.doctor import doctor
from lg_magics.errors import UnknownReference
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .lacking import Lacking, lacking_server

AUTH = """
from pathlib import Path
from langgraph_sdk import Auth
auth = Auth()

@auth.authenticate
async def who(authorization: str | None) -> str:
    if authorization != Path(__file__).with_name("key.txt").read_text():
        raise Auth.exceptions.HTTPException(status_code=401, detail="no")
    return "me"
"""
GRAPH = """
from langgraph.graph import END, START, MessagesState, StateGraph
graph = StateGraph(MessagesState)
graph.add_node("a", lambda state: {})
graph.add_edge(START, "a")
graph.add_edge("a", END)
"""


def checked(session: Session, text: str | None = None, **given: Any) -> dict[str, tuple[str, str, str]]:
    return {row["check"]: (row["result"], row["found"], row["what_to_do"]) for row in doctor(session, text, **given)}


def test_a_deployment_that_works_is_ok_and_nothing_is_launched(session: Session) -> None:
    found = checked(session)
    assert [found[name][0] for name in ("deployment", "key", "graphs", "one run")] == ["ok", "ok", "ok", "not checked"]
    assert "workbench" in found["graphs"][1]
    assert session.tracker.runs() == []


def test_a_run_is_launched_where_it_is_asked_for(session: Session) -> None:
    assert checked(session, "hello", run=True)["one run"][0] == "ok"
    with pytest.raises(UnknownReference, match="nobody"):
        doctor(session, "hello", run=True, assistant="nobody")


def test_a_run_that_fails_is_a_problem(stepping: Session) -> None:
    result, words, _ = checked(stepping, run=True, assistant="boom")["one run"]
    assert result == "problem"
    assert "ZeroDivisionError" in words


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "graph.py").write_text(GRAPH)
    (tmp_path / "auth.py").write_text(AUTH)
    (tmp_path / "key.txt").write_text("Bearer open")
    graphs = {"works": "./graph.py:graph"}
    config = {"dependencies": ["."], "graphs": graphs, "auth": {"path": "./auth.py:auth"}}
    (tmp_path / "langgraph.json").write_text(json.dumps(config))
    return tmp_path / "langgraph.json"


def test_a_refused_key_and_a_dead_server_are_problems(project: Path) -> None:
    server = local.start(private=True, config=project)
    session = Session()
    try:
        deployment.connect(session, server.url, header={"authorization": "Bearer open"})
        assert checked(session)["key"][0] == "ok"
        project.with_name("key.txt").write_text("Bearer other")
        refused = checked(session)
    finally:
        local.stop(server)
        dead = checked(session)
        session.close()
    assert (refused["deployment"][0], refused["key"][0], refused["graphs"][0]) == ("ok", "problem", "not checked")
    assert "--api-key-env" in refused["key"][2]
    assert (dead["deployment"][0], dead["graphs"][0]) == ("problem", "not checked")


@pytest.fixture
def poor(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as between:
        yield between


@pytest.fixture
def behind(poor: Lacking) -> Iterator[Session]:
    """A session that is connected to a deployment that lacks nothing yet."""
    new = Session()
    deployment.connect(new, poor.url, header={"X-Team": "a"})
    yield new
    new.close()


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_deployment_without_a_list_of_assistants_answers(behind: Session, poor: Lacking, status: int) -> None:
    poor.refused = {"POST /assistants/search": status}
    found = checked(behind, "hello", run=True, assistant="agent")
    assert [found[name][0] for name in ("deployment", "key", "graphs", "one run")] == ["ok", *["not checked"] * 2, "ok"]
    assert found["graphs"][1:] == (f"This deployment ({poor.url}) has no list of assistants.", "")


def test_a_deployment_that_fails_is_not_called_silent(behind: Session, poor: Lacking) -> None:
    poor.refused = {"POST /assistants/search": 503}
    found = checked(behind)
    assert found["deployment"][0] == "problem"
    assert "(503)" in found["deployment"][1]
    assert "Start it" not in found["deployment"][2]
    assert {found[name][1] for name in ("key", "graphs", "one run")} == {"The deployment does not list its assistants."}


def test_headers_are_named_where_they_take_the_place_of_a_key(behind: Session, session: Session, poor: Lacking) -> None:
    assert checked(session)["key"][1] == "No key is sent, and none is needed."
    assert checked(behind)["key"][1] == "No key is sent; the header X-Team is accepted."
    poor.judges = lambda call, sent: (401, "no") if call.endswith("/search") else None
    assert checked(behind)["key"][1] == "No key is sent; the header X-Team is refused."
    assert "--header" in checked(behind)["key"][2]
    poor.judges = lambda call, sent: (403, "no") if call.endswith("/search") else None
    assert checked(behind)["key"][1] == "No key is sent; the header X-Team is not allowed to list the assistants."


def test_a_key_that_cannot_be_sent_is_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_API_KEY", "secret\nkey")
    found = checked(session)["key"]
    words = "The key in LANGGRAPH_API_KEY has a character that a header cannot carry: it is not used."
    assert found[:2] == ("ok", f"No key is sent, and none is needed. {words}")


def test_a_graph_that_the_deployment_does_not_describe_is_no_broken_one(behind: Session, poor: Lacking) -> None:
    call = "GET /assistants/[^/]+/schemas"
    poor.refused = {call: 404}
    assert checked(behind)["graphs"][::2] == ("not checked", "")
    poor.refused = {call: 429}
    assert checked(behind)["graphs"][0] == "not checked"
    poor.refused = {}
    assert checked(behind)["graphs"][0] == "ok"


def test_the_whole_error_of_a_graph_is_in_the_text(behind: Session, poor: Lacking) -> None:
    reason = "ImportError: no module 'tavily', which the graph of the file /deps/agents/research/agent.py needs"
    poor.judges = lambda call, sent: (500, reason) if call.endswith("/schemas") else None
    printed = str(bundle(doctor(behind))["text/plain"])
    assert "tavily" in printed
    words = " ".join(line[20:].strip() for line in printed.splitlines())
    assert reason.rpartition(" ")[2] in words
    assert max(map(len, printed.splitlines())) < 180

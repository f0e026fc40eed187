"""The doctor on real deployments: one that works, one with a graph that fails, one that wants a key, one that is dead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.commands.doctor import doctor
from lg_magics.errors import UnknownReference
from lg_magics.session import Session

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

"""Names that a person knows in every list, and hints that fit the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from langgraph_sdk import errors as sdk_errors
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.errors import DeploymentError, InvalidRequest
from lg_magics.server.errors import translated
from lg_magics.session import Session

from .conftest import SHOWN_AT_START
from .lines import typed


@pytest.fixture
def named(session: Session) -> Iterator[str]:
    """An assistant of the demo's agent, by a name of its own."""
    made = typed(session, "assistant create", "agent --name Forecaster")
    yield made.data["assistant_id"]
    session.connection.sync.assistants.delete(made.data["assistant_id"])


def test_a_new_session_names_the_assistant_that_ran(session: Session, server: local.LocalServer, named: str) -> None:
    run = typed(session, "run", "-a Forecaster -t new weather in Oslo").wait(60)
    other = Session()
    try:
        deployment.connect(other, server.url)
        assert [row["assistant"] for row in typed(other, "runs", f"-t {run.thread_id}")] == ["Forecaster"]
        attached = typed(other, "attach", f"-t {run.thread_id} {run.run_id}")
        assert attached.info.assistant == "Forecaster"
    finally:
        other.close()


def test_an_assistant_that_is_made_later_is_named_too_and_one_that_is_gone_by_its_graph(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = typed(session, "assistant create", "agent --name Later")
    run = typed(session, "run", "-a Later -t new weather in Oslo").wait(60)
    assert [row["assistant"] for row in typed(other, "runs", f"-t {run.thread_id}")] == ["Later"]
    sdk.assistants.delete(made.data["assistant_id"])
    deployment.connect(other, session.connection.url)
    assert [row["assistant"] for row in typed(other, "runs", f"-t {run.thread_id}")] == ["agent"]


def test_one_line_is_shown_while_the_embedded_server_starts(odd: Session) -> None:
    assert SHOWN_AT_START[0].startswith("Starting LangGraph's in-memory server")
    assert SHOWN_AT_START[-1] == ""


def refusal(status: int, body: object, *, missing: str = "", headers: dict[str, str] | None = None) -> DeploymentError:
    """What a refusal of the deployment becomes."""
    request = httpx.Request("POST", "http://127.0.0.1:1/threads/x/runs", headers=headers)
    response = httpx.Response(status, json=body, request=request)
    with (
        pytest.raises(DeploymentError) as raised,
        translated("http://x", "launch the run", missing=missing, hint="LIST"),
    ):
        sdk_errors._raise_for_status_typed(response)
    return raised.value


def test_a_hint_fits_the_reason() -> None:
    lists = {"detail": "Unknown assistant 'nobody'"}
    assert refusal(404, {"detail": "Thread not found"}, missing="thread t1").hint == "LIST"
    assert refusal(422, lists, missing="thread t1 or assistant nobody").hint == "LIST"
    assert refusal(422, {"detail": "webhook must be https"}, missing="thread t1 or assistant agent").hint == ""
    assert refusal(409, {"detail": "it is busy"}, missing="thread t1").hint == ""
    assert "--api-key-env" in refusal(401, {"detail": "no"}).hint
    assert "--api-key-env" in refusal(403, {"detail": "no"}).hint
    assert "--api-key-env" in refusal(401, {"detail": "no"}, headers={"x-api-key": "k"}).hint
    for header in ("x-api-key", "authorization"):
        assert "does not allow this" in refusal(403, {"detail": "no"}, headers={header: "k"}).hint


def test_the_fields_of_a_refused_body_are_reported_in_words() -> None:
    found = [
        {"type": "less_than", "loc": ["body", "limit"], "msg": "Input should be at most 100", "input": 1000},
        {"type": "missing", "loc": ["body", "config", 0], "msg": "Field required"},
    ]
    said = refusal(422, {"detail": found})
    assert isinstance(said, InvalidRequest)
    assert said.message.endswith("(422): limit: Input should be at most 100; config.0: Field required")


def test_a_new_session_offers_local_names_and_recent_addresses(
    session: Session, server: local.LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Session().completions("deployment") == ("local",)
    deployment.connect(session, server.url)
    (tmp_path / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{server.url}"\n')
    assert Session().completions("deployment") == ("local", "prod", server.url)
    deployment.connect(session, "prod")
    kept = tmp_path / "lg_magics" / "recent.json"
    assert json.loads(kept.read_text()) == [server.url]
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text('["http://x\\u0007y", 3, "file:///etc", "https://fine.example.com"]')
    assert Session().completions("deployment") == ("local", "prod", "https://fine.example.com")
    kept.write_text("{")
    deployment.connect(session, server.url)
    assert Session().completions("deployment") == ("local", "prod", server.url)

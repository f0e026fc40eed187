"""Settings and servers that are a little wrong: one fault does not spread to what is right beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, deployment, runs, state
from lg_magics.errors import SettingsError
from lg_magics.session import Session

from .lacking import Lacking, lacking_server

SETTINGS = """
default = "good"
[deployments.good]
url = "{url}"
[deployments.word]
url = "{url}"
headers = {{ Authorization = "Bearer sesame-ü" }}
[deployments.key]
url = "{url}"
headers = {{ x-api-key = "sesame" }}
[deployments.list]
url = "{url}"
headers = {{ X-Team = ["sesame"] }}
[deployments.typo]
url = "{url}"
uri = "sesame"
[deployments.address]
url = "ftp://h"
"""


@pytest.fixture
def poor(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


def test_a_deployment_that_is_written_wrongly_is_named_and_the_others_connect(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lg_magics.toml").write_text(SETTINGS.format(url=session.connection.url))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LANGGRAPH_URL", raising=False)
    connected = deployment.connect(session)
    assert connected.title == "Connected to good."
    named = {"address": session.connection.url, "settings": str(tmp_path / "lg_magics.toml")}
    assert named.items() <= dict(connected.facts).items()
    assert deployment.connect(session, session.connection.url).title.startswith("Connected to 127.0.0.1")
    for name in ("word", "key", "list", "typo", "address"):
        with pytest.raises(SettingsError, match=rf"In .*lg_magics.toml, the deployment '{name}'") as caught:
            deployment.connect(session, name)
        assert "sesame" not in str(caught.value)


HEADERS: dict[str, Any] = {"X-Bytes": b"sesame", "X-Number": 5, "X-Text": "word"}


def test_a_header_given_as_bytes_is_sent_as_its_text(session: Session, poor: Lacking) -> None:
    deployment.connect(session, poor.url, header=HEADERS)
    assert session.connection.deployment.headers == {"X-Bytes": "sesame", "X-Number": "5", "X-Text": "word"}
    deployment.set_defaults(session, header=HEADERS)
    assert session.selection.defaults.headers["X-Bytes"] == "sesame"
    run = runs.run(session, "hi", assistant="agent", thread="new", card=False, header={"X-More": bytearray(b"a")})
    assert run.info.launch
    assert run.info.launch.request.headers["X-More"] == "a"


@pytest.mark.parametrize("value", [b"\xff", None, ["sesame"], {"sesame": 1}])
def test_a_header_of_another_type_is_refused(session: Session, value: Any) -> None:
    ways = (
        lambda: deployment.connect(session, session.connection.url, header={"X-A": value}),
        lambda: deployment.set_defaults(session, header={"X-A": value}),
        lambda: runs.run(session, "hi", assistant="agent", header={"X-A": value}),
    )
    for way in ways:
        with pytest.raises(SettingsError, match="The value of the header X-A") as caught:
            way()
        assert "sesame" not in str(caught.value)


def test_the_current_assistant_stays_when_one_connects_again(session: Session) -> None:
    row = assistants.create(session, "workbench", name="mine").data
    try:
        assistants.use(session, "mine")
        again = deployment.connect(session, session.connection.url)
        assert session.selection.assistant == row["assistant_id"]
        assert dict(again.facts)["current"] == "mine"
    finally:
        session.connection.sync.assistants.delete(row["assistant_id"])
    deployment.connect(session, session.connection.url)
    assert session.selection.assistant == "agent"


def test_the_whole_history_ends_on_a_server_that_ignores_before(
    session: Session, sdk: SyncLangGraphClient, poor: Lacking
) -> None:
    steps: Any = [{"updates": [{"values": {"note": str(n)}, "as_node": "__start__"}]} for n in range(30)]
    thread = sdk.threads.create(graph_id="workbench", supersteps=steps)["thread_id"]
    known = [each["checkpoint"]["checkpoint_id"] for each in sdk.threads.get_history(thread, limit=100)]
    assert len(known) > 25
    poor.ignored = {"POST /threads/[^/]+/history": ("before",)}
    deployment.connect(session, poor.url, assistant="workbench")
    for limit in (None, 25, 11):
        found = state.history(session, thread=thread, all=limit is None, limit=limit or 10)
        ids = [each.checkpoint.id for each in found.steps]
        assert ids == known[:limit]

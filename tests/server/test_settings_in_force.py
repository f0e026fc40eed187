"""What holds when settings, the environment and typed values meet: defaults of runs, headers, keys, protection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lg_magics.commands import deployment, runs
from lg_magics.errors import AccessDenied, CommandError, LgError, Unreachable
from lg_magics.local import LocalServer
from lg_magics.server.deployment import KEY_VARIABLES
from lg_magics.session import Session

from .lacking import lacking_server

Write = Callable[[str], None]


@pytest.fixture
def write(server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the settings of this folder: the lines of the deployment `prod`, and those below them."""
    monkeypatch.chdir(tmp_path)
    for name in ("LANGGRAPH_URL", *KEY_VARIABLES):
        monkeypatch.delenv(name, raising=False)

    def write(lines: str) -> None:
        (tmp_path / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{server.url}"\n{lines}\n')

    return write


def defaults(session: Session) -> dict[str, Any]:
    return dict(session.selection.defaults.configurable)


def test_the_values_of_a_file_replace_its_last_ones_and_leave_typed_ones(session: Session, write: Write) -> None:
    deployment.set_defaults(session, header={"X-A": "1"}, n=1)
    write('[configurable]\nuser_id = "Test"\nn = 2\nold = 3')
    connected = deployment.connect(session, "prod")
    assert defaults(session) == {"user_id": "Test", "n": 1, "old": 3}
    words = dict(connected.facts)["defaults"].split(", ")
    assert set(words) == {"user_id=Test", "n=1", "old=3", "header X-A"}
    write('[configurable]\nuser_id = "Other"')
    deployment.connect(session, session.connection.url)
    assert defaults(session) == {"user_id": "Other", "n": 1}
    deployment.set_defaults(session, user_id="Mine")
    deployment.connect(session, "prod")
    assert defaults(session) == {"user_id": "Mine", "n": 1}
    deployment.set_defaults(session, clear=True)
    deployment.connect(session, "prod")
    assert defaults(session) == {"user_id": "Other"}
    write("")
    assert "defaults" not in dict(deployment.connect(session, "prod").facts)
    assert defaults(session) == {}


def test_one_value_of_a_header_is_sent_however_its_name_is_written(session: Session, write: Write) -> None:
    write('headers = { authorization = "Bearer OLD", X-Team = "red" }')
    deployment.connect(session, "prod", header={"Authorization": "NEW"})
    sent = session.connection.sync.http.client.headers
    assert (sent.get_list("authorization"), sent.get_list("x-team")) == (["NEW"], ["red"])
    deployment.set_defaults(session, header={"x-a": "1", "X-B": "1"})
    deployment.set_defaults(session, header={"X-A": "2"})
    assert session.selection.defaults.headers == {"X-A": "2", "X-B": "1"}
    run = runs.run(session, "hi", assistant="agent", thread="new", card=False, header={"x-A": "3"})
    assert run.info.launch
    assert run.info.launch.request.headers == {"x-A": "3", "X-B": "1"}
    deployment.set_defaults(session, header={"x-b": ""})
    assert session.selection.defaults.headers == {"X-A": "2"}


def test_a_found_key_that_cannot_be_sent_is_named_and_stops_nothing(
    session: Session, server: LocalServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", '""')
    connected = deployment.connect(session, server.url)
    assert ("ignored", "LANGSMITH_API_KEY (the key in it is empty)") in connected.facts
    with lacking_server(server.url) as closed:
        closed.instead = lambda call: (401, "application/json", b'{"detail": "who are you?"}')
        with pytest.raises(AccessDenied, match="The key in LANGSMITH_API_KEY is empty, and is not sent"):
            deployment.connect(session, closed.url)


def test_a_protected_deployment_stays_protected_by_its_address(
    session: Session, server: LocalServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("protect = true")
    run = runs.run(session, "hello", assistant="agent", thread="new", wait=True)
    for target in (server.url, f"{server.url}/", None):
        monkeypatch.setenv("LANGGRAPH_URL", server.url)
        connected = deployment.connect(session, target)
        assert (connected.chip, dict(connected.facts)["protected"]) == ("protected", "writes require --yes")
        with pytest.raises(LgError, match="is protected"):
            runs.delete(session, run)


def test_values_that_compare_by_element_are_taken(session: Session) -> None:
    import numpy
    import pandas

    frame = pandas.DataFrame({"a": [1]})
    deployment.set_defaults(session, x=frame, context={"y": numpy.array([1, 2])})
    assert session.selection.defaults.configurable["x"] is frame
    deployment.set_defaults(session, clear=True)


def test_a_time_limit_that_has_passed_at_once_is_one_line(session: Session, server: LocalServer) -> None:
    with pytest.raises(Unreachable, match=r"No deployment answers at .* within 0.0001 s\."):
        deployment.connect(session, server.url, timeout=0.0001)


@pytest.mark.parametrize("option", [{"fresh": True}, {"port": 2024}, {"require_key": True}])
def test_options_of_the_embedded_server_name_the_variable_that_replaces_it(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, option: dict[str, Any]
) -> None:
    monkeypatch.setenv("LANGGRAPH_URL", server.url)
    with pytest.raises(CommandError, match="in a headless runner, local is the deployment of LANGGRAPH_URL"):
        deployment.connect(Session(is_attended=lambda: False), "local", **option)

"""The embedded server with custom auth: `%lg_connect local` sends its header or key, and a failed try leaves nothing running."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import AccessDenied, CommandError, SettingsError
from lg_magics.local.processes import Process
from lg_magics.session import Session

CONFIG = str(Path(__file__).with_name("auth_graph") / "langgraph.json")
HEADER = {"Authorization": "Bearer t"}

Opened = Callable[[], Session]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Makes sessions with a runtime folder of their own; what they started is stopped."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    made: list[Session] = []

    def new() -> Session:
        made.append(Session())
        return made[-1]

    yield new
    for each in made:
        if each.local is not None:
            local.stop(each.local, force=True)
        each.close()


def running(runtime: Path) -> list[int]:
    """The processes of the servers that run below a runtime folder."""
    words = [json.loads(path.read_text()) for path in runtime.glob("lg_magics/*/status.json")]
    return [word["pid"] for word in words if Process(word["pid"], word["started"]).is_running]


def test_local_sends_the_header_or_the_key_that_its_auth_wants(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = opened(), opened()
    deployment.connect(first, "local", config=CONFIG, header=HEADER)
    monkeypatch.setenv("AUTH_KEY", "secret-1")
    deployment.connect(second, "local", config=CONFIG, api_key_env="AUTH_KEY")
    assert first.local
    assert second.local
    assert second.local.adopted
    for session in (first, second):
        assert runs.run(session, "who am I?", wait=True).messages[-1].text == "You are me"
    third = opened()
    with pytest.raises(AccessDenied):
        deployment.connect(third, "local", config=CONFIG)
    assert third.local is None
    assert running(tmp_path) == [first.local.pid]  # it was not the third that started it


def test_a_start_that_fails_later_stops_what_it_started(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened()
    with pytest.raises(AccessDenied, match="Token missing"):
        deployment.connect(session, "local", config=CONFIG)
    assert (running(tmp_path), session.local, session.is_connected) == ([], None, False)
    monkeypatch.setattr(local.embedded, "_server", lambda *what: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deployment.connect(session, "local", config=CONFIG, header=HEADER)
    assert running(tmp_path) == []


def test_what_local_cannot_send_is_refused_before_anything_starts(opened: Opened, tmp_path: Path) -> None:
    session = opened()
    with pytest.raises(SettingsError, match="AUTH_KEY is not set"):
        deployment.connect(session, "local", config=CONFIG, api_key_env="AUTH_KEY")
    with pytest.raises(SettingsError, match="cannot carry"):
        deployment.connect(session, "local", config=CONFIG, header={"Authorization": "Bearer ü"})
    assert list(tmp_path.iterdir()) == []


def test_options_that_belong_elsewhere_are_refused(opened: Opened) -> None:
    session = opened()
    others: dict[str, Any] = {
        "assistant": "agent",
        "header": HEADER,
        "api_key_env": "K",
        "config": CONFIG,
        "graph": "g",
        "port": 1,
    }
    for name, value in {**others, "fresh": True, "target": "http://127.0.0.1:9"}.items():
        with pytest.raises(CommandError, match="--log takes no target"):
            deployment.connect(session, log=True, **{name: value})
    with pytest.raises(CommandError, match="--force belongs to --stop"):
        deployment.disconnect(session, force=True)

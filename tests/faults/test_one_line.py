"""What a wrong environment or a wrong value leads to: one line of ours, and no traceback of another library."""

from __future__ import annotations

import fcntl
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import crons, deployment, runs, store
from lg_magics.errors import CommandError, LgError, LocalServerError, SettingsError
from lg_magics.ipython import host
from lg_magics.local import folder
from lg_magics.local.processes import owner, this_process
from lg_magics.server import connection as connections
from lg_magics.session import Session

from .faulty import Faulty

REMOTE = "http://deployment.test"


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxy in the environment yet."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_runtime_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "below", Path("/proc/lg")):
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(place))
        with pytest.raises(LocalServerError, match="runtime folder cannot be written"):
            deployment.connect(Session(), "local")


def test_a_socks_proxy_without_socksio(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(SettingsError, match="SOCKS proxy, and socksio is not installed"):
        deployment.connect(Session(), REMOTE)


def test_a_proxy_of_an_unknown_kind(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("http_proxy", "gopher://user:sesame@127.0.0.1:70")
    with pytest.raises(SettingsError, match=r"proxy .* of the kind 'gopher'") as caught:
        deployment.connect(Session(), REMOTE)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_is_missing_or_none(
    clean: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)
    clean.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(SettingsError, match="certificates that SSL_CERT_FILE names cannot be read"):
        deployment.connect(Session(), "https://deployment.test")


def test_a_key_with_a_newline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sesame\nopen")
    with pytest.raises(SettingsError, match="a character that a header cannot carry") as caught:
        deployment.connect(Session(), REMOTE, api_key_env="MY_KEY")
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("port", [80_000, -1, 65_536])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(LocalServerError, match=f"There is no port {port}"):
        local.start(private=True, port=port)


def test_json_that_is_nested_very_deep(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    with pytest.raises(LgError):
        runs.run(session, deep, json=True, assistant="agent")
    value: list[object] = []
    for _ in range(2_000):
        value = [value]
    with pytest.raises(LgError):
        runs.run(session, input={"messages": value}, assistant="agent")
    for name in ("deep.json", "deep.jsonl"):
        (tmp_path / name).write_text(deep)
        with pytest.raises(LgError):
            store.load(session, str(tmp_path / name))
    (tmp_path / "langgraph.json").write_text(deep)
    with pytest.raises(LocalServerError):
        local.start(private=True, config=tmp_path / "langgraph.json")
    (tmp_path / "lg_magics.toml").write_text("a = " + deep)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError):
        deployment.connect(Session(), session.connection.url)


def test_a_notebook_whose_path_is_no_utf_8(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environb, b"JPY_SESSION_NAME", b"/caf\xe9.ipynb")
    shell = InteractiveShell.instance()
    name = host._notebook(shell)
    assert name.startswith("caf?.ipynb·")
    json.dumps(name).encode("utf-8")
    InteractiveShell.clear_instance()
    made = runs.run(session, "hello", assistant="agent", metadata={"where": name}, wait=True)
    assert made.status == "success"


# -- the folder of the embedded server ------------------------------------------------------------------------------


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> folder.Folder:
    """The runtime folder that a start would use."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return folder.folder_for("an id", owner(), private=False)


def test_waiting_for_another_kernels_start_is_shown_and_ends(
    runtime: folder.Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "NOTE_EVERY", 0.2)
    monkeypatch.setattr(folder, "LOCKED_AT_MOST", 0.7)
    seen: list[str] = []
    with (runtime.path / "lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        began = time.monotonic()
        refused = pytest.raises(LocalServerError, match="Another kernel has been starting this server")
        with refused, runtime.locked(seen.append):
            pass
        assert time.monotonic() - began < 3
        assert seen[0].startswith("waiting for another kernel, which is starting this server")
    with runtime.locked():
        pass


def test_kernels_that_have_ended_leave_no_file(runtime: folder.Folder) -> None:
    users = runtime.path / "users"
    users.mkdir()
    for name in ("4194000@1", "77@123", "x@1"):
        (users / name).touch()
    runtime.add_user()
    me = this_process()
    assert [each.name for each in users.iterdir()] == [f"{me.pid}@{me.started}"]


# -- the server's clock -----------------------------------------------------------------------------------------------


class Later(datetime):
    """A machine whose clock is an hour behind the server's."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) - timedelta(hours=1)


def test_until_counts_on_the_servers_clock(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch, sdk: SyncLangGraphClient
) -> None:
    monkeypatch.setattr(connections, "datetime", Later)
    session = Session()
    deployment.connect(session, faulty.url)
    made = crons.create(session, "0 9 * * *", "hi", assistant="agent", until="1h")
    end = datetime.fromisoformat(str(made.data["end_time"]))
    session.close()
    sdk.crons.delete(made.cron_id)
    assert abs(end - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=30)


def test_an_option_that_is_no_port_is_refused_by_the_line() -> None:
    from lg_magics.grammar.accept import accept_call
    from lg_magics.grammar.lookup import command_named

    command = command_named("connect")
    with pytest.raises(CommandError, match="port"):
        accept_call(command.function, command.parameters, ["local"], {"port": 80_000})

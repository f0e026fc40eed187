"""`local` as the other deployment of a copy: the embedded server of this session, and never the one that settings name."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import deployment, runs
from lg_magics.errors import LgError
from lg_magics.local import LocalServer
from lg_magics.session import Session

from .lacking import lacking_server
from .lines import typed


@pytest.mark.parametrize("named_by", ["settings", "environment"])
def test_local_is_no_other_deployment_that_settings_or_the_environment_name(
    session: Session, server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named_by: str
) -> None:
    calls: list[str] = []

    def note(call: str, sent: object) -> None:
        calls.append(call)

    monkeypatch.chdir(tmp_path)
    with lacking_server(server.url) as prod:
        prod.judges = note
        if named_by == "settings":
            (tmp_path / "lg_magics.toml").write_text(f'default = "prod"\n[deployments.prod]\nurl = "{prod.url}"\n')
            monkeypatch.delenv("LANGGRAPH_URL", raising=False)
        else:
            monkeypatch.setenv("LANGGRAPH_URL", prod.url)
        runs.run(session, "hello", assistant="agent", thread="new", wait=True)
        for option in ("--to local", f"{session.selection.thread and session.selection.thread.id} --from local"):
            with pytest.raises(LgError, match="No embedded server of this session runs"):
                typed(session, "thread copy", option)
        assert "local" not in session.completions("other deployment")
    assert calls == []


def test_a_thread_is_copied_to_and_from_the_embedded_server_that_was_used_last(
    session: Session, server: LocalServer, sdk: SyncLangGraphClient
) -> None:
    session.use_connection(session.connection, server)  # as `%lg_connect local` does with the server that it adopts
    typed(session, "thread new", "")
    with pytest.raises(LgError, match="local is this session's own deployment"):
        typed(session, "thread copy", "--to local")
    with lacking_server(server.url) as prod:
        deployment.connect(session, prod.url)
        assert "local" in session.completions("other deployment")
        run = runs.run(session, "hello", assistant="agent", thread="new", wait=True)
        there = typed(session, "thread copy", "--to local")["thread_id"]
        back = typed(session, "thread copy", f"{there} --from local").thread_id
    copied = [(sdk.threads.get(each)["metadata"] or {})["lg_copied_from"] for each in (there, back)]
    assert copied == [f"{prod.url} {run.thread_id}", f"{server.url} {there}"]

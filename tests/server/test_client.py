"""`lg.client`: the SDK's own client sends what the connection sends, to the deployment that is current."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import lg_magics as lg
from lg_magics import local
from lg_magics.errors import NotConnected

from .notebook_shell import notebook_shell


def test_it_is_the_sdks_own_for_this_connection(
    server: local.LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGRAPH_API_KEY", "sesame-of-the-environment")
    with notebook_shell(tmp_path, monkeypatch) as notebook:
        with pytest.raises(NotConnected):
            lg.client(sync=True)
        notebook.run(f"%lg_connect {server.url} --timeout 60\n%lg_set --header x-mine=yes")
        with lg.client(sync=True) as client:
            said: Any = {"messages": [{"role": "user", "content": "hello"}]}
            run = client.runs.create(client.threads.create()["thread_id"], "agent", input=said)
            sent = client.http.client.headers
        assert sent["x-mine"] == "yes"
        assert sent["x-api-key"] == "sesame-of-the-environment"  # as the connection does
        assert notebook.line(f"%lg_attach {run['run_id']}").wait().status == "success"
        assert asyncio.run(count()) >= 1


async def count() -> int:
    async with lg.client() as client:
        return await client.threads.count()

"""`lg.client`: the SDK's own client sends what the connection sends, to the deployment that is current."""

from __future__ import annotations

import asyncio
import os
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


def test_a_client_that_nothing_uses_any_more_leaves_no_connection_open(
    server: local.LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with notebook_shell(tmp_path, monkeypatch) as notebook:
        notebook.run(f"%lg_connect {server.url}")
        threads = lg.client(sync=True).threads
        assert threads.count() >= 0
        before = len(os.listdir("/dev/fd"))
        for _ in range(20):
            lg.client(sync=True).threads.count()
            lg.client()
        assert len(os.listdir("/dev/fd")) <= before + 2
        assert threads.count() >= 0


async def count() -> int:
    async with lg.client() as client:
        return await client.threads.count()

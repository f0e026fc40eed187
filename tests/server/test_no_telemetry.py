"""Nothing leaves the machine: whatever the environment asks for, the embedded server connects to nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.session import Session


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


@pytest.mark.slow
def test_the_embedded_server_connects_to_nothing(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that goes out over HTTP would come to this proxy, and all traces to this address."""
    there = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, there)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for name in ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"):
        monkeypatch.setenv(name, there)
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_pt_0123456789abcdef")
    session = Session()
    server = local.start(private=True)
    try:
        deployment.connect(session, server.url)
        assert runs.run(session, "what's the weather in sf", assistant="agent", wait=True).status == "success"
        time.sleep(3)
        with pytest.raises(BlockingIOError):
            listener.accept()
    finally:
        session.close()
        local.stop(server)

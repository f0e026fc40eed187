"""Which server `%lg_connect local` means where nobody sits and LANGGRAPH_URL names a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lg_magics.commands import deployment, runs
from lg_magics.local import LocalServer
from lg_magics.session import Session

from .test_local_graphs import graph_file


@pytest.fixture
def headless(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A runner without a page, with a deployment in its environment."""
    monkeypatch.setenv("LANGGRAPH_URL", server.url)
    new = Session(is_attended=lambda: False)
    yield new
    if new.local is not None:
        deployment.disconnect(new, stop=True)
    new.close()


def test_local_is_the_named_deployment(headless: Session, server: LocalServer) -> None:
    deployment.connect(headless, "local")
    assert headless.local is None
    assert headless.connection.url == server.url


def test_graphs_of_ones_own_are_served_here_all_the_same(
    headless: Session, server: LocalServer, tmp_path: Path
) -> None:
    found = deployment.connect(headless, "local", graph=f"{graph_file(tmp_path / 'own.py')}:graph")
    assert found.data["assistants"] == ["own"]
    assert headless.connection.url != server.url


def test_a_stop_counts_the_runs_of_the_server_that_it_stops(
    headless: Session, server: LocalServer, tmp_path: Path
) -> None:
    deployment.connect(headless, "local")
    elsewhere = runs.run(headless, "later", assistant="agent", thread="new", card=False, after=600)
    deployment.connect(headless, "local", graph=f"{graph_file(tmp_path / 'own.py')}:graph")
    runs.run(headless, "later", assistant="own", thread="new", card=False, check=False, after=600)
    try:
        stopped = deployment.disconnect(headless, stop=True)
        assert stopped.title == "Stopped local. 1 live run of this session went with it."
    finally:
        deployment.connect(headless, server.url)
        elsewhere.cancel()

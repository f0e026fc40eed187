"""The link from a run's card to its trace: only where the deployment traces the run, and only to a project that a user named."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lg_magics.commands import attach, deployment, runs
from lg_magics.errors import SettingsError, Unreachable
from lg_magics.follow.run import Run
from lg_magics.ipython.live_card import run_bundle
from lg_magics.local import LocalServer
from lg_magics.session import Session

PROJECT = "https://smith.langchain.com/o/my-org/projects/p/my-project"
ITS_PAGE = f"{PROJECT}/r/1f0c2b9e?poll=true&tab=2#feedback"


class Received(ThreadingHTTPServer):
    """What a deployment sends to LangSmith."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        received = self.bodies

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers.get("content-length") or 0)))
                self.send_response(202)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def do_GET(self) -> None:
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        super().__init__(("127.0.0.1", 0), Answer)


@pytest.fixture(scope="module")
def received() -> Iterator[Received]:
    with Received() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def traced_url(received: Received, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a deployment that traces its runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("traced")
    there = f"http://127.0.0.1:{received.server_address[1]}"
    command = [sys.executable, str(Path(__file__).with_name("traced_server.py")), str(port), there]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        yield f"http://127.0.0.1:{port}"
        server.kill()


@pytest.fixture
def connect(traced_url: str) -> Iterator[Callable[[], Session]]:
    """Makes sessions that are connected to that deployment."""
    opened: list[Session] = []

    def made() -> Session:
        opened.append(Session())
        _wait_for(lambda: _is_connected(opened[-1], traced_url))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


def _is_connected(session: Session, url: str) -> bool:
    try:
        deployment.connect(session, url)
    except Unreachable:
        return False
    return True


def _wait_for(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.1)


def run_here(session: Session, trace_project: str | None = None) -> Run:
    return runs.run(session, "weather in Paris", assistant="agent", thread="new", trace_project=trace_project).wait()


def saved(run: Run) -> str:
    return run_bundle(run, numbered=True)["text/html"]


def text(run: Run) -> str:
    return run_bundle(run, numbered=True)["text/plain"]


def test_the_card_of_a_traced_run_links_to_its_trace(connect: Callable[[], Session], received: Received) -> None:
    session = connect()
    assert run_here(session).info.trace == ""
    assert ("langsmith", PROJECT) in deployment.set_defaults(session, langsmith=ITS_PAGE).facts
    run = run_here(session)
    address = f"{PROJECT}/r/{run.run_id}?poll=true"
    assert f'<a href="{address}"' in saved(run)
    assert text(run).endswith(f"\n\nLangSmith: {address}")
    _wait_for(lambda: any(f'name="post.{run.run_id}"'.encode() in body for body in received.bodies))


def test_a_copy_in_another_project_leaves_the_trace_under_the_id_of_the_run(
    connect: Callable[[], Session], received: Received
) -> None:
    session = connect()
    deployment.set_defaults(session, langsmith=PROJECT)
    run = run_here(session, trace_project="another")
    assert run.info.trace == f"{PROJECT}/r/{run.run_id}?poll=true"
    root = f'"id":"{run.run_id}"'.encode()
    _wait_for(lambda: any(root in body for body in received.bodies))
    parts = [part for body in received.bodies for part in body.split(b"\r\n\r\n") if root in part]
    assert all(b'"session_name":"its own"' in part for part in parts)


def test_an_attached_run_has_the_link_too(connect: Callable[[], Session]) -> None:
    run, other = run_here(connect()), connect()
    deployment.set_defaults(other, langsmith=PROJECT)
    found = attach.attach(other, run.run_id, thread=run.thread_id)
    assert isinstance(found, Run)
    assert found.info.trace == f"{PROJECT}/r/{run.run_id}?poll=true"


def test_a_deployment_that_does_not_trace_gets_no_link(session: Session) -> None:
    deployment.set_defaults(session, langsmith=PROJECT)
    assert "LangSmith" not in saved(run_here(session, trace_project="another"))


def test_the_address_belongs_to_its_deployment_and_can_be_removed(session: Session, odd_server: LocalServer) -> None:
    deployment.set_defaults(session, langsmith=PROJECT)
    assert ("langsmith", PROJECT) in deployment.status(session).facts
    deployment.set_defaults(session, langsmith="")
    assert session.langsmith == ""
    deployment.set_defaults(session, langsmith=PROJECT)
    deployment.set_defaults(session, clear=True)
    assert session.langsmith == ""
    deployment.set_defaults(session, langsmith=PROJECT)
    deployment.connect(session, odd_server.url)
    assert session.langsmith == ""


def test_a_wrong_address_changes_nothing(session: Session) -> None:
    deployment.set_defaults(session, langsmith=PROJECT, card="compact")
    with pytest.raises(SettingsError):
        deployment.set_defaults(session, langsmith="https://example.com", card="rows")
    assert (session.langsmith, session.selection.card) == (PROJECT, "compact")

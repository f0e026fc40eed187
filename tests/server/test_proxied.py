"""Behind a proxy that the environment names: every kind of call goes through it, and none that is for this machine."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import Unreachable
from lg_magics.server.deployment import deployment_from_url
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

ASKED = "http://deployment.test"


class ForwardProxy(BaseHTTPRequestHandler):
    """Passes whatever it is asked for on to the real server, and notes it. A stream goes through as it comes."""

    upstream = ""
    asked: list[str] = []  # noqa: RUF012 - one for all requests

    def _pass_on(self) -> None:
        parts = urlsplit(self.path)
        ForwardProxy.asked.append(f"{parts.netloc} {parts.path}")
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        with closing(http.client.HTTPConnection(self.upstream)) as connection, suppress(ConnectionError):
            connection.request(self.command, path, body, {**headers, "connection": "close"})
            with connection.getresponse() as answer:
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                self.end_headers()
                while piece := answer.read1():
                    self.wfile.write(piece)  # fails when the client has gone

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _pass_on

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(server: local.LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked of the proxy that the environment names."""
    ForwardProxy.upstream, ForwardProxy.asked = urlsplit(server.url).netloc, []
    running = ThreadingHTTPServer(("127.0.0.1", 0), ForwardProxy)
    running.daemon_threads = True
    Thread(target=running.serve_forever, daemon=True).start()
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{running.server_port}")
    yield ForwardProxy.asked
    running.shutdown()
    running.server_close()


def test_calls_polls_and_streams_go_through_the_proxy(proxy: list[str]) -> None:
    session = Session()
    deployment.connect(session, ASKED)
    run = runs.run(session, "what's the weather in sf", assistant="agent").wait()
    session.close()
    assert (run.status, run.view.text[:2]) == ("success", "It")
    assert {each.partition(" ")[0] for each in proxy} == {"deployment.test"}
    paths = " ".join(proxy)
    assert "/info" in paths
    assert "/stream" in paths
    assert f"/runs/{run.run_id}" in paths


def test_the_proxy_is_shown_without_its_password(proxy: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    where = os.environ["http_proxy"]
    monkeypatch.setenv("http_proxy", f"http://user:secret@{where}")
    session = Session()
    found = deployment.connect(session, ASKED)
    status = deployment.status(session)
    session.close()
    assert dict(found.facts)["proxy"] == dict(status.facts)["proxy"] == f"http://{where}"
    assert "secret" not in str([bundle(found), bundle(status)])


def test_what_is_excepted_and_what_is_on_this_machine_goes_straight(
    proxy: list[str], server: local.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    deployment.connect(session, server.url)
    session.close()
    monkeypatch.setenv("no_proxy", "deployment.test")
    with pytest.raises(Unreachable):
        deployment.connect(Session(), ASKED)
    assert proxy == []
    assert deployment_from_url(ASKED).proxy is None
    assert (deployment_from_url("http://else.test").proxy or "").startswith("http://127.0.0.1:")

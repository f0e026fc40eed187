"""The client of foreground calls: it asks the same addresses as httpx, keeps a server's cookies, works while it waits, and
sends a short request in one piece."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lg_magics.server.client import Client
from lg_magics.server.transport import AsyncTransport, SyncTransport
from lg_magics.server.waits import meanwhile

BASES = ("http://127.0.0.1:2024", "https://host.test/", "https://host.test/some/prefix", "http://[::1]:80/a%20b/")
PAIRS = [
    (Client(base_url=base, transport=httpx.HTTPTransport(verify=False)), httpx.Client(base_url=base, verify=False))
    for base in BASES
]


PART = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.text("aZ09_.~-%", min_size=1)


@given(parts=st.lists(PART, min_size=1, max_size=4), params=st.sampled_from([None, {"limit": 3}]))
@example(parts=["threads", "", "runs"], params=None)
@example(parts=["a" * 70_000], params=None)
def test_a_path_becomes_the_address_that_httpx_makes_of_it(parts: list[str], params: dict[str, int] | None) -> None:
    path = "/" + "/".join(parts).lstrip("/")
    for ours, theirs in PAIRS:
        made, wanted = (_address(client, path, params) for client in (ours, theirs))
        assert made == wanted


def _address(client: httpx.Client, path: str, params: dict[str, int] | None) -> object:
    try:
        url = client.build_request("GET", path, params=params).url
    except httpx.InvalidURL as problem:
        return str(problem)
    return url.scheme, url.netloc, url.raw_path, str(url)


@pytest.mark.parametrize("url", ["//elsewhere.test/x", "relative", "https://elsewhere.test/x", httpx.URL("/a/b")])
def test_any_other_address_is_left_to_httpx(url: str | httpx.URL) -> None:
    for ours, theirs in PAIRS:
        assert ours.build_request("POST", url).url == theirs.build_request("POST", url).url


class _Server(HTTPServer):
    """Answers each request once `may_answer` is set; sets a cookie with its second answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.cookies: list[str] = []
        self.received, self.may_answer = Event(), Event()
        self.may_answer.set()


class _Answer(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.cookies.append(self.headers.get("cookie", ""))
        self.server.received.set()
        self.server.may_answer.wait(10)
        self.send_response(200)
        if len(self.server.cookies) == 2:
            self.send_header("set-cookie", "route=a")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None: ...


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.may_answer.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def client(server: _Server) -> Iterator[Client]:
    transport = SyncTransport(seconds=20, verify=False)
    with Client(base_url=f"http://127.0.0.1:{server.server_port}", transport=transport) as opened:
        yield opened


def test_a_cookie_comes_back_to_the_server_that_set_it(server: _Server, client: Client) -> None:
    for _ in range(4):
        client.get("/ok")
    assert server.cookies == ["", "", "route=a", "route=a"]


def test_the_client_works_between_its_request_and_the_answer(server: _Server, client: Client) -> None:
    done: list[bool] = []

    def work() -> None:
        done.append(server.received.wait(10))
        server.may_answer.set()

    server.may_answer.clear()
    with meanwhile(work):
        assert client.get("/ok").status_code == 200
    assert done == [True]
    client.get("/ok")
    assert done == [True]


def test_work_that_fails_does_not_fail_the_request(client: Client) -> None:
    with meanwhile(lambda: 1 / 0):
        assert client.get("/ok").status_code == 200


class _Pieces:
    """A server that records what each read of a connection gives, and answers a request once it is whole."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/runs"
        self.pieces: list[bytes] = []
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while piece := connection.recv(1_000_000):
                self.pieces.append(piece)
                if piece.endswith((b"the end", b"0\r\n\r\n")):
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    def close(self) -> None:
        """Call this when the client is closed."""
        self._thread.join()
        self._socket.close()


@pytest.fixture
def pieces() -> Iterator[_Pieces]:
    running = _Pieces()
    yield running
    running.close()


def test_a_short_request_is_sent_in_one_piece(pieces: _Pieces) -> None:
    with Client(transport=SyncTransport(seconds=20, verify=False)) as client:
        for _ in range(20):
            assert client.post(pieces.url, content=b"the end").status_code == 200
    assert len(pieces.pieces) == 20


async def _post_twenty(url: str) -> None:
    async with httpx.AsyncClient(transport=AsyncTransport(seconds=20, verify=False)) as client:
        for _ in range(20):
            assert (await client.post(url, content=b"the end")).status_code == 200


def test_a_short_request_of_the_background_loop_is_sent_in_one_piece(pieces: _Pieces) -> None:
    asyncio.run(_post_twenty(pieces.url))
    assert len(pieces.pieces) == 20


@pytest.mark.parametrize("size", [65_000, 65_536, 5_000_000])
def test_a_request_of_any_size_is_sent_whole(pieces: _Pieces, size: int) -> None:
    body = b"x" * size + b"the end"
    with Client(transport=SyncTransport(seconds=20, verify=False)) as client:
        assert client.post(pieces.url, content=body).status_code == 200
    assert b"".join(pieces.pieces).partition(b"\r\n\r\n")[2] == body


def test_a_request_in_chunks_is_sent_whole(pieces: _Pieces) -> None:
    with Client(transport=SyncTransport(seconds=20, verify=False)) as client:
        assert client.post(pieces.url, content=iter([b"a", b"b" * 70_000, b"c"])).status_code == 200
    body = b"".join(pieces.pieces).partition(b"\r\n\r\n")[2]
    assert body == b"1\r\na\r\n11170\r\n" + b"b" * 70_000 + b"\r\n1\r\nc\r\n0\r\n\r\n"


def test_an_answer_that_comes_before_the_body_was_sent_is_read() -> None:
    def refuse() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            while connection.recv(1_000_000):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=refuse)
        thread.start()
        with Client(transport=SyncTransport(seconds=20, verify=False)) as client:
            port = listening.getsockname()[1]
            assert client.post(f"http://127.0.0.1:{port}/x", content=b"x" * 5_000_000).status_code == 413
        thread.join()

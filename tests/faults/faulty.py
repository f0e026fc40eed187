"""A proxy before the real server that answers some calls wrongly, in one of many ways. Knows sockets and HTTP only.

A fault is a function that is given the connection and, where the real server shall do its work first, what it answered.
"""

from __future__ import annotations

import http.client
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import urlsplit

__all__ = ["FAULTS", "Fault", "Faulty", "answers", "faulty_server", "late", "packed"]

JSON = "application/json"
PAGE = b"<!DOCTYPE html><html><head><title>nginx</title></head><body><h1>Bad Gateway</h1></body></html>"
DEEP = b"[" * 100_000 + b"]" * 100_000


@dataclass(frozen=True)
class Answer:
    """What the real server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Fault:
    """One way to answer wrongly.

    Attributes:
        do: does it, on the connection; it is asked by the proxy's own thread, and may take its time until `ended` is set.
        needs_answer: whether the real server does what it was asked first.
    """

    do: Callable[[socket.socket, Answer, Event], None]
    needs_answer: bool = True


@dataclass
class Faulty:
    """What goes wrong now; may be changed while the proxy runs.

    Attributes:
        url: the proxy's address.
        fault: what befalls the calls that `hits` chooses; None for nothing.
        hits: whether a call, `POST /threads/search`, is hit.
        times: how many calls are hit at most.
        count: how many calls were hit.
        calls: all calls, in their order.
    """

    url: str = ""
    fault: Fault | None = None
    hits: Callable[[str], bool] = lambda call: True
    times: int = 1_000_000
    count: int = 0
    calls: list[str] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    def set(self, fault: Fault | None, hits: Callable[[str], bool] = lambda call: True, times: int = 1_000_000) -> None:
        """Let this go wrong from now on."""
        self.fault, self.hits, self.times, self.count = fault, hits, times, 0
        self.calls.clear()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Status')}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def answers(status: int, body: bytes = b"", kind: str = JSON, **headers: str) -> Fault:
    """The status and body are those that are given; the real server is not asked."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    def do(peer: socket.socket, answer: Answer, ended: Event) -> None:
        about = {"content-type": kind, "content-length": str(len(body)), "connection": "close", **given}
        peer.sendall(_head(status, about) + (b"" if status == 204 else body))

    return Fault(do, needs_answer=False)


def raw(data: bytes) -> Fault:
    """These bytes, and the end of the connection."""
    return Fault(lambda peer, answer, ended: peer.sendall(data), needs_answer=False)


def _reset(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _silent(peer: socket.socket, answer: Answer, ended: Event) -> None:
    ended.wait(120)


def _whole(answer: Answer, **changed: str) -> tuple[bytes, bytes]:
    about = {"content-type": answer.headers.get("content-type", JSON), "content-length": str(len(answer.body))}
    return _head(answer.status, {**about, **changed}), answer.body


def _half_a_body(peer: socket.socket, answer: Answer, ended: Event) -> None:
    head, body = _whole(answer)
    peer.sendall(head + body[: len(body) // 2])


def _half_a_head(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(_whole(answer)[0][:25])


def _too_long(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(b"".join(_whole(answer, **{"content-length": str(max(1, len(answer.body) - 3))})))


def _too_short(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(b"".join(_whole(answer, **{"content-length": str(len(answer.body) + 100)})))


def _silent_body(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(_whole(answer)[0])
    ended.wait(120)


def _dripping(which: int) -> Callable[[socket.socket, Answer, Event], None]:
    def do(peer: socket.socket, answer: Answer, ended: Event) -> None:
        long = {"content-length": str(len(answer.body) + 10_000), "x-long": "x" * 10_000}
        head, body = _whole(answer, **long)
        if which:
            peer.sendall(head)
        for byte in head if which == 0 else body + b" " * 10_000:
            if ended.wait(0.2):
                return
            peer.sendall(bytes([byte]))

    return do


def late(seconds: float) -> Fault:
    """The real server's answer, so much later."""

    def do(peer: socket.socket, answer: Answer, ended: Event) -> None:
        ended.wait(seconds)
        peer.sendall(b"".join(_whole(answer, connection="close")))

    return Fault(do)


def endless(chunk: bytes, pause: float = 0.0) -> Fault:
    """A body that goes on, and on."""

    def do(peer: socket.socket, answer: Answer, ended: Event) -> None:
        peer.sendall(_head(200, {"content-type": JSON, "transfer-encoding": "chunked"}))
        while not ended.wait(pause):
            peer.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    return Fault(do, needs_answer=False)


def packed(encoding: str, body: bytes, kind: str = JSON) -> Fault:
    """This body, packed: "gzip", "deflate", or "raw deflate", which has no header."""
    windows = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS, "raw deflate": -zlib.MAX_WBITS}
    packer = zlib.compressobj(wbits=windows[encoding])
    whole = packer.compress(body) + packer.flush()
    return answers(200, whole, kind, content_encoding=encoding.removeprefix("raw "))


def _torn_chunk(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(_head(answer.status, {"content-type": JSON, "transfer-encoding": "chunked"}) + b"ff\r\n[1")


def _bad_chunk(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(
        _head(answer.status, {"content-type": JSON, "transfer-encoding": "chunked"}) + b"zz\r\n[1]\r\n0\r\n\r\n"
    )


def _bad_gzip(peer: socket.socket, answer: Answer, ended: Event) -> None:
    peer.sendall(b"".join(_whole(answer, **{"content-encoding": "gzip", "connection": "close"})))


FAULTS: Mapping[str, Fault] = {
    # -- the connection
    "closes": Fault(lambda peer, answer, ended: None, needs_answer=False),
    "resets": Fault(_reset, needs_answer=False),
    "loses the answer": Fault(lambda peer, answer, ended: None),
    "resets after the work": Fault(_reset),
    "half a head": Fault(_half_a_head),
    "half a body": Fault(_half_a_body),
    "a length that is too long": Fault(_too_short),
    "a length that is too short": Fault(_too_long),
    "a torn chunk": Fault(_torn_chunk),
    "a chunk of no size": Fault(_bad_chunk),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a head without end": raw(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000),
    "not what gzip makes": Fault(_bad_gzip),
    "an encoding that was not asked for": answers(200, b"[]", content_encoding="br"),
    "late": late(1.0),
    # -- the status
    "204": answers(204),
    "a redirect": answers(302, b"", location="/login"),
    "400": answers(400, b'{"detail": "no"}'),
    "401": answers(401, b'{"detail": "who are you?"}'),
    "403": answers(403, b'{"detail": "not you"}'),
    "404": answers(404, b'{"detail": "Not Found"}'),
    "a gateway's 404": answers(404, b"404 page not found", "text/plain"),
    "405": answers(405, b"Method Not Allowed", "text/plain"),
    "409": answers(409, b'{"detail": "busy"}'),
    "413": answers(413, PAGE, "text/html"),
    "422": answers(422, b'{"detail": [{"loc": ["body"], "msg": "wrong"}]}'),
    "429": answers(429, b'{"detail": "slowly"}'),
    "429 for a minute": answers(429, b'{"detail": "slowly"}', retry_after="60"),
    "500": answers(500, b'{"detail": "Internal Server Error"}'),
    "500 without a word": answers(500),
    "501": answers(501, PAGE, "text/html"),
    "502": answers(502, PAGE, "text/html"),
    "503": answers(503, b"Service Unavailable", "text/plain"),
    "504": answers(504, PAGE, "text/html"),
    # -- the shape
    "empty": answers(200),
    "null": answers(200, b"null"),
    "a list": answers(200, b"[]"),
    "an object": answers(200, b"{}"),
    "a list of an empty object": answers(200, b"[{}]"),
    "a detail": answers(200, b'{"detail": "an error with the status of a success"}'),
    "a text": answers(200, b'"yes"'),
    "a number": answers(200, b"1"),
    "a web page": answers(200, PAGE, "text/html"),
    "half of JSON": answers(200, b'{"thread_id": "0'),
    "no UTF-8": answers(200, b'{"a": "\xff\xfe"}'),
    "JSON that is too deep": answers(200, DEEP),
    "lists in the place of texts": answers(
        200, b'[{"thread_id": [1], "run_id": {"a": 1}, "status": 5, "metadata": "x"}]'
    ),
}
"""Faults that take no time. Each has a name that goes into the name of a test."""

SLOW_FAULTS: Mapping[str, Fault] = {
    "silent": Fault(_silent, needs_answer=False),
    "silent after the work": Fault(_silent),
    "silent after the head": Fault(_silent_body),
    "a head that drips": Fault(_dripping(0)),
    "a body that drips": Fault(_dripping(1)),
}


@contextmanager
def faulty_server(upstream: str) -> Iterator[Faulty]:
    """Pass on what comes to `upstream`, but for what is to go wrong."""
    faulty = Faulty()
    address = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 0

        def _answer(self) -> None:
            with suppress(OSError, http.client.HTTPException):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                call = f"{self.command} {urlsplit(self.path).path}"
                faulty.calls.append(call)
                fault = faulty.fault
                if fault is None or faulty.count >= faulty.times or not faulty.hits(call):
                    self._pass_on(body)
                    return
                faulty.count += 1
                self.close_connection = True
                answer = self._real(body) if fault.needs_answer else Answer(0, {}, b"")
                fault.do(self.connection, answer, faulty.ended)

        def _request(self, connection: http.client.HTTPConnection, body: bytes) -> http.client.HTTPResponse:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
            connection.request(self.command, self.path, body, {**headers, "connection": "close"})
            return connection.getresponse()

        def _real(self, body: bytes) -> Answer:
            with closing(http.client.HTTPConnection(address)) as connection:
                answer = self._request(connection, body)
                kind = answer.getheader("content-type") or ""
                # A stream's beginning is enough to go wrong.
                content = answer.read1(65536) if kind.startswith("text/event-stream") else answer.read()
                return Answer(answer.status, {"content-type": kind}, content)

        def _pass_on(self, body: bytes) -> None:
            with closing(http.client.HTTPConnection(address)) as connection:
                answer = self._request(connection, body)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                self.close_connection = True
                self.send_header("connection", "close")
                self.end_headers()
                while piece := answer.read1(65536):
                    self.connection.sendall(piece)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_CONNECT = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    serving = Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    faulty.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield faulty
    finally:
        faulty.ended.set()
        running.shutdown()
        serving.join(10)
        running.server_close()
        time.sleep(0)

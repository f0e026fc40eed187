"""What the embedded server's access check costs: the same tiny app behind it and without it, each in a process of its own.

A new connection is a request on it, from connecting to the answer; who opened it is looked up once. Knows no LangGraph.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import perf_counter, sleep
from typing import Any

from benchmarks.bench import Bench
from benchmarks.samples import Line, Samples, difference, in_turns

__all__ = ["app", "lines"]

ROUNDS = 300
WARM_UP = 30
NEW, KEPT = 1.0, 0.1  # ms
SERVE = """
import sys, uvicorn
from lg_magics.local.access import Access, wrap_uvicorn
if sys.argv[2] == "on":
    wrap_uvicorn(Access("key"))
uvicorn.run("benchmarks.access:app", host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer `ok`."""
    if scope["type"] == "http":
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


def lines(bench: Bench) -> list[Line]:
    bench.say(f"access: {ROUNDS} requests with and without the check, on new connections and on one that is kept")
    with _served("on") as checked, _served("off") as open_:
        kept = {name: HTTPConnection("127.0.0.1", port) for name, port in (("on", checked), ("off", open_))}
        taken = in_turns(
            {
                "new on": lambda: _new(checked),
                "new off": lambda: _new(open_),
                "kept on": lambda: _asked(kept["on"]),
                "kept off": lambda: _asked(kept["off"]),
            },
            ROUNDS,
            warm_up=WARM_UP,
        )
        for each in kept.values():
            each.close()
    return [
        _line("access check, new connection", taken["new on"], taken["new off"], NEW),
        _line("    each request", taken["kept on"], taken["kept off"], KEPT),
    ]


def _line(name: str, on: Samples, off: Samples, limit: float) -> Line:
    is_within = on.median - off.median <= limit
    return Line(name, str(on), f"{off} without it", difference(on, off), f"+{limit} ms", is_within)


def _new(port: int) -> float:
    began = perf_counter()
    connection = HTTPConnection("127.0.0.1", port)
    _asked(connection)
    took = perf_counter() - began
    connection.close()
    return took * 1000


def _asked(connection: HTTPConnection) -> float:
    began = perf_counter()
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"ok")
    return (perf_counter() - began) * 1000


@contextmanager
def _served(check: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port), check])
    try:
        while process.poll() is None:
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()

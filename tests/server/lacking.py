"""A deployment that lacks calls or fields: the real server, behind one that refuses some calls and leaves some fields out.

Knows HTTP and the shapes of the server's rows; knows nothing of lg_magics.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Lacking", "lacking_server"]

BODIES = {
    404: '{"detail": "Not Found"}',
    429: '{"detail": "Too Many Requests"}',
    405: "Method Not Allowed",
    501: "<html><body>Not Implemented</body></html>",
    503: "Service Unavailable",
}
END = b"event: end\r\ndata: null\r\n\r\n"


@dataclass
class Lacking:
    """What is lacking now; may be changed while the server runs.

    Attributes:
        refused: the calls that are refused, `POST /runs/crons.*`, each with its status.
        dropped: the fields that are left out of each row, at its top level.
        ignored: by call, `POST /threads/search`, the fields of its request that the server does not see.
        says_interrupted: whether a run that pauses for a person ends as `interrupted`, not as `success`.
        ends_streams: whether a stream's last event is `end`.
        later: the `Retry-After` of refusals, in seconds; None to leave it out.
        judges: the status and the words that a call is refused with, by what was sent; None if it is not refused.
        document: what the deployment's OpenAPI document says in place of the real one.
        instead: what something else answers to a call, as status, content type and body; None to pass it on.
        loses: whether a call's answer is lost, after the real server has done what it asks.
        asked: every request, with its query, and its JSON.
        keeps_texts: whether the end of a cron is kept as the text that was sent, as LangGraph's own in-memory server does.
    """

    url: str = ""
    refused: Mapping[str, int] = field(default_factory=dict)
    dropped: Collection[str] = ()
    ignored: Mapping[str, Collection[str]] = field(default_factory=dict)
    says_interrupted: bool = False
    ends_streams: bool = False
    keeps_texts: bool = False
    later: float | None = None
    judges: Callable[[str, Any], tuple[int, str] | None] = lambda call, sent: None
    document: Callable[[dict[str, Any]], object] = lambda real: real
    instead: Callable[[str], tuple[int, str, bytes] | None] = lambda call: None
    loses: Callable[[str], bool] = lambda call: False

    asked: list[tuple[str, Any]] = field(default_factory=list)
    cuts: int = field(default=0, init=False)

    def cut_streams(self) -> None:
        """Break off every stream that is open, at its next piece."""
        self.cuts += 1

    def status_of(self, call: str) -> int | None:
        """The status that a call is refused with; None if it is not."""
        return next((status for pattern, status in self.refused.items() if re.fullmatch(pattern, call)), None)

    def seen(self, call: str, sent: bytes) -> bytes:
        """What the real server sees of a request."""
        names = [name for pattern, named in self.ignored.items() if re.fullmatch(pattern, call) for name in named]
        body = json.loads(sent) if names and sent else None
        if not isinstance(body, dict):
            return sent
        return json.dumps({name: value for name, value in body.items() if name not in names}).encode()

    def changed(self, answer: Any, sent: bytes, ask: Callable[[str], Any]) -> Any:
        """What becomes of an answer to what was sent; `ask` asks the real server."""
        if self.keeps_texts and isinstance(answer, dict) and answer.get("cron_id") and answer.get("end_time"):
            answer["end_time"] = json.loads(sent).get("end_time")
        rows = answer if isinstance(answer, list) else [answer]
        if isinstance(answer, dict) and isinstance(answer.get("items"), list):
            rows = answer["items"]
        for row in rows:
            if isinstance(row, dict):
                if self.says_interrupted and _is_pause(row, ask):
                    row["status"] = "interrupted"
                for name in self.dropped:
                    row.pop(name, None)
        return answer


def _is_pause(row: Mapping[str, Any], ask: Callable[[str], Any]) -> bool:
    if "run_id" not in row or row.get("status") != "success":
        return False
    thread = f"/threads/{row['thread_id']}"
    newest = ask(f"{thread}/runs?limit=1")[0]["run_id"]
    return bool(newest == row["run_id"] and ask(thread)["status"] == "interrupted")


@contextmanager
def lacking_server(upstream: str) -> Iterator[Lacking]:
    """Serve what `upstream` serves, but for what is lacking."""
    lacking = Lacking()
    address = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            with suppress(ConnectionError):  # the client may not want the response any more
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                call = f"{self.command} {urlsplit(self.path).path}"
                sent = json.loads(body) if body else None
                lacking.asked.append((f"{self.command} {self.path}", sent))
                refusal = lacking.judges(call, sent)
                body = lacking.seen(call, body)
                status = lacking.status_of(call)
                if other := lacking.instead(call):
                    self._send(*other)
                elif refusal is not None:
                    self._send(
                        refusal[0], "application/json", json.dumps({"detail": refusal[1]}).encode(), lacking.later
                    )
                elif status is None:
                    self._forward(body)
                else:
                    kind = "application/json" if status in (404, 429) else "text/plain"
                    self._send(status, kind, BODIES[status].encode(), lacking.later)

        def _forward(self, body: bytes) -> None:
            with closing(http.client.HTTPConnection(address)) as connection:
                headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
                connection.request(self.command, self.path, body, {**headers, "connection": "close"})
                answer = connection.getresponse()
                if lacking.loses(f"{self.command} {urlsplit(self.path).path}"):
                    self.close_connection = True
                    return
                kind = answer.getheader("content-type") or ""
                if kind.startswith("text/event-stream"):
                    self._pass_on(answer)
                elif kind.startswith("application/json") and answer.status < 300:
                    said = json.loads(answer.read())
                    is_document = self.path == "/openapi.json"
                    changed = lacking.document(said) if is_document else lacking.changed(said, body, _ask)
                    self._send(answer.status, kind, json.dumps(changed).encode())
                else:
                    self._send(answer.status, kind, answer.read())

        def _send(self, status: int, kind: str, body: bytes, later: float | None = None) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            if later is not None:
                self.send_header("retry-after", f"{later:g}")
            self.end_headers()
            self.wfile.write(body)

        def _pass_on(self, answer: http.client.HTTPResponse) -> None:
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.end_headers()
            count = lacking.cuts
            while lacking.cuts == count and (piece := answer.read1()):
                self.wfile.write(piece)
                self.wfile.flush()
            if lacking.ends_streams:
                self.wfile.write(END)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def _ask(path: str) -> Any:
        with closing(http.client.HTTPConnection(address)) as connection:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    lacking.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield lacking
    finally:
        running.shutdown()
        thread.join(10)
        running.server_close()

"""Requests to the embedded server's process, beside its HTTP: serve a graph, return the current version.

A request is one JSON object on a loopback socket, and so is its response. Both sides prove that they know a secret from
a file that only this user can read (see `multiprocessing.connection`); nothing is ever unpickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import Any

from lg_magics.errors import LocalServerError
from lg_magics.local.folder import Folder

__all__ = ["ask", "listen"]

FILE = "control.json"
HOST = "127.0.0.1"
ANSWERS_WITHIN = 10.0  # seconds

Handler = Callable[[Mapping[str, Any]], dict[str, Any]]


def listen(folder: Folder, handle: Handler) -> None:
    """Answer requests, each on a separate thread, while this process runs."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind((HOST, 0))
    server.listen()
    key = secrets.token_bytes(32)
    _write(folder, {"port": server.getsockname()[1], "key": key.hex(), "pid": os.getpid()})
    threading.Thread(target=_accept, args=(server, key, handle), name="lg_magics control", daemon=True).start()


def _write(folder: Folder, content: Mapping[str, Any]) -> None:
    part = folder.path / f"{FILE}.part"
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(part, folder.path / FILE)


def _accept(server: socket.socket, key: bytes, handle: Handler) -> None:
    while True:
        try:
            accepted, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(accepted, key, handle), daemon=True).start()


def _answer(accepted: socket.socket, key: bytes, handle: Handler) -> None:
    accepted.settimeout(None)
    with contextlib.suppress(OSError, EOFError, AuthenticationError, ValueError), Connection(accepted.detach()) as peer:
        deliver_challenge(peer, key)
        answer_challenge(peer, key)
        request = json.loads(peer.recv_bytes(1 << 28))
        try:
            answer = handle(request)
        except Exception as problem:  # noqa: BLE001 - the asking side raises it
            answer = {"error": f"{type(problem).__name__}: {problem}", "kind": type(problem).__name__}
        peer.send_bytes(json.dumps(answer).encode())


def ask(folder: Folder, request: Mapping[str, Any], *, timeout: float | None = ANSWERS_WITHIN) -> dict[str, Any]:
    """Send a request to the server of a folder and wait for its response.

    Args:
        folder: The server's runtime folder.
        request: A JSON object; `do` names the operation.
        timeout: Seconds to wait for the response; None for no limit.

    Raises:
        LocalServerError: The server does not answer.
    """
    where = folder.read(FILE)
    if not where:
        raise LocalServerError("The embedded server takes no graphs of notebooks.", hint="%lg_connect local --fresh")
    try:
        opened = socket.create_connection((HOST, where["port"]), timeout=ANSWERS_WITHIN)
        opened.settimeout(None)
        with Connection(opened.detach()) as peer:
            answer_challenge(peer, bytes.fromhex(where["key"]))
            deliver_challenge(peer, bytes.fromhex(where["key"]))
            peer.send_bytes(json.dumps(request).encode())
            if not peer.poll(timeout):
                raise LocalServerError(f"The embedded server did not answer within {timeout:.0f} s.")
            return dict(json.loads(peer.recv_bytes()))
    except (OSError, EOFError, AuthenticationError, ValueError) as problem:
        raise LocalServerError(
            f"The embedded server does not answer: {problem or type(problem).__name__}.", hint="%lg_connect local"
        ) from problem

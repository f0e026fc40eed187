"""One address before several processes of a deployment: each connection goes to the next of them. Knows no HTTP."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

__all__ = ["balanced"]

PIECE = 65_536


@contextmanager
def balanced(urls: Sequence[str]) -> Iterator[str]:
    """The address that shares its connections out among these."""
    listening = socket.create_server(("127.0.0.1", 0))
    upstreams = itertools.cycle([(urlsplit(url).hostname or "", urlsplit(url).port or 80) for url in urls])
    open_sockets = [listening]

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(next(upstreams))
                open_sockets.extend((client, server))
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_pass, args=(source, target), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        for each in open_sockets:
            each.close()


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes, until either side is closed."""
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)

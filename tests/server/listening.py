"""Counts what a session asks of its deployment."""

from __future__ import annotations

from collections import Counter

import httpx
from background_reads import read_ahead

from lg_magics.session import Session

__all__ = ["requests_of"]


def requests_of(session: Session, *, is_sync: bool = False) -> Counter[str]:
    """What is asked on the background loop from now on, and with `is_sync` elsewhere too: `GET runs/*` …, ids left out.

    What the session would read in the background is read before.
    """
    read_ahead(session)
    asked: Counter[str] = Counter()

    def count(request: httpx.Request) -> None:
        path = "/".join("*" if "-" in each else each for each in request.url.path.split("/"))
        asked[f"{request.method} {path}"] += 1

    async def note(request: httpx.Request) -> None:
        count(request)

    async def listen() -> None:
        for client in (session.connection.polls, session.connection.streams):
            client.http.client.event_hooks["request"].append(note)

    session.loop.wait(listen())
    if is_sync:
        session.connection.sync.http.client.event_hooks["request"].append(count)
    return asked

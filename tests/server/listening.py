"""Counts what a session asks of its deployment on the background loop."""

from __future__ import annotations

from collections import Counter

import httpx

from lg_magics.session import Session

__all__ = ["requests_of"]


def requests_of(session: Session) -> Counter[str]:
    """What is asked on the background loop from now on: `GET runs/*` …, ids left out."""
    asked: Counter[str] = Counter()

    async def note(request: httpx.Request) -> None:
        path = "/".join("*" if "-" in each else each for each in request.url.path.split("/"))
        asked[f"{request.method} {path}"] += 1

    async def listen() -> None:
        for client in (session.connection.polls, session.connection.streams):
            client.http.client.event_hooks["request"].append(note)

    session.loop.wait(listen())
    return asked

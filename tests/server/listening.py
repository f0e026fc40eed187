"""Counts what a session asks of its deployment."""

from __future__ import annotations

from collections import Counter

import httpx

from lg_magics.commands.schema_cache import known_schemas
from lg_magics.session import Session

__all__ = ["requests_of"]


def requests_of(session: Session, *, is_sync: bool = False) -> Counter[str]:
    """What is asked on the background loop from now on, and with `is_sync` elsewhere too: `GET runs/*` …, ids left out.

    The schemas that a connection reads in the background, a second later, are read before: nothing asks for them from now on.
    """
    if assistant := session.selection.assistant:
        known_schemas(session, assistant, wait=True, patience=120)
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

"""What the server says of many threads in few words, from any deployment. Must not depend on the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from lg_magics.errors import InvalidRequest, NotFound, Unsupported
from lg_magics.model.records import ThreadRecord

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["thread_words"]

AT_ONCE = 16


async def thread_words(
    connection: Connection, ids: Sequence[str], *, extract: Mapping[str, str] | None = None
) -> dict[str, ThreadRecord]:
    """The same as `by_ids` from any deployment: each thread that a search does not find is asked for itself.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    threads = connection.background.threads
    found: dict[str, ThreadRecord] = {}
    with suppress(Unsupported, InvalidRequest, NotFound):
        found = await threads.by_ids(ids, extract=extract)
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(thread_id: str) -> ThreadRecord | None:
        try:
            async with at_once:
                return await threads.get(thread_id)
        except NotFound:
            return None

    rows = await asyncio.gather(*(read(each) for each in ids if each not in found))
    return {**found, **{row.thread_id: _with_extracted(row, extract or {}) for row in rows if row}}


def _with_extracted(row: ThreadRecord, extract: Mapping[str, str]) -> ThreadRecord:
    """A thread's own row with what a search would have extracted from its metadata."""
    if not extract or "metadata" not in row:
        return row
    return ThreadRecord(
        {**row, "extracted": {name: row.metadata.get(path.removeprefix("metadata.")) for name, path in extract.items()}}
    )

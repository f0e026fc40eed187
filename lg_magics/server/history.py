"""A thread's history in pages that fit a byte budget. Knows the wire; knows nothing of what an entry means.

Every entry is a full snapshot and `select` is ignored (langgraph-api 0.16), so the bytes are the cost: a thread that grows by
400 bytes a step is 197 MB after 1,000 steps. The first page is small, and tells how large the others may be. It is no single
entry: each call costs the in-memory server a third of a second on such a thread, whatever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["BUDGET", "history_pages"]

BUDGET = 4_000_000
FEATURE = "history of threads"
MOST = 1000
FIRST = 11


def history_pages(
    connection: Connection, thread_id: str, *, limit: int | None, before: str | None = None
) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Pages of a thread's history, newest first, each with its bytes.

    Args:
        connection: to the deployment.
        thread_id: whose history.
        limit: at most so many entries; None for all.
        before: only those older than this checkpoint.

    Raises:
        NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses.
    """
    left, size, cursor = limit, FIRST, before
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        page, received = _page(connection, thread_id, wanted, cursor)
        if page:
            yield page, received
        if len(page) < wanted:
            return
        cursor = _checkpoint_id(page[-1])
        left = None if left is None else left - len(page)
        size = max(1, min(MOST, BUDGET * len(page) // max(received, 1)))


def _page(connection: Connection, thread_id: str, limit: int, before: str | None) -> tuple[list[dict[str, Any]], int]:
    """One page. `before` works only as a config: a text is a 422, a Checkpoint a 500."""
    payload: dict[str, Any] = {"limit": limit}
    if before:
        payload["before"] = {"configurable": {"checkpoint_id": before}}
    sizes: list[int] = []
    with connection.doing(
        "read the history", missing=f"thread {thread_id}", hint="%lg_threads lists them.", feature=FEATURE
    ):
        found = connection.sync.http.post(
            f"/threads/{thread_id}/history",
            json=payload,
            on_response=lambda response: sizes.append(len(response.content)),
        )
    return [dict(entry) for entry in found], sizes[0]


def _checkpoint_id(entry: Mapping[str, Any]) -> str:
    checkpoint = entry.get("checkpoint") or {}
    return str(checkpoint.get("checkpoint_id") or entry.get("checkpoint_id") or "")

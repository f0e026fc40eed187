"""A thread's history in pages that fit a byte budget. Knows the wire; knows nothing of what an entry means.

Every entry is a full snapshot and `select` is ignored (langgraph-api 0.16), so the bytes are the cost: a thread that grows by
400 bytes a step is 197 MB after 1,000 steps. The first page is small, and tells how large the others may be. It is no single
entry: each call costs the in-memory server a third of a second on such a thread, whatever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError, NotFound, Unreachable

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["BUDGET", "entries_of_run", "entries_of_run_behind", "history_pages"]

BUDGET = 4_000_000
FEATURE = "history of threads"
MOST = 1000
FIRST = 11
LOOKED_THROUGH = 200
"""Of a deployment that does not find a run's checkpoints by its id, so many of the thread's newest are looked through."""

Entry = dict[str, Any]


def history_pages(
    connection: Connection, thread_id: str, *, limit: int | None, before: str | None = None
) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Pages of a thread's history, newest first, each with its bytes; no checkpoint comes twice.

    A server that ignores `before` gives the newest ones each time: it is asked for more of them, up to 1000.

    Args:
        connection: to the deployment.
        thread_id: whose history.
        limit: at most so many entries; None for all.
        before: only those older than this checkpoint.

    Raises:
        NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses.
    """
    left, size, cursor = limit, FIRST, before
    seen: set[str] = set()
    repeated = 0  # how many known ones the next page begins with
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        asked = min(MOST, wanted + repeated)
        page, received = _page(connection, thread_id, asked, cursor)
        new = [entry for entry in page if _checkpoint_id(entry) not in seen][:wanted]
        if new:
            yield new, received
        seen.update(map(_checkpoint_id, new))
        is_ignored = bool(page) and len(new) < min(len(page), wanted)
        if len(page) < asked or not (cursor := _checkpoint_id(page[-1])) or (repeated and not new):
            return
        repeated = len(seen) if is_ignored or repeated else 0
        left = None if left is None else left - len(new)
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


# -- the checkpoints of one run -----------------------------------------------------------------------------------


def entries_of_run(
    connection: Connection, thread_id: str, run_id: str, *, limit: int, namespace: str = ""
) -> list[Entry]:
    """The checkpoints that a run left on its thread, newest first.

    Args:
        connection: to the deployment.
        thread_id: its thread.
        run_id: the run.
        limit: at most so many.
        namespace: those of this subgraph's checkpoint namespace; the graph's own otherwise.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    search = _Search(run_id, limit, namespace)
    while (payload := search.payload) is not None:
        try:
            with connection.doing("read what the run left", missing=f"thread {thread_id}"):
                page = connection.sync.http.post(f"/threads/{thread_id}/history", json=payload)
        except DeploymentError as problem:
            search.refused(problem)
        else:
            search.add(page)
    return search.found


async def entries_of_run_behind(connection: Connection, thread_id: str, run_id: str, *, limit: int) -> list[Entry]:
    """The same on the background loop."""
    search = _Search(run_id, limit, "")
    while (payload := search.payload) is not None:
        try:
            with connection.doing("read what the run left", missing=f"thread {thread_id}"):
                page = await connection.polls.http.post(f"/threads/{thread_id}/history", json=payload)
        except DeploymentError as problem:
            search.refused(problem)
        else:
            search.add(page)
    return search.found


class _Search:
    """Which page to ask for next; None when all is found. Asks for nothing itself.

    A server may ignore the filter by metadata, or fail at it: then the thread's newest checkpoints are looked through.
    """

    def __init__(self, run_id: str, limit: int, namespace: str) -> None:
        self.found: list[Entry] = []
        self._run_id = run_id
        self._limit = limit
        self._inside: Entry = {"checkpoint": {"checkpoint_ns": namespace}} if namespace else {}
        self._is_filtered = True
        self._looked_through = 0
        self.payload: Entry | None = {"limit": limit, "metadata": {"run_id": run_id}, **self._inside}

    def refused(self, problem: DeploymentError) -> None:
        if not self._is_filtered or isinstance(problem, NotFound | Unreachable):
            raise problem
        self._look_through()

    def add(self, page: list[Entry]) -> None:
        own = [dict(entry) for entry in page if self._is_own(entry)]
        if self._is_filtered and len(own) < len(page):
            return self._look_through()
        self.found += own[: self._limit - len(self.found)]
        self._looked_through += len(page)
        is_last = self._is_filtered or len(page) < FIRST or self._looked_through >= LOOKED_THROUGH
        if is_last or len(self.found) == self._limit or (self.found and not own):
            self.payload = None
        else:
            before = {"configurable": {"checkpoint_id": _checkpoint_id(page[-1])}}
            self.payload = {"limit": FIRST, "before": before, **self._inside}
        return None

    def _look_through(self) -> None:
        self._is_filtered = False
        self.payload = {"limit": FIRST, **self._inside}

    def _is_own(self, entry: Mapping[str, Any]) -> bool:
        """Whether a checkpoint is the run's; one that names no run was found by the filter alone."""
        metadata = entry.get("metadata")
        named = metadata.get("run_id") if isinstance(metadata, Mapping) else None
        return named == self._run_id or (named is None and self._is_filtered)

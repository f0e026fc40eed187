"""Read a thread's history in pages that fit a byte budget. Must not depend on the meaning of an entry.

Every entry is a full snapshot and `select` is ignored (langgraph-api 0.16), so the bytes are the cost: a thread that grows by
400 bytes a step is 197 MB after 1,000 steps. The first page is small, and its size sets the length of the others. It holds more
than one entry: each call costs the in-memory server a third of a second on such a thread, regardless of its length.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from typing import Any

from lg_magics.errors import DeploymentError, NotFound, Unreachable, Unsupported
from lg_magics.model.records import StateRecord, records_of
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.paging import BUDGET, MOST, Page

__all__ = ["History"]

FIRST = 11
BRANCHES = 10
GREGORIAN = 0x01B21DD213814000  # 100 ns units between the origin of UUID time and the epoch
LOOKED_THROUGH = 200
"""The number of newest checkpoints to scan where a deployment cannot find a run's checkpoints by its id."""


class History(Resource[M]):
    """`connection.history`."""

    async def _page(self, thread_id: str, payload: Mapping[str, Any], doing: str, **words: Any) -> Page[StateRecord]:
        """Read one page. `before` works only as a config: a text is a 422, a Checkpoint a 500."""
        sizes: list[int] = []
        rows = await self._ask(
            lambda sdk: sdk.http.post(
                f"/threads/{thread_id}/history",
                json=dict(payload),
                on_response=lambda response: sizes.append(len(response.content)),
            ),
            partial(records_of, StateRecord),
            doing,
            missing=f"thread {thread_id}",
            **words,
        )
        if "checkpoint" in payload and any(row.mapping("checkpoint").get("checkpoint_ns") == "" for row in rows):
            raise Unsupported(f"{self._connection.url} gives no history of subgraphs.")
        return Page(rows, sizes[0])

    @paged
    async def pages(
        self, thread_id: str, *, limit: int | None = None, before: str | None = None, namespace: str = ""
    ) -> AsyncGenerator[Page[StateRecord], None]:
        """Iterate over a thread's history in pages, newest first; no checkpoint comes twice.

        A server that ignores `before` returns the newest ones each time. It is then sent larger limits, up to 1000.

        Args:
            thread_id: the thread.
            limit: the maximum number of checkpoints; None for all.
            before: return only checkpoints older than this one.
            namespace: the checkpoint namespace of a subgraph; "" for the graph itself.

        Raises:
            NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses the request.
        """
        left, size, cursor = limit, FIRST, before
        seen: set[str] = set()
        repeated = 0  # how many known checkpoints the next page begins with
        while left is None or left > 0:
            wanted = size if left is None else min(size, left)
            asked = min(MOST, wanted + repeated)
            payload = {"limit": asked, **({"before": _before(cursor)} if cursor else {}), **_inside(namespace)}
            page = await self._page(
                thread_id, payload, "read the history", hint="%lg_threads lists them.", feature="history of threads"
            )
            new = [entry for entry in page.rows if entry.checkpoint_id not in seen][:left]
            if new:
                yield Page(new, page.bytes)
            seen.update(entry.checkpoint_id for entry in new)
            is_ignored = bool(page.rows) and len(new) < min(len(page.rows), wanted)
            if len(page.rows) < asked or not (cursor := page.rows[-1].checkpoint_id) or (repeated and not new):
                return
            repeated = len(seen) if is_ignored or repeated else 0
            left = None if left is None else left - len(new)
            size = max(1, min(MOST, BUDGET * len(page.rows) // max(page.bytes, 1)))

    @call
    async def of_run(self, thread_id: str, run_id: str, *, limit: int, namespace: str = "") -> list[StateRecord]:
        """Return the checkpoints that a run left on its thread, newest first.

        Args:
            thread_id: its thread.
            run_id: the run.
            limit: the maximum number of checkpoints.
            namespace: the checkpoint namespace of a subgraph; "" for the graph itself.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        return await self._of_run(thread_id, run_id, limit, namespace)

    @call
    async def last_of_run(self, thread_id: str, run_id: str) -> StateRecord | None:
        """Return the last checkpoint of a run: the state at its end. None if it left none.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        return next(iter(await self._of_run(thread_id, run_id, 1)), None)

    @call
    async def last_values(self, thread_id: str, run_id: str) -> Any:
        """Return the state's values at a run's end, even if other runs followed on the thread; None if it left no checkpoint.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        found = await self._of_run(thread_id, run_id, 1)
        return found[0].get("values") if found else None

    @call
    async def at_step(self, thread_id: str, step: int, *, namespace: str = "") -> list[StateRecord]:
        """Return the checkpoints with this step number, one for each branch; empty where the server cannot find them.

        Args:
            thread_id: the thread.
            step: the step's number.
            namespace: the checkpoint namespace of a subgraph; "" for the graph itself.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        payload = {"limit": BRANCHES, "metadata": {"step": step}, **_inside(namespace)}
        page = await self._page(thread_id, payload, "read the step")
        return [entry for entry in page.rows if entry.metadata.get("step") == step]

    @call
    async def newest_at(self, thread_id: str, seconds: float, *, limit: int, namespace: str = "") -> list[StateRecord]:
        """Return the newest checkpoints of a thread at a moment, newest first. A server may ignore the moment.

        This is the cheapest request for one checkpoint of many: the in-memory server does not read newer ones.

        Args:
            thread_id: the thread.
            seconds: the moment, in seconds since the epoch, on the server's clock.
            limit: the maximum number of checkpoints.
            namespace: the checkpoint namespace of a subgraph; "" for the graph itself.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        inside = {"checkpoint": {"checkpoint_ns": namespace}} if namespace else {}
        payload = {"limit": limit, "before": _before(_id_at(seconds)), **inside}
        return list((await self._page(thread_id, payload, "read the step")).rows)

    async def _of_run(self, thread_id: str, run_id: str, limit: int, namespace: str = "") -> list[StateRecord]:
        search = _Search(run_id, limit, namespace)
        while (payload := search.payload) is not None:
            try:
                page = await self._page(thread_id, payload, "read what the run left")
            except DeploymentError as problem:
                search.refused(problem)
            else:
                search.add(page.rows)
        return search.found


def _id_at(seconds: float) -> str:
    """Return the largest id of a checkpoint made until this moment: ids are UUIDs of version 6, which begin with the time.

    >>> _id_at(0)
    '1b21dd21-3814-6000-ffff-ffffffffffff'
    """
    time = f"{int(seconds * 10_000_000) + GREGORIAN:015x}"
    return f"{time[:8]}-{time[8:12]}-6{time[12:]}-ffff-ffffffffffff"


def _before(checkpoint_id: str) -> dict[str, Any]:
    return {"configurable": {"checkpoint_id": checkpoint_id}}


def _inside(namespace: str) -> dict[str, Any]:
    return {"checkpoint": {"checkpoint_ns": namespace}} if namespace else {}


class _Search:
    """Decide which page to request next; None when all is found. Makes no requests.

    A server may ignore the filter by metadata, or fail at it: then the search scans the thread's newest checkpoints.
    """

    def __init__(self, run_id: str, limit: int, namespace: str) -> None:
        self.found: list[StateRecord] = []
        self._run_id = run_id
        self._limit = limit
        self._inside = _inside(namespace)
        self._is_filtered = True
        self._looked_through = 0
        self.payload: dict[str, Any] | None = {"limit": limit, "metadata": {"run_id": run_id}, **self._inside}

    def refused(self, problem: DeploymentError) -> None:
        if not self._is_filtered or isinstance(problem, NotFound | Unreachable):
            raise problem
        self._scan_newest()

    def add(self, page: Sequence[StateRecord]) -> None:
        own = [entry for entry in page if self._is_own(entry)]
        if self._is_filtered and len(own) < len(page):
            return self._scan_newest()
        self.found += own[: self._limit - len(self.found)]
        self._looked_through += len(page)
        is_last = self._is_filtered or len(page) < FIRST or self._looked_through >= LOOKED_THROUGH
        if is_last or len(self.found) == self._limit or (self.found and not own):
            self.payload = None
        else:
            self.payload = {"limit": FIRST, "before": _before(page[-1].checkpoint_id), **self._inside}
        return None

    def _scan_newest(self) -> None:
        self._is_filtered = False
        self.payload = {"limit": FIRST, **self._inside}

    def _is_own(self, entry: StateRecord) -> bool:
        """Return whether a checkpoint is the run's. One that names no run was found by the filter only."""
        named = entry.metadata.get("run_id")
        return named == self._run_id or (named is None and self._is_filtered)

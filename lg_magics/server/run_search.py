"""Search for runs whose thread or id is unknown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import RunRecord, ThreadRecord, records_of
from lg_magics.server.calls import M, call
from lg_magics.server.capabilities import SEARCH_THREADS
from lg_magics.server.paging import MOST
from lg_magics.server.runs import NEWEST, Runs

__all__ = ["RunSearch"]

SLACK = 2.0  # seconds


class RunSearch(Runs[M]):
    """The rest of `connection.runs`."""

    @call
    async def tagged(self, thread_id: str | None, tag: Mapping[str, str]) -> RunRecord | None:
        """Return the run with this metadata, among a thread's newest or on a thread made for it; None if there is none.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        threads = [thread_id] if thread_id is not None else [row.thread_id for row in await self._made_for(tag)]
        rows = [row for each in threads for row in await self._newest(each, NEWEST)]
        return next((row for row in rows if tag.items() <= row.metadata.items()), None)

    async def _threads(self, **what: Any) -> list[ThreadRecord]:
        known = await self._known()
        given = {name: value for name, value in what.items() if name != "select" or known.takes(SEARCH_THREADS, name)}
        given["limit"] = min(given["limit"], known.most(SEARCH_THREADS))
        read = partial(records_of, ThreadRecord)
        return await self._ask(
            lambda sdk: sdk.threads.search(**given), read, "look for the run", feature="list of threads"
        )

    async def _made_for(self, tag: Mapping[str, str]) -> list[ThreadRecord]:
        return await self._threads(metadata=dict(tag), select=["thread_id"], limit=1)

    @call
    async def anywhere(self, run_id: str) -> RunRecord | None:
        """Find a run whose thread is unknown; None if it is not found.

        A run's id contains its launch time: only threads that existed then and have changed since may have it. The search reads
        at most 100 of them, among the 1000 most recently changed; first those created just before the launch.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        launched = _time_of(run_id)
        if launched is None:
            return None
        select = ["thread_id", "created_at", "updated_at"]
        rows = await self._threads(limit=MOST, select=select, sort_by="updated_at", sort_order="desc")
        for thread_id in _there_at(launched, rows):
            if row := await self._get(thread_id, run_id):
                return row
        return None


def _time_of(run_id: str) -> float | None:
    """Return the creation time in an id, in seconds since the epoch, if the id contains one (uuid7)."""
    identity = uuid.UUID(run_id)
    return (identity.int >> 80) / 1000 if identity.version == 7 else None


def _there_at(launched: float, rows: Sequence[ThreadRecord]) -> list[str]:
    """Return the threads that existed at that time and have changed since, newest first."""
    made = {row.thread_id: _seconds(row.created_at) for row in rows}
    changed = {row.thread_id: _seconds(row.updated_at) for row in rows}
    fitting = [each for each in made if made[each] <= launched + SLACK and changed[each] >= launched - SLACK]
    return sorted(fitting, key=made.__getitem__, reverse=True)[:NEWEST]


def _seconds(time: str) -> float:
    """Return a time of the server in seconds since the epoch; NaN, which fits nothing, if it is missing."""
    seconds = seconds_from_iso(time)
    return float("nan") if seconds is None else seconds

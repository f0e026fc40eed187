"""Runs of a deployment, by thread. A thread that is gone has none: it may have vanished a moment ago."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from lg_magics.errors import NotFound
from lg_magics.model.records import RunRecord, ThreadRecord, records_of
from lg_magics.server.calls import M, Resource, call
from lg_magics.server.paging import MOST, Listing, Page, listing

if TYPE_CHECKING:
    from langgraph_sdk.schema import RunSelectField

__all__ = ["NEWEST", "WITHOUT_INPUT", "Runs"]

NEWEST = 100
LIVE = ("pending", "running")
SLACK = 2.0  # seconds
WITHOUT_INPUT: list[RunSelectField] = ["run_id", "thread_id", "status", "metadata", "created_at", "updated_at"]
"""All that is asked for of many runs: their input may be large."""


class Runs(Resource[M]):
    """`connection.runs`."""

    @call
    async def create(
        self,
        thread_id: str | None,
        assistant: str,
        arguments: Mapping[str, Any],
        *,
        doing: str = "launch the run",
        missing: str = "",
        hint: str = "",
        feature: str = "",
    ) -> RunRecord:
        """Launch a run.

        Args:
            thread_id: where; None for a stateless run.
            assistant: a graph's name, or an assistant's id.
            arguments: the SDK's other arguments.
            doing: what is tried, for an error.
            missing: what a 404 means; see `server.errors.translated` for this and the next two.
            hint: what to type next then.
            feature: what a deployment without this call lacks.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return await self._ask(
            lambda sdk: sdk.runs.create(thread_id, assistant, **arguments),
            RunRecord,
            doing,
            missing=missing,
            hint=hint,
            feature=feature,
        )

    # -- lists --------------------------------------------------------------------------------------------------

    async def _page(self, limit: int, offset: int, *, thread_id: str, shown: str = "", **what: Any) -> Page[RunRecord]:
        return Page(
            await self._ask(
                lambda sdk: sdk.runs.list(thread_id, limit=limit, offset=offset, **what),
                partial(records_of, RunRecord),
                "list the runs",
                missing=f"thread {shown or thread_id}",
                hint="%lg_threads lists them.",
            )
        )

    async def _newest(self, thread_id: str, limit: int, **what: Any) -> list[RunRecord]:
        try:
            return list((await self._page(limit, 0, thread_id=thread_id, **what)).rows)
        except NotFound:
            return []

    @call
    async def search(
        self, thread_id: str, *, status: str | None = None, limit: int | None = None, offset: int = 0, shown: str = ""
    ) -> Listing[RunRecord]:
        """Runs of a thread, newest first.

        Args:
            thread_id: the thread; `shown` is what to call it in an error.
            status: only those with this word of the server.
            limit: at most so many; None for all.
            offset: after so many.
            shown: see `thread_id`.

        Raises:
            NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses.
        """
        fetch = partial(self._page, thread_id=thread_id, shown=shown, status=status)
        return await listing(fetch, _id, limit=limit, offset=offset)

    @call
    async def newest(
        self, thread_id: str, limit: int = NEWEST, *, select: Sequence[RunSelectField] | None = None
    ) -> list[RunRecord]:
        """A thread's newest runs, newest first; none of a thread that is gone. `select` names the fields to ask for.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return await self._newest(thread_id, limit, select=list(select) if select else None)

    @call
    async def live(self, thread_id: str) -> list[RunRecord]:
        """A thread's runs that have not ended, the queued ones first, each newest first; however many ran since.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return [row for word in LIVE for row in await self._newest(thread_id, MOST, status=word)]

    @call
    async def statuses(self, thread_id: str) -> dict[str, str]:
        """The server's word for each run of a thread (for the newest 1000), by run id; none of a thread that is gone.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return {row.run_id: row.status for row in await self._newest(thread_id, MOST, select=["run_id", "status"])}

    # -- one ----------------------------------------------------------------------------------------------------

    @call
    async def get(self, thread_id: str, run_id: str) -> RunRecord | None:
        """One run; None if it, or its thread, is not there.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return await self._get(thread_id, run_id)

    async def _get(self, thread_id: str, run_id: str) -> RunRecord | None:
        try:
            row = await self._ask(
                lambda sdk: sdk.runs.get(thread_id, run_id), RunRecord, "read the run", missing=f"run {run_id}"
            )
        except NotFound:
            return None
        return row if row.run_id == run_id else None

    @call
    async def tagged(self, thread_id: str | None, tag: Mapping[str, str]) -> RunRecord | None:
        """The run that carries this metadata: among a thread's newest, or on a thread that was made for it; None for none.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        threads = [thread_id] if thread_id is not None else [row.thread_id for row in await self._made_for(tag)]
        rows = [row for each in threads for row in await self._newest(each, NEWEST)]
        return next((row for row in rows if tag.items() <= row.metadata.items()), None)

    async def _threads(self, **what: Any) -> list[ThreadRecord]:
        read = partial(records_of, ThreadRecord)
        return await self._ask(
            lambda sdk: sdk.threads.search(**what), read, "look for the run", feature="list of threads"
        )

    async def _made_for(self, tag: Mapping[str, str]) -> list[ThreadRecord]:
        return await self._threads(metadata=dict(tag), select=["thread_id"], limit=1)

    @call
    async def anywhere(self, run_id: str) -> RunRecord | None:
        """A run of which nobody knows the thread; None if it is not found.

        A run's id tells when it was launched: only threads that were there then and have changed since may have it. Looked at
        are 100 of them at most, among the 1000 that changed last; first those that were made just before.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
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

    # -- its end ------------------------------------------------------------------------------------------------

    @call
    async def join(self, thread_id: str, run_id: str) -> Mapping[str, Any]:
        """Wait for a run's end; what its thread holds then, or the server's `__error__` or `__interrupt__`.

        The answer is the thread's, and not the run's: the run's own row has the last word.
        """
        return await self._ask(
            lambda sdk: sdk.runs.join(thread_id, run_id),
            lambda values: values if isinstance(values, Mapping) else {"values": values},
            "wait for a run",
            is_long=True,
        )

    @call
    async def cancel(
        self,
        thread_id: str,
        run_ids: Sequence[str],
        *,
        action: Literal["interrupt", "rollback"] = "interrupt",
        wait: bool = False,
        doing: str = "cancel the run",
    ) -> None:
        """Ask for the end of runs of one thread: those in its queue must not begin because the one before them was stopped.

        Raises:
            NotFound: none of them is live.
        """
        ids = list(run_ids)
        await self._ask(
            lambda sdk: (
                sdk.runs.cancel(thread_id, ids[0], wait=wait, action=action)
                if len(ids) == 1
                else sdk.runs.cancel_many(thread_id=thread_id, run_ids=ids, action=action)
            ),
            lambda _: None,
            doing,
            missing="live run",
        )


def _id(row: RunRecord) -> str:
    return row.run_id


def _time_of(run_id: str) -> float | None:
    """When an id was made, in seconds since the epoch, if it is of the kind that says so (uuid7)."""
    identity = uuid.UUID(run_id)
    return (identity.int >> 80) / 1000 if identity.version == 7 else None


def _there_at(launched: float, rows: Sequence[ThreadRecord]) -> list[str]:
    """The threads that were there at that time and have changed since, those made last first."""
    made = {row.thread_id: _seconds(row.created_at) for row in rows}
    changed = {row.thread_id: _seconds(row.updated_at) for row in rows}
    fitting = [each for each in made if made[each] <= launched + SLACK and changed[each] >= launched - SLACK]
    return sorted(fitting, key=made.__getitem__, reverse=True)[:NEWEST]


def _seconds(time: str) -> float:
    """A time of the server in seconds since the epoch; never, if it does not say."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return float("nan")

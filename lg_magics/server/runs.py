"""Runs of a deployment, by thread. A thread that is gone has none: it may have vanished a moment ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound
from lg_magics.model.records import RunRecord, StateRecord, ThreadRecord, records_of
from lg_magics.server.calls import M, Resource, call
from lg_magics.server.capabilities import CREATE_RUN, LIST_RUNS
from lg_magics.server.paging import Listing, Page

if TYPE_CHECKING:
    from langgraph_sdk.schema import RunSelectField

__all__ = ["NEWEST", "WITHOUT_INPUT", "Runs"]

NEWEST = 100
LIVE = ("pending", "running")
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
        """Launch a run. What the deployment is known to ignore is noted (see `server.capabilities`).

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
        known = await self._known()
        given = dict(arguments)
        if thread_id and given.get("if_not_exists") and not known.takes(CREATE_RUN, "if_not_exists"):
            await self._ask(
                lambda sdk: sdk.threads.create(thread_id=thread_id, if_exists="do_nothing"), ThreadRecord, doing
            )
        ask = partial(self._ask, read=RunRecord, doing=doing, missing=missing, hint=hint, feature=feature)
        try:
            return await ask(lambda sdk: sdk.runs.create(thread_id, assistant, **given))
        except InvalidRequest:
            start = given.pop("checkpoint_id", "")
            if not start and thread_id and _has_no_input(given):
                start = await self._head(thread_id)
            if not start or thread_id is None:
                raise
            again = {**given, "checkpoint": {"checkpoint_id": start, "checkpoint_ns": ""}}  # as some servers want it
            return await ask(lambda sdk: sdk.runs.create(thread_id, assistant, **again))

    async def _head(self, thread_id: str) -> str:
        """The id of a thread's newest checkpoint; "" if it has none."""
        try:
            state = await self._ask(lambda sdk: sdk.threads.get_state(thread_id), StateRecord, "read the state")
        except DeploymentError:
            return ""
        return state.checkpoint_id

    @call
    async def modes(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of these stream modes that the deployment takes."""
        taken = (await self._known()).words(CREATE_RUN, "stream_mode")
        return _shared(tuple(mode for mode in wanted if taken is None or mode in taken) or tuple(wanted))

    @call
    async def ignored(self, arguments: Mapping[str, Any], thread_id: str | None, ahead: Sequence[str]) -> list[str]:
        """A sentence on each option of a launch that the deployment ignored, once.

        Args:
            arguments: what was sent.
            thread_id: where.
            ahead: the runs that were live there: one that still is would have kept a run with `reject` away.
        """
        known = await self._known()
        if arguments.get("multitask_strategy") == "reject" and thread_id:
            rows = [await self._get(thread_id, run_id) for run_id in ahead]
            if any(row is not None and row.status in LIVE for row in rows):
                known.refuse(CREATE_RUN, "multitask_strategy")
        return [f"this deployment ignores {option}" for option in known.newly_ignored(CREATE_RUN, arguments)]

    # -- lists --------------------------------------------------------------------------------------------------

    async def _page(self, limit: int, offset: int, *, thread_id: str, shown: str = "", **what: Any) -> Page[RunRecord]:
        if not (await self._known()).takes(LIST_RUNS, "select"):
            what.pop("select", None)
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
        return await self._listing(LIST_RUNS, fetch, _id, limit=limit, offset=offset)

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
        most = (await self._known()).most(LIST_RUNS)
        return [row for word in LIVE for row in await self._newest(thread_id, most, status=word)]

    @call
    async def statuses(self, thread_id: str) -> dict[str, str]:
        """The server's word for each run of a thread (for the newest 1000), by run id; none of a thread that is gone.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        most = (await self._known()).most(LIST_RUNS)
        return {row.run_id: row.status for row in await self._newest(thread_id, most, select=["run_id", "status"])}

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

    @call
    async def delete(self, thread_id: str, run_id: str, shown: str = "") -> None:
        """Delete a run that has ended, with the checkpoints that it left.

        Raises:
            NotFound: no such run.
        """
        await self._ask(
            lambda sdk: sdk.runs.delete(thread_id, run_id),
            lambda _: None,
            "delete the run",
            missing=f"run {shown or run_id}",
            hint="%lg_runs lists them.",
        )


def _has_no_input(arguments: Mapping[str, Any]) -> bool:
    """Whether a run is to go on from the head: some servers want its checkpoint named."""
    return not any(arguments.get(name) for name in ("input", "command", "checkpoint_id"))


def _id(row: RunRecord) -> str:
    return row.run_id


@lru_cache(64)
def _shared(modes: tuple[str, ...]) -> tuple[str, ...]:
    """The same modes as one object, which each of thousands of runs holds."""
    return modes

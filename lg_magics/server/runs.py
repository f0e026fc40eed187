"""Runs of a deployment, by thread. A deleted thread has none: it may have vanished a moment ago."""

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
"""The fields to request of many runs: their input may be large."""


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
        """Launch a run. Options that the deployment is known to ignore are recorded (see `server.capabilities`).

        Args:
            thread_id: the thread; None for a stateless run.
            assistant: a graph's name, or an assistant's id.
            arguments: the SDK's other arguments.
            doing: the attempted operation, for errors.
            missing: what a 404 means; see `server.errors.translated` for this and the next two arguments.
            hint: what to type next after a 404.
            feature: the feature that a deployment without this call lacks.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
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
            again = {
                **given,
                "checkpoint": {"checkpoint_id": start, "checkpoint_ns": ""},
            }  # the form that some servers require
            return await ask(lambda sdk: sdk.runs.create(thread_id, assistant, **again))

    async def _head(self, thread_id: str) -> str:
        """Return the id of a thread's newest checkpoint; "" if it has none."""
        try:
            state = await self._ask(lambda sdk: sdk.threads.get_state(thread_id), StateRecord, "read the state")
        except DeploymentError:
            return ""
        return state.checkpoint_id

    @call
    async def modes(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return those of these stream modes that the deployment accepts."""
        taken = (await self._known()).words(CREATE_RUN, "stream_mode")
        return _shared(tuple(mode for mode in wanted if taken is None or mode in taken) or tuple(wanted))

    @call
    async def ignored(self, arguments: Mapping[str, Any], thread_id: str | None, ahead: Sequence[str]) -> list[str]:
        """Return a sentence for each launch option that the deployment ignored; each option is reported once.

        Args:
            arguments: the arguments that were sent.
            thread_id: the run's thread.
            ahead: the runs that were live there. If one still is, `reject` was ignored: it would have prevented this run.
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
        """Search runs of a thread, newest first.

        Args:
            thread_id: the thread; `shown` is its name in errors.
            status: only runs with this status of the server.
            limit: the maximum number of runs; None for all.
            offset: the number of runs to skip.
            shown: see `thread_id`.

        Raises:
            NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses the request.
        """
        fetch = partial(self._page, thread_id=thread_id, shown=shown, status=status)
        return await self._listing(LIST_RUNS, fetch, _id, limit=limit, offset=offset)

    @call
    async def newest(
        self, thread_id: str, limit: int = NEWEST, *, select: Sequence[RunSelectField] | None = None
    ) -> list[RunRecord]:
        """Return a thread's newest runs, newest first; empty for a deleted thread. `select` names the fields to request.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        return await self._newest(thread_id, limit, select=list(select) if select else None)

    @call
    async def live(self, thread_id: str) -> list[RunRecord]:
        """Return a thread's active runs, queued ones first, each newest first, regardless of how many ran since.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        most = (await self._known()).most(LIST_RUNS)
        return [row for word in LIVE for row in await self._newest(thread_id, most, status=word)]

    @call
    async def statuses(self, thread_id: str) -> dict[str, str]:
        """Return the status of each run of a thread (of the newest 1000), by run id; empty for a deleted thread.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        most = (await self._known()).most(LIST_RUNS)
        return {row.run_id: row.status for row in await self._newest(thread_id, most, select=["run_id", "status"])}

    # -- one ----------------------------------------------------------------------------------------------------

    @call
    async def get(self, thread_id: str, run_id: str) -> RunRecord | None:
        """Return one run; None if it, or its thread, does not exist.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
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
        """Wait for a run's end; return the thread's values then, or the server's `__error__` or `__interrupt__`.

        The response describes the thread, not the run: the run's own row decides its outcome.
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
        """Request the cancellation of runs of one thread. Queued runs must not start because the run before them was stopped.

        Raises:
            NotFound: none of them is active.
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
        """Delete a finished run, with the checkpoints that it left.

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
    """Return whether a run continues from the head: some servers then require the checkpoint."""
    return not any(arguments.get(name) for name in ("input", "command", "checkpoint_id"))


def _id(row: RunRecord) -> str:
    return row.run_id


@lru_cache(64)
def _shared(modes: tuple[str, ...]) -> tuple[str, ...]:
    """Return one shared tuple for equal modes, since thousands of runs hold one."""
    return modes

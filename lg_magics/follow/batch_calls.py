"""What one run of a batch asks of the deployment: its thread, its launch, its end. On the background loop; knows no card.

- A run is never launched twice. Its thread's id is made from its place in the batch, so that writing it again changes
  nothing; before each launch the thread is looked at, and the launch itself is refused by the server while a run is live.
- It is followed by one `join`, whose answer is the thread's and not the run's: the run's own row has the last word, and the
  thread says whether it paused (a pause is a `success` to the server, a breakpoint not even in the answer).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from lg_magics.errors import Conflict, DeploymentError, NotFound
from lg_magics.follow.follower import PLAIN_MODES
from lg_magics.follow.outcome import Outcome, confirm, seconds_from_iso
from lg_magics.follow.patience import is_hopeless, pause_after
from lg_magics.follow.thread_looks import ThreadLooks
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BATCH, CANCELLED, BatchPlan
from lg_magics.model.interrupts import interrupts_from_payload
from lg_magics.model.run_request import RunRequest
from lg_magics.model.run_view import LIVE, RunView, Status
from lg_magics.server.batches import RUN_FIELDS
from lg_magics.server.connection import Connection
from lg_magics.server.history import entries_of_run_behind

__all__ = ["BatchCalls", "Ended", "Row"]

T = TypeVar("T")
Row = Mapping[str, Any]
NAMESPACE = uuid.UUID("0d1a3f62-8f0c-5b8e-9a55-3a1f5f0e6b21")
NEWEST = 100
KEPT = ("success", "waiting")
GONE = "404: Run not found"
WORDS: Mapping[Status, str] = {
    "timeout": "The server stopped it at its time limit.",
    "deleted": "It is gone: deleted, rolled back, or lost with its server.",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run: `values` of one that succeeded or waits, `error` of any other; `seconds` by the server's clock."""

    status: Status
    values: Any = None
    error: str = ""
    seconds: float | None = None


class BatchCalls:
    """The calls of one batch's runs; the headers go with each launch."""

    def __init__(self, connection: Connection, plan: BatchPlan, headers: Mapping[str, str]) -> None:
        self.connection = connection
        self._plan = plan
        self._headers = headers
        self._looks = ThreadLooks(connection)

    async def write(self, entry: Entry) -> str:
        """Write an entry's thread, with all that is needed to go on with it; its id."""
        thread_id = str(
            uuid.uuid5(NAMESPACE, f"{self._plan.id}/{entry.row}/{entry.assistant}/{entry.attempt}"),
        )
        metadata = self._plan.thread_metadata(entry)

        async def ask() -> None:
            with self.connection.doing("write a row"):
                await self.connection.polls.threads.create(
                    thread_id=thread_id, metadata=metadata, if_exists="do_nothing"
                )

        await self._patiently(ask)
        return thread_id

    async def launch(self, entry: Entry) -> Row:
        """The server's row of an entry's run: of the one that is there, or of a new one.

        Raises:
            DeploymentError: the deployment does not answer, or refuses this one.
        """
        arguments = self._arguments(entry)
        is_again = False

        async def ask() -> Row:
            nonlocal is_again
            found = await self._find(entry) if is_again or await self._may_have_run(entry) else None
            if found is None:
                is_again = True
                with self.connection.doing("launch a run"):
                    found = dict(await self.connection.polls.runs.create(**arguments))
            return found

        try:
            return await self._patiently(ask)
        except Conflict:
            found = await self.find(entry)
            if found is None:
                raise
            return found

    async def _may_have_run(self, entry: Entry) -> bool:
        if not entry.thread_id:
            return False
        look = await self._looks.look(entry.thread_id)
        return look is None or look.may_have_run

    def _arguments(self, entry: Entry) -> dict[str, Any]:
        plan = self._plan
        request = RunRequest(
            plan.assistants[entry.assistant],
            entry.thread_id or None,
            plan.sent(entry),
            plan.config,
            plan.context,
            plan.run_metadata(entry),
            self._headers,
            multitask_strategy="reject" if entry.thread_id else "",
            is_kept=plan.stateless,
        )
        where = {"thread_id": request.thread_id, "assistant_id": request.assistant}
        return {**where, **request.arguments(), "stream_mode": list(PLAIN_MODES)}

    # -- a run that is there ------------------------------------------------------------------------------------

    async def find(self, entry: Entry) -> Row | None:
        """The server's row of an entry's run, if it was launched: by whomever."""
        return await self._patiently(lambda: self._find(entry))

    async def _find(self, entry: Entry) -> Row | None:
        thread_id = entry.thread_id or await self._thread_of(entry)
        if not thread_id:
            return None
        with self.connection.doing("list the runs of a row", missing=f"thread {thread_id}"):
            rows = await self.connection.polls.runs.list(thread_id, limit=NEWEST, select=RUN_FIELDS)
        own = next((dict(row) for row in reversed(rows) if _batch_of(row) == self._plan.id), None)
        if own is None or own["run_id"] == rows[0]["run_id"] or not await self._was_paused(own):
            return own
        return dict(rows[0])  # somebody answered: what came of that is what came of the row

    async def _thread_of(self, entry: Entry) -> str:
        """The thread that a stateless run made for itself; "" if there is none."""
        with self.connection.doing("look for a row"):
            found = await self.connection.polls.threads.search(
                metadata=self._plan.tags(entry), limit=1, select=["thread_id"]
            )
        return str(found[0]["thread_id"]) if found else ""

    async def _was_paused(self, row: Row) -> bool:
        return not _is_live(row) and bool((await self._left_by(row["thread_id"], row["run_id"])).get("next"))

    async def _left_by(self, thread_id: str, run_id: str) -> Row:
        """The last checkpoint of a run; an empty one if it left none."""
        history = await entries_of_run_behind(self.connection, thread_id, run_id, limit=1)
        return history[0] if history else {}

    # -- its end ------------------------------------------------------------------------------------------------

    async def end(self, row: Row) -> Ended:
        """Wait for a run's end, and say what became of it.

        Raises:
            DeploymentError: the deployment stopped answering, or refuses.
        """
        thread_id, run_id = row["thread_id"], row["run_id"]
        attempt = 0
        while True:
            joined = await self._joined(thread_id, run_id) if _is_live(row) else None
            outcome = await self._patiently(partial(self._confirmed, row, joined))
            if outcome.status not in LIVE:
                return await self._told(thread_id, run_id, outcome, joined)
            await asyncio.sleep(pause_after(attempt))
            attempt += 1

    async def _joined(self, thread_id: str, run_id: str) -> Row | None:
        """What the thread holds when the run has ended; None if the connection broke."""
        try:
            with self.connection.doing("wait for a run"):
                values = await self.connection.streams.runs.join(thread_id, run_id)
        except (DeploymentError, ValueError):  # the row says next what it is; half an answer is no JSON
            return None
        return values if isinstance(values, Mapping) else {"values": values}

    async def _confirmed(self, row: Row, joined: Row | None) -> Outcome:
        thread_id, has_ended = row["thread_id"], not _is_live(row)
        before = await self._looks.look(thread_id) if has_ended else None
        outcome = await confirm(
            self.connection,
            thread_id,
            row["run_id"],
            _view(joined or {}),
            is_whole=joined is not None,
            row=row if has_ended else None,
            thread=before.words if before else None,
        )
        if joined is None or outcome.status != "success":
            return outcome
        look = await self._looks.look(thread_id)
        return replace(outcome, status="waiting") if look and look.is_paused else outcome

    async def _told(self, thread_id: str, run_id: str, outcome: Outcome, joined: Row | None) -> Ended:
        values = joined
        if outcome.status in KEPT and (joined is None or "__error__" in joined or "__interrupt__" in joined):
            values = await self._patiently(lambda: self._values(thread_id, run_id))
        error = "" if outcome.status in KEPT else _error(outcome)
        return Ended(outcome.status, values if outcome.status in KEPT else None, error, _seconds(outcome.row or {}))

    async def _values(self, thread_id: str, run_id: str) -> Any:
        return (await self._left_by(thread_id, run_id)).get("values")

    # -- cancelling ---------------------------------------------------------------------------------------------

    async def cancel(self, entry: Entry) -> None:
        """Ask for an end; one that has ended already is left alone."""
        try:
            with self.connection.doing("cancel a run", missing="live run"):
                await self.connection.polls.runs.cancel(entry.thread_id, entry.run_id)
        except NotFound:
            return

    async def mark_cancelled(self, thread_id: str, mark: str) -> None:
        """Write on a thread that the batch was cancelled, so that nobody goes on with it unasked; "" takes it back."""
        with self.connection.doing("mark the batch"):
            await self.connection.polls.threads.update(thread_id, metadata={CANCELLED: mark})

    def is_lost(self, problem: DeploymentError) -> bool:
        """Whether a problem is the whole deployment's, and not one run's."""
        return not is_hopeless(self.connection, problem, 0)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask()` gives; asked again for as long as the deployment may come back."""
        lost_at, attempt = None, 0
        while True:
            try:
                return await ask()
            except DeploymentError as problem:
                lost_at = lost_at or time.monotonic()
                if is_hopeless(self.connection, problem, time.monotonic() - lost_at):
                    raise
            await asyncio.sleep(pause_after(attempt))
            attempt += 1


def _is_live(row: Row) -> bool:
    return row.get("status") in LIVE


def _batch_of(row: Any) -> object:
    metadata = row.get("metadata")
    return metadata.get(BATCH) if isinstance(metadata, Mapping) else None


def _view(joined: Row) -> RunView:
    """What a join's answer tells of a run, as a stream would have."""
    error = joined.get("__error__")
    error = error if isinstance(error, Mapping) and error.get("message") != GONE else {}
    asked = interrupts_from_payload(joined.get("__interrupt__"))
    return RunView(
        interrupts=asked,
        is_paused=bool(asked),
        error=str(error.get("error") or ""),
        error_message=str(error.get("message") or ""),
    )


def _error(outcome: Outcome) -> str:
    if not outcome.error:
        return WORDS.get(outcome.status, "")
    return f"{outcome.error}: {outcome.error_message}" if outcome.error_message else outcome.error


def _seconds(row: Row) -> float | None:
    began, ended = (seconds_from_iso(row.get(name)) for name in ("created_at", "updated_at"))
    return None if began is None or ended is None else max(0.0, ended - began)

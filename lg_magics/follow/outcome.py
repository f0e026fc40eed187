"""What became of a run, from the server's own row of it. Knows the traps of facts about `join` and `success`; folds nothing.

The end of a stream proves nothing: a cancelled run ends it without a mark, a lost connection too, and a pause for a person
ends the run as `success`. So the row decides, and the thread where the stream was not seen whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lg_magics.errors import DeploymentError, NotFound
from lg_magics.model.interrupts import Interrupt, interrupts_from_thread
from lg_magics.model.messages import messages_from_values
from lg_magics.model.run_view import LIVE, RunView, Status, status_word
from lg_magics.server.connection import Connection

__all__ = ["Outcome", "confirm", "last_words", "seconds_from_iso"]

RACE = (0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last word: `status`, when (`at`, seconds since the epoch), what the graph asks, what went wrong, the row."""

    status: Status
    at: float | None = None
    interrupts: tuple[Interrupt, ...] = ()
    error: str = ""
    error_message: str = ""
    row: Mapping[str, Any] | None = None


async def confirm(
    connection: Connection,
    thread_id: str,
    run_id: str,
    view: RunView,
    *,
    is_whole: bool,
    vanished: Status = "deleted",
) -> Outcome:
    """Ask the server what became of a run whose stream has ended.

    Args:
        connection: to its deployment.
        thread_id: its thread.
        run_id: the run.
        view: what its stream told.
        is_whole: whether the stream was seen from its beginning to its end.
        vanished: what it means if the run is not there any more.

    Returns:
        An outcome; its status is a live one if the run has not ended after all.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    for pause in (*RACE, None):
        row = await _row(connection, thread_id, run_id)
        if row is None:
            return Outcome(vanished, view.latest_at, view.interrupts, view.error, view.error_message)
        if status_word(_word(row), is_paused=False) not in LIVE or pause is None or not is_whole:
            break
        await asyncio.sleep(pause)
    assert row is not None
    return await _judge(connection, thread_id, row, view, is_whole)


async def _row(connection: Connection, thread_id: str, run_id: str) -> dict[str, Any] | None:
    try:
        with connection.doing("read the run", missing=f"run {run_id}"):
            return dict(await connection.polls.runs.get(thread_id, run_id))
    except NotFound:
        return None


async def _judge(
    connection: Connection, thread_id: str, row: Mapping[str, Any], view: RunView, is_whole: bool
) -> Outcome:
    word, at = _word(row), seconds_from_iso(row.get("updated_at"))
    status = status_word(word, is_paused=view.is_paused)
    if status in LIVE:
        return Outcome(status, None, row=row)
    told = Outcome(status, at, view.interrupts, view.error, view.error_message, row)
    is_doubtful = (status in ("success", "cancelled") and not is_whole) or (status == "error" and not view.error)
    if not is_doubtful or not await _is_newest(connection, thread_id, str(row.get("run_id"))):
        return told
    if status == "error":
        error, message = await _thread_error(connection, thread_id)
        return replace(told, error=error, error_message=message)
    return await _with_pause(connection, thread_id, told, word)


async def _with_pause(connection: Connection, thread_id: str, told: Outcome, word: str) -> Outcome:
    """The outcome with what the thread says of a pause. A cancelled run leaves its thread `interrupted`, but asks nothing."""
    with connection.doing("read the thread"):
        found = await connection.polls.threads.search(
            ids=[thread_id], select=["thread_id", "status", "interrupts"], limit=1
        )
    thread: Mapping[str, Any] = dict(found[0]) if found else {}
    asked = interrupts_from_thread(thread)
    is_paused = thread.get("status") == "interrupted" and (word == "success" or bool(asked))
    return replace(told, status=status_word(word, is_paused=is_paused), interrupts=asked if is_paused else ())


async def _is_newest(connection: Connection, thread_id: str, run_id: str) -> bool:
    """Whether what the thread says now is about this run."""
    with connection.doing("list the thread's runs"):
        runs = await connection.polls.runs.list(thread_id, limit=1, select=["run_id"])
    return not runs or runs[0].get("run_id") == run_id


async def _thread_error(connection: Connection, thread_id: str) -> tuple[str, str]:
    """Type and text of the error that a thread is in: a run has no field for it, and no stream replays it."""
    with connection.doing("read the thread"):
        error = dict(await connection.polls.threads.get(thread_id)).get("error")
    if isinstance(error, Mapping):
        return str(error.get("error") or "Error"), str(error.get("message") or "")
    return "Error", str(error or "")


async def last_words(connection: Connection, thread_id: str, run_id: str) -> str:
    """The text of the last message that a run left, if a model wrote it; "" if there is none, or it cannot be read."""
    try:
        with connection.doing("read what the run left"):
            history = await connection.polls.threads.get_history(thread_id, limit=1, metadata={"run_id": run_id})
    except DeploymentError:
        return ""
    messages = messages_from_values(history[0].get("values")) if history else ()
    return messages[-1].text if messages and messages[-1].role == "ai" else ""


def _word(row: Mapping[str, Any]) -> str:
    return str(row.get("status") or "")


def seconds_from_iso(text: object) -> float | None:
    """Seconds since the epoch from the server's time stamp; None if it is none."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None

"""The outcome of a run, from the server's row of it: `confirm` is the one place that decides a run's end. Depends on no handle.

The end of a stream, or of a join, proves nothing: it looks the same after a cancel and a lost connection, and a pause for a
person ends the run as `success`. So the row decides, and also the thread if the stream was not read whole.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lg_magics.errors import DeploymentError, LgError, NotFound, RunDeleted, RunFailed, RunTimedOut, Unreachable
from lg_magics.model.answer_words import how_to_recover
from lg_magics.model.bounds import cut, fitted
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.events import error_from_payload
from lg_magics.model.interrupts import Interrupt, in_order_of, interrupts_from_state, interrupts_from_thread, with_tasks
from lg_magics.model.messages import messages_from_values
from lg_magics.model.node_names import shown_node
from lg_magics.model.records import RunRecord, StateRecord, ThreadRecord
from lg_magics.model.run_steps import Steps, failed_step, tasks_inside
from lg_magics.model.run_view import HIDDEN, LIVE, RunView, Status, status_word
from lg_magics.model.visible_text import visible_text
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = [
    "Outcome",
    "confirm",
    "error_for",
    "final_message",
    "left_anything",
]

REPR = re.compile(r"(\w+)\((.*)\)\Z", re.S)
MOST_LINES = 12
LARGEST = 1_500  # bytes of the lines below an error's first line
SETTLE_BACKOFF = (0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `status`, `at` (seconds since the epoch), the graph's questions, the error, and the row."""

    status: Status
    at: float | None = None
    interrupts: tuple[Interrupt, ...] = ()
    error: str = ""
    error_message: str = ""
    traceback: str = ""
    row: RunRecord | None = None


async def confirm(
    connection: Connection,
    thread_id: str,
    run_id: str,
    view: RunView,
    *,
    is_whole: bool,
    vanished: Status = "deleted",
    is_cancelling: bool = False,
    row: RunRecord | None = None,
    thread: ThreadRecord | None = None,
) -> Outcome:
    """Read the outcome of a run whose stream has ended, or whose thread is not busy any more.

    Args:
        connection: the connection to its deployment.
        thread_id: its thread.
        run_id: the run.
        view: the view that its stream made.
        is_whole: whether the stream was read from its beginning to its end.
        vanished: the status if the run is not on the server any more.
        is_cancelling: whether this session cancelled it: then its end asks no question.
        row: the run's row of a moment ago, if it had ended by then; None to request it.
        thread: the thread's row of a moment ago, when it was not busy; None if it is not known.

    Returns:
        An outcome; its status is a live one if the run has not ended after all.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    has_ended = row is not None
    for pause in (*SETTLE_BACKOFF, None):
        row = row if has_ended else await connection.background.runs.get(thread_id, run_id)
        if row is None:
            return Outcome(vanished, view.latest_at, view.interrupts, view.error, view.error_message, view.traceback)
        if status_word(row.status, is_paused=False) not in LIVE or pause is None or not is_whole:
            break
        await asyncio.sleep(pause)
    assert row is not None
    if is_cancelling and row.status == "interrupted":
        return Outcome("cancelled", seconds_from_iso(row.updated_at), row=row)
    return await _resolve(connection, thread_id, row, view, is_whole, thread)


async def _resolve(
    connection: Connection,
    thread_id: str,
    row: RunRecord,
    view: RunView,
    is_whole: bool,
    thread: ThreadRecord | None,
) -> Outcome:
    word, at = row.status, seconds_from_iso(row.updated_at)
    status = status_word(word, is_paused=view.is_paused)
    if status in LIVE:
        return Outcome(status, None, row=row)
    outcome = Outcome(status, at, view.interrupts, view.error, view.error_message, view.traceback, row)
    newer_by = _seconds_newer(thread, row)
    if status == "error":
        outcome = replace(outcome, interrupts=await _left_open(connection, row, view))
    elif status == "waiting" and len(view.interrupts) > 1:
        outcome = replace(outcome, interrupts=await _numbered(connection, thread_id, view.interrupts))
    if status == "error" and (not view.error or view.is_error_hidden):
        return await _with_error(connection, outcome, row, newer_by)
    if is_whole or status not in ("success", "cancelled") or (newer_by >= 0 and not _is_paused(thread, word)):
        return outcome
    if newer_by != 0:
        if not await _is_newest(connection, thread_id, row):
            return outcome
        thread = (await thread_words(connection, [thread_id])).get(thread_id)
    is_paused = _is_paused(thread, word)
    asked = await _open_questions(connection, thread_id) if is_paused else ()
    return replace(outcome, status=status_word(word, is_paused=is_paused), interrupts=asked)


async def _left_open(connection: Connection, row: RunRecord, view: RunView) -> tuple[Interrupt, ...]:
    """The questions that a failed run left open: it failed on an answer, or in another node while one asked."""
    command = row.kwargs.get("command")
    is_answer = isinstance(command, Mapping) and command.get("resume") is not None
    if not (is_answer or view.interrupts):
        return ()
    return await _open_questions(connection, row.thread_id, view.steps)


async def _open_questions(connection: Connection, thread_id: str, steps: Steps = ()) -> tuple[Interrupt, ...]:
    """The questions of a thread, from its state: its row may lack some (actions.pending). () if there is no state to read.

    `steps` are those of the run that left them: they name tasks that a fork would run again.
    """
    try:
        state = await connection.background.states.get(thread_id)
    except Unreachable:
        raise
    except DeploymentError:
        return ()
    listed = [str(task.get("id")) for task in state.get("tasks") or () if isinstance(task, Mapping)]
    return with_tasks(interrupts_from_state(state), tasks_inside(steps, listed))


async def _numbered(connection: Connection, thread_id: str, asked: tuple[Interrupt, ...]) -> tuple[Interrupt, ...]:
    """The questions in the order of the state. A stream has them in the order in which nodes asked them."""
    return in_order_of(asked, await _open_questions(connection, thread_id))


def _seconds_newer(thread: ThreadRecord | None, row: RunRecord) -> float:
    """How much newer the thread's row is than the run's; -1 if unknown. The server writes both with one stamp as a run ends."""
    written, ended = seconds_from_iso(thread.updated_at if thread else None), seconds_from_iso(row.updated_at)
    return -1.0 if written is None or ended is None else written - ended


def _is_paused(thread: ThreadRecord | None, word: str) -> bool:
    """Whether the thread waits for a person. A cancelled run leaves it `interrupted` too, but asks nothing."""
    if thread is None or thread.status != "interrupted":
        return False
    return word == "success" or bool(interrupts_from_thread(thread))


async def _is_newest(connection: Connection, thread_id: str, row: RunRecord) -> bool:
    """Whether this is the thread's newest run, so that the thread's row is about it."""
    runs = await connection.background.runs.newest(thread_id, 1, select=["run_id"])
    return not runs or runs[0].run_id == row.run_id


async def _with_error(connection: Connection, outcome: Outcome, row: RunRecord, newer_by: float) -> Outcome:
    """Add the exception's type and message, as far as the server has them."""
    is_on_thread = newer_by == 0 or await _is_newest(connection, row.thread_id, row)
    if not outcome.error and is_on_thread:
        error, message, traceback = await _thread_error(connection, row)
        outcome = replace(outcome, error=error, error_message=message, traceback=traceback)
    if outcome.error and outcome.error_message != HIDDEN:
        return outcome
    error, message = await _error_left(connection, row, is_on_thread)
    return replace(outcome, error=error, error_message=message) if message or not outcome.error else outcome


async def _thread_error(connection: Connection, row: RunRecord) -> tuple[str, str, str]:
    """The error in the thread's row: a run has no field for it, and no stream replays it."""
    error = (await connection.background.threads.get(row.thread_id)).get("error")
    return error_from_payload(error) if error else ("Error", "", "")


async def _error_left(connection: Connection, row: RunRecord, is_on_thread: bool) -> tuple[str, str]:
    """The same from the run's last checkpoint, which has the exception's `repr`.

    A run that started from a checkpoint of another run and failed at once left none: then the thread's head has it.
    """
    left = await connection.background.history.last_of_run(row.thread_id, row.run_id)
    error = _task_error(left)
    if not error and is_on_thread:
        error = _task_error(await connection.background.states.get(row.thread_id))
    return _error_from_repr(error)


def _task_error(state: StateRecord | None) -> str:
    return next((str(task["error"]) for task in (state.tasks if state else ()) if task.get("error")), "")


def _error_from_repr(text: str) -> tuple[str, str]:
    """Split `ValueError('no results')` into type and text."""
    match = REPR.match(text)
    if match is None:
        return "Error", text
    with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        return match[1], str(ast.literal_eval(match[2]))
    return match[1], match[2]


async def final_message(connection: Connection, thread_id: str, run_id: str) -> str:
    """The text of the last message that a run left, if a model wrote it; "" if there is none or it cannot be read."""
    try:
        values = await connection.background.history.last_values(thread_id, run_id)
    except DeploymentError:
        return ""
    messages = messages_from_values(values)
    return messages[-1].text_or_refusal if messages and messages[-1].role == "ai" else ""


async def left_anything(connection: Connection, thread_id: str, run_id: str) -> bool:
    """Whether a thread holds something of a run; True if that cannot be read."""
    try:
        return await connection.background.history.last_of_run(thread_id, run_id) is not None
    except NotFound:
        return False
    except DeploymentError:
        return True


def error_for(number: str, view: RunView) -> LgError | None:
    """The error to raise for a run that has ended; None if it ended well, waits for a person, or was cancelled."""
    match view.status:
        case "error":
            node = " › ".join(map(shown_node, step.path)) if (step := failed_step(view.steps)) else ""
            first, below = _why(number, view)
            words = f"{number} failed{f' in {node}' if node else ''}: {first}"
            return RunFailed(words, listing=below, hint=how_to_recover(view.interrupts))
        case "timeout":
            return RunTimedOut(f"{number} was stopped by the server at its time limit.")
        case "rolled back":
            return RunDeleted(f"{number} was rolled back: its thread holds nothing of it.")
        case "deleted":
            return RunDeleted(f"{number} is gone: deleted, or lost with its server.")
        case "unknown":
            hint = f"%lg_attach {number} tries again."
            return Unreachable(f"The outcome of {number} is not known: {visible_text(view.error_message)}", hint=hint)
        case _:
            return None


def _why(number: str, view: RunView) -> tuple[str, str]:
    """The error's first line, and the lines below it, indented: a terminal has no card that shows them. Long lines are cut."""
    rest = f'lg.attach("{number}").error has all'
    first, *below = visible_text(view.whole_error.strip()).split("\n")
    left = [f"… {len(below) - MOST_LINES:,} more lines: {rest}"] if len(below) > MOST_LINES else []
    lines = fitted(below[:MOST_LINES], LARGEST, rest)
    return cut(first, LARGEST, rest), "\n".join(f"  {line}" for line in (*lines, *left))

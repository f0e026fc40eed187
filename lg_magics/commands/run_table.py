"""Runs as a table: those of a thread as the server lists them, or those of this session."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from lg_magics.follow.run import Run
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.model.interrupts import interrupts_from_thread
from lg_magics.model.records import RunRecord, ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_view import LIVE, status_word
from lg_magics.resolve.assistants import assistant_that_ran
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.runs import RunRow, runs_table
from lg_magics.tables.table import Table, time_from_iso

__all__ = ["row_of_payload", "runs", "table_of_runs", "waiting_run"]

Listed = Literal["pending", "running", "success", "waiting", "cancelled", "error", "timeout"]
SERVER_WORDS: Mapping[str, str | None] = {"waiting": None, "cancelled": "interrupted"}
"""The word to ask the server for. None for waiting: only the newest run can, and servers differ in what they call it."""


@command("runs", group="Runs")
def runs(
    session: Session,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    mine: bool = False,
    status: Listed | None = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the runs of a thread, newest first, or those of this session.

    Args:
        thread: Which thread; the current one otherwise.
        mine: The runs of this session, on all threads.
        status: Only these.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
        open: On a page: choose a row, and cancel the run there; the rows follow the runs. Close leaves the table.

    Returns:
        A table; `.df` is a pandas frame.

    Example:
        %lg_runs
    """
    if open:
        chosen = which_thread(session, thread).id if thread is not None and not mine else thread
        again = partial(runs, session, thread=chosen, mine=mine, status=status, limit=limit, offset=offset, all=all)
        return replace(again(), again=again)
    if mine or (thread is None and session.selection.thread is None):
        session.connection  # noqa: B018 - says so if there is none
        met = [each for each in reversed(session.tracker.runs()) if status in (None, each.status)]
        shown = met[offset:] if all else met[offset : offset + limit]
        more = "" if offset + len(shown) >= len(met) else f"--limit {len(met)} or --all"
        is_whole = len(shown) == len(met)
        return table_of_runs(session, shown, total=len(met), is_whole=is_whole, more=more, offset=offset)
    return _runs_of_thread(session, which_thread(session, thread), status, None if all else limit, offset)


def _runs_of_thread(
    session: Session, thread: ThreadInfo, status: Listed | None, limit: int | None, offset: int
) -> Table:
    connection = session.connection
    word = SERVER_WORDS.get(status, status) if status else None
    wanted = 1 if status == "waiting" else limit
    listed = connection.runs.search(thread.id, status=word, limit=wanted, offset=offset, shown=thread.shown)
    newest = listed.rows[:1] if word is None and not offset else connection.runs.newest(thread.id, 1)
    waiting = waiting_run(newest, connection.threads.find(thread.id)) if newest else ""
    rows = [row_of_payload(session, row, is_paused=row.run_id == waiting) for row in listed.rows]
    rows = [row for row in rows if status in (None, row.status)]
    is_last = listed.is_whole or status == "waiting"  # only the newest can wait
    table = runs_table(
        rows,
        noun=f"run of {thread.number}",
        is_whole=is_last and not offset,
        more="" if is_last or limit is None else f"--limit {limit * 5} or --all",
        attrs={"deployment": connection.url, "thread_id": thread.id},
    )
    return replace(table, offset=offset)


def waiting_run(newest: Sequence[RunRecord], thread: ThreadRecord | None) -> str:
    """The id of a thread's newest run if it waits for a person; "" if it does not.

    The server calls such a run a success; some call it interrupted, as they do a cancelled one, which also leaves its thread
    interrupted but asks nothing.
    """
    if not newest or thread is None or thread.status != "interrupted":
        return ""
    said = newest[0].status
    waits = said == "success" or (said == "interrupted" and bool(interrupts_from_thread(thread)))
    return newest[0].run_id if waits else ""


def row_of_payload(session: Session, row: RunRecord, *, is_paused: bool) -> RunRow:
    """A run from the server's row; a handle of this session knows better, for instance that it waits."""
    if met := session.tracker.run(row.run_id):
        if met.status == "waiting" and not is_paused and row.status not in LIVE:
            met.end_waiting("went on elsewhere")
        return _row(met)
    thread = session.tracker.thread(row.thread_id)
    created, updated = time_from_iso(row.created_at), time_from_iso(row.updated_at)
    return RunRow(
        shown=f"·{row.run_id[-5:]}",
        status=status_word(row.status, is_paused=is_paused),
        assistant=_short(assistant_that_ran(session, row.assistant_id, row.graph_id)),
        thread=str(thread),
        created_at=created,
        seconds=(updated - created).total_seconds() if created and updated else None,
        error="",
        run_id=row.run_id,
        thread_id=row.thread_id,
    )


def _short(assistant: str) -> str:
    """A name as it is; the end of an id, of an assistant that is gone."""
    return f"·{assistant[-5:]}" if is_full_id(assistant) else assistant


def _row(run: Run) -> RunRow:
    created = run.view.created_at
    return RunRow(
        shown=run.info.shown,
        status=run.status,
        assistant=run.info.assistant,
        thread=str(run.info.thread),
        created_at=time_from_iso(_iso(created)) if created is not None else None,
        seconds=run.view.elapsed(time.time()),
        error=run.error or "",
        run_id=run.run_id,
        thread_id=run.thread_id,
    )


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def table_of_runs(session: Session, chosen: Sequence[Run], **cut: Any) -> Table:
    """Handles of this session as a table; `cut` says what was left out."""
    attrs = {"deployment": session.connection.url} if session.is_connected else {}
    offset = cut.pop("offset", 0)
    return replace(runs_table([_row(each) for each in chosen], attrs=attrs, **cut), offset=offset)

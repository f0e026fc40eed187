"""Runs as rows of a table: from the server's rows, and from handles of this session. Draws nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.interrupts import interrupts_from_thread
from lg_magics.model.records import RunRecord, ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_view import LIVE, status_word
from lg_magics.resolve.assistants import assistant_that_ran
from lg_magics.session import Session
from lg_magics.tables.runs import RunRow, runs_table
from lg_magics.tables.table import Table, time_from_iso

__all__ = ["row_of_payload", "table_of_runs", "waiting_run"]


def waiting_run(newest: Sequence[RunRecord], thread: ThreadRecord | None) -> str:
    """The id of a thread's newest run if it waits for a person; "" if it does not.

    The server reports such a run as `success`. Some servers report `interrupted`, as for a cancelled run, which also leaves its
    thread interrupted but asks nothing.
    """
    if not newest or thread is None or thread.status != "interrupted":
        return ""
    word = newest[0].status
    waits = word == "success" or (word == "interrupted" and bool(interrupts_from_thread(thread)))
    return newest[0].run_id if waits else ""


def row_of_payload(session: Session, row: RunRecord, *, is_paused: bool) -> RunRow:
    """A row of a run, from this session's handle if it knows the outcome (and more, such as waiting), else the server's row."""
    known = session.tracker.run(row.run_id)
    if known and known.status != "unknown":
        if known.status == "waiting" and not is_paused and row.status not in LIVE:
            tracked(known).end_waiting("went on elsewhere")
        return _row(known)
    thread = session.tracker.thread(row.thread_id)
    created, updated = time_from_iso(row.created_at), time_from_iso(row.updated_at)
    return RunRow(
        shown=known.info.shown if known else f"·{row.run_id[-5:]}",
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
    """A name as it is; the end of the id for an assistant that is gone."""
    return f"·{assistant[-5:]}" if is_full_id(assistant) else assistant


def _row(run: Run) -> RunRow:
    created = run.view.created_at
    return RunRow(
        shown=run.info.shown,
        status=run.status,
        assistant=run.info.assistant,
        thread=str(run.info.thread),
        created_at=time_from_iso(_iso(created)) if created is not None else None,
        seconds=run.view.elapsed(time.time() + tracked(run).connection.ahead),
        error=run.error or "",
        run_id=run.run_id,
        thread_id=run.thread_id,
    )


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def table_of_runs(session: Session, chosen: Sequence[Run], **cut: Any) -> Table:
    """A table of this session's handles; `cut` describes the rows that were left out."""
    attrs = {"deployment": session.connection.url} if session.is_connected else {}
    offset = cut.pop("offset", 0)
    return replace(runs_table([_row(each) for each in chosen], attrs=attrs, **cut), offset=offset)

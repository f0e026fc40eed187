"""Runs as a table. Knows the server's rows of runs and the session's facts about them; makes no requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lg_magics.tables.table import Column, Table

__all__ = ["RunRow", "runs_table"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: `shown` is its number and the id's tail; times are UTC; `seconds` from creation to end."""

    shown: str
    status: str
    assistant: str
    thread: str
    created_at: datetime | None
    seconds: float | None
    error: str
    run_id: str
    thread_id: str


COLUMNS = (
    Column("run"),
    Column("status", "status"),
    Column("assistant"),
    Column("thread"),
    Column("created_at", "time", "created"),
    Column("seconds", "number"),
    Column("error"),
    Column("run_id", "id", None),
    Column("thread_id", "id", None),
)


def runs_table(runs: Sequence[RunRow], *, noun: str = "run", **cut: Any) -> Table:
    """Return runs as a table, in the given order; `cut` states what was left out."""
    rows = tuple(
        (
            run.shown,
            run.status,
            run.assistant,
            run.thread,
            run.created_at,
            None if run.seconds is None else round(run.seconds, 1),
            run.error,
            run.run_id,
            run.thread_id,
        )
        for run in runs
    )
    return Table(noun, COLUMNS, rows, **cut)

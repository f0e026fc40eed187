"""Selects the runs of this session or notebook from those that it follows, which include other people's. Sends no request."""

from __future__ import annotations

from collections.abc import Iterable

from lg_magics.follow.run import Run
from lg_magics.model.cell import SESSION, cell_from_tags
from lg_magics.model.records import RunRecord
from lg_magics.session import Session

__all__ = ["is_own_row", "own_runs", "session_of_row"]


def own_runs(session: Session, runs: Iterable[Run]) -> list[Run]:
    """The runs that this session, its crons, or an earlier kernel of its notebook launched, in the same order."""
    notebook = session.notebook()
    return [run for run in runs if run.info.session == session.id or (notebook and run.info.cell.notebook == notebook)]


def is_own_row(session: Session, row: RunRecord, notebook: str) -> bool:
    """Whether this session, its crons, or an earlier kernel of this notebook launched the run of a row."""
    is_of_notebook = bool(notebook) and cell_from_tags(row.metadata).notebook == notebook
    return session_of_row(row) == session.id or is_of_notebook


def session_of_row(row: RunRecord) -> str:
    """The id of the session that launched the run of a row, or made its cron; "" if none did."""
    return str(row.metadata.get(SESSION) or "")

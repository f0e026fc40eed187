"""An open history as JSON: its rows, and what one checkpoint changed and holds. Knows names and types; fetches nothing.

Mirrors labextension/shared/history.ts. Every string in it is untrusted.
"""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from lg_magics.model.bounds import cut, fitted, fitting
from lg_magics.model.changes import Changes
from lg_magics.model.history import HistoryStep
from lg_magics.tables.history import History, reference_of
from lg_magics.tables.state import State
from lg_magics.tables.table import time_from_iso
from lg_magics.views.diff import change_lines
from lg_magics.views.frame import shortened
from lg_magics.views.state import state_text

__all__ = ["Detail", "HistoryJson", "Row", "detail_json", "history_json"]

MOST_ROWS = 1_000
LARGEST = 110_000  # bytes of all rows as JSON: what a notebook saves
LARGEST_ROW = 2_000
MOST_LINES = 400
LONGEST_STATE = 20_000


class Row(TypedDict):
    """One checkpoint. `when` is ISO with its offset, the page says it in its own time; `line` forks and runs from here."""

    id: str
    lane: str
    branch: str
    step: str
    source: str
    node: str
    next: str
    change: str
    when: str
    reference: str
    line: str


class HistoryJson(TypedDict):
    """A history, newest first. `busy` says why nothing can be forked now; '' if it can."""

    protocol: Literal[1]
    thread: str
    thread_id: str
    headline: str
    note: str
    busy: str
    rows: list[Row]


class Detail(TypedDict):
    """One checkpoint looked at: marked lines of what it changed, what comes next, the state as text."""

    id: str
    lines: list[tuple[str, str]]
    more_lines: int
    next: str
    state: str
    state_cut: int


def history_json(history: History, *, busy: str = "", elsewhere: str = "") -> HistoryJson:
    """A history for the page.

    Args:
        history: what is known of it.
        busy: why nothing can be forked now.
        elsewhere: what a line needs to name the thread, as `-t t2`; "" while the thread is the current one.
    """
    table = history.table
    said = [table.counted, table.more]
    lanes = [str(row["lane"]) for row in table]
    rows = [_row(history, step, lane, elsewhere) for step, lane in zip(history.steps[:MOST_ROWS], lanes, strict=False)]
    rows = [cast(Row, fitted(row, LARGEST_ROW)) for row in rows]
    rows = rows[: fitting(rows, LARGEST)]
    if len(history) > len(rows):
        said.append(f"the newest {len(rows):,} are shown, .df has all")
    return {
        "protocol": 1,
        "thread": history.thread,
        "thread_id": history.thread_id,
        "headline": ", ".join(filter(None, said)),
        "note": cut(history.note, LARGEST_ROW),
        "busy": busy,
        "rows": rows,
    }


def _row(history: History, step: HistoryStep, lane: str, elsewhere: str) -> Row:
    checkpoint = step.checkpoint
    branch = history.branch_of[checkpoint.id]
    reference = reference_of(step, branch, history.current_branch)
    when = time_from_iso(checkpoint.created_at)
    return {
        "id": checkpoint.id,
        "lane": lane,
        "branch": branch,
        "step": "" if checkpoint.step is None else str(checkpoint.step),
        "source": checkpoint.source,
        "node": ", ".join(checkpoint.nodes),
        "next": ", ".join(checkpoint.next),
        "change": step.changes.words if step.changes else "",
        "when": when.isoformat() if when else "",
        "reference": reference,
        "line": " ".join(filter(None, ("%lg_fork --run", elsewhere, reference))),
    }


def detail_json(checkpoint_id: str, changes: Changes, state: State) -> Detail:
    """What one checkpoint changed against its parent, and what it holds; both cut, and saying so."""
    lines = list(change_lines(changes))
    text, left_out = shortened(state_text(state), LONGEST_STATE)
    return {
        "id": checkpoint_id,
        "lines": lines[:MOST_LINES],
        "more_lines": max(0, len(lines) - MOST_LINES),
        "next": ", ".join(state.next),
        "state": text,
        "state_cut": left_out,
    }

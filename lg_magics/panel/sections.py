"""What this session knows by itself: where it is, its runs, the crons that outlive it. Asks the deployment nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from lg_magics.commands.left_crons import crons_that_go_on, ways_to_end
from lg_magics.commands.which_assistant import assistant_name
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.panel.actions import ACTIONS, TOOLS
from lg_magics.panel.rows import ActionJson, Deployment, Left, Row, Section, Tone, cut_text, row
from lg_magics.session import Session

__all__ = ["TONES", "actions_of", "deployment", "left", "runs", "section"]

TONES: Mapping[str, Tone] = {
    "running": "running",
    "preparing": "running",
    "success": "good",
    "waiting": "waiting",
    "stopped": "waiting",
    "error": "bad",
    "timeout": "bad",
}
"""The colour of a status; the word stands beside it."""

NOWHERE: Deployment = {
    "name": "deployment",
    "connected": False,
    "deployment": "",
    "url": "",
    "version": "",
    "protected": False,
    "assistant": "",
    "thread": "",
    "defaults": [],
}


def deployment(session: Session) -> Deployment:
    """Where the session is, and what runs take with them."""
    if not session.is_connected:
        return NOWHERE
    connection, selection = session.connection, session.selection
    thread = session.tracker.thread(selection.thread.id) if selection.thread else None
    return {
        "name": "deployment",
        "connected": True,
        "deployment": connection.deployment.name,
        "url": connection.url,
        "version": connection.info.version,
        "protected": connection.deployment.protect,
        "assistant": assistant_name(session, selection.assistant),
        "thread": str(thread) if thread else "",
        "defaults": list(selection.defaults.words()),
    }


def left(session: Session) -> Left:
    """The crons of this session that go on when the kernel ends: the page says so then, for a kernel can not."""
    found = crons_that_go_on(session, at_exit=True)
    ways = ways_to_end(found)
    return {
        "name": "left",
        "crons": [
            {"id": each.id, "deployment": each.deployment, "until": each.end.timestamp() if each.end else None}
            for each in found
        ],
        "line": ways[0] if len(ways) == 1 else "%lg_crons",
    }


def actions_of(name: str) -> dict[str, ActionJson]:
    """What can be done with rows of a section, as a page gets it."""
    return {key: action.json() for key, action in ACTIONS[name].items()}


def section(name: str, rows: Sequence[Row], counted: str, *, is_whole: bool = True, note: str = "") -> Section:
    """A section with its actions."""
    return {
        "name": name,
        "counted": counted,
        "rows": list(rows),
        "is_whole": is_whole,
        "note": note,
        "actions": actions_of(name),
        "tools": [tool.json() for tool in TOOLS.get(name, ())],
    }


def runs(session: Session, limit: int) -> Section:
    """The runs and batches of this session: what is live or waits first, then the newest."""
    found = session.tracker.runs()
    live = [run for run in found if not run.is_settled]
    waiting = [run for run in found if run.is_waiting]
    batches = [each for each in session.tracker.batches() if not each.is_settled]
    newest = found[::-1]
    shown = sorted(newest, key=lambda run: 0 if not run.is_settled else 1 if run.is_waiting else 2)
    rows = [*map(_batch_row, batches), *map(_run_row, shown[:limit])]
    words = [
        f"{len(live) + len(batches)} live" if live or batches else "",
        f"{len(waiting)} waiting" if waiting else "",
    ]
    counted = " · ".join(filter(None, words)) or (str(len(found)) if found else "none")
    made = section("runs", rows, counted, is_whole=len(found) <= limit)
    if not live:
        made["tools"] = []
    made["actions"] |= {f"batch {key}": action for key, action in actions_of("batches").items()}
    return {**made, "live": len(live) + len(batches), "waiting": len(waiting)}


def _run_row(run: Run) -> Row:
    info, is_live = run.info, not run.is_settled
    return row(
        info.id,
        word=info.number,
        shown=info.shown,
        text=info.assistant,
        state=run.status,
        tone=TONES.get(run.status, "quiet"),
        seconds=run.view.elapsed(time.time()),
        goes_on=is_live and run.status == "running",
        cell=info.cell.id.partition("#")[0] if info.cell else "",
        thread="" if info.is_stateless else info.thread.id,
        more="\n".join(filter(None, (_thread_of(run), run.note, cut_text(run.error or "")))),
        without=["batch attach", *([] if is_live else ["cancel", "wait"])],
    )


def _thread_of(run: Run) -> str:
    return "" if run.info.is_stateless else f"thread {run.info.thread}"


def _batch_row(batch: Batch) -> Row:
    return row(
        batch.id,
        word=batch.id,
        shown=f"batch {batch.id[-6:]}",
        text=batch.counted,
        state=batch.status,
        tone=TONES.get(batch.status, "quiet"),
        without=["cancel", "wait"],
    )

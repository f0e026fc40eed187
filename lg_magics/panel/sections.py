"""The sections of the panel, in one table, and what the session knows without a request to a deployment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.panel import lists
from lg_magics.panel.lists import TONES, SectionRows
from lg_magics.resolve.assistants import assistant_name
from lg_magics.session import Session
from lg_magics.views.panel_row import PanelRow
from lg_magics.views.panel_tree import Where

__all__ = ["SECTIONS", "Section", "Seen", "cell_of", "counts", "runs", "touched_by", "where"]

LONGEST_ERROR = 4_000


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the panel.

    Attributes:
        name: its name in requests.
        title: its heading.
        none: the text if it has no rows.
        awaits: the text until its rows arrive; `{}` is the deployment.
        read: returns a number of its rows.
        changed_by: the commands that may change its rows, by their nouns; those that connect need not be listed.
        is_changed_by_runs: whether the end of a run may change it.
        is_open: whether it is expanded at first; a collapsed section is not read.
        is_own: whether the session knows its rows without a request.
    """

    name: str
    title: str
    none: str
    awaits: str
    read: Callable[[Session, int], SectionRows]
    changed_by: str
    is_changed_by_runs: bool = True
    is_open: bool = True
    is_own: bool = False


def runs(session: Session, limit: int) -> SectionRows:
    """List the runs and batches of this session: active and waiting ones first, then the newest."""
    found, batches = session.tracker.runs(), _live_batches(session)
    newest = found[::-1]
    shown = sorted(newest, key=lambda run: 0 if not run.is_settled else 1 if run.is_waiting else 2)
    rows = [*map(_batch_row, batches), *map(_run_row, shown[:limit])]
    live, waiting = counts(session)
    words = [f"{live} live" if live else "", f"{waiting} waiting" if waiting else ""]
    counted = " · ".join(filter(None, words)) or (str(len(found)) if found else "none")
    return SectionRows(rows, counted, is_whole=len(found) <= limit)


SECTIONS: Sequence[Section] = (
    Section(
        "waiting",
        "Waiting for you",
        "Nothing waits for you.",
        "Asking {} which threads wait for a person…",
        lists.waiting,
        "thread state fork resume",
    ),
    Section(
        "runs",
        "Runs",
        "No run of this session yet.",
        "",
        runs,
        "run stream resume attach batch",
        is_own=True,
    ),
    Section(
        "threads",
        "Threads",
        "No threads yet.",
        "Asking {} for its newest threads…",
        lists.threads,
        "thread state fork run stream resume batch",
    ),
    Section(
        "store",
        "Store",
        "The store is empty.",
        "Asking {} for the namespaces of its store…",
        lists.store,
        "store",
        is_open=False,
    ),
    Section(
        "crons",
        "Crons",
        "No crons.",
        "Asking {} for its crons…",
        lists.crons,
        "thread cron",
        is_changed_by_runs=False,
        is_open=False,
    ),
)
"""The one table: a new section needs an entry here, and one in `actions.ACTIONS` for the actions on its rows."""

HEAD = "deployment"
CHANGES_HEAD = ("set", "assistant", "thread", "run", "stream", "attach")
CONNECTING = ("connect", "disconnect", "serve")
LOOKS = ("show", "get", "search", "export", "namespaces", "versions")
"""Verbs of commands that change nothing."""


def touched_by(command: str) -> tuple[str, ...]:
    """Return the sections that a command may have changed, and the head that names the deployment."""
    noun, _, verb = command.partition(" ")
    if verb in LOOKS:
        return ()
    is_all = noun in CONNECTING
    head = (HEAD,) if is_all or noun in CHANGES_HEAD else ()
    return head + tuple(each.name for each in SECTIONS if is_all or noun in each.changed_by.split())


class Seen:
    """The last known state of each run and batch, to detect relevant changes: a run also changes with each word of its output."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, object] = {}

    def news_of(self, what: Run | Batch) -> tuple[str, ...]:
        """Return the sections that show this change of a run or batch; empty if none does."""
        if isinstance(what, Batch):
            identity, now, is_over = what.id, what.counted, what.is_settled
        else:
            identity, is_over = what.run_id, what.is_settled
            now = f"{what.status} {is_over} {what.is_waiting} {what.note}"
        with self._lock:
            if self._seen.get(identity) == now:
                return ()
            self._seen[identity] = now
        return tuple(each.name for each in SECTIONS if each.is_own or (is_over and each.is_changed_by_runs))


def where(session: Session) -> Where | None:
    """Return the session's deployment, and the defaults of its runs; None if it is not connected."""
    if not session.is_connected:
        return None
    connection, selection = session.connection, session.selection
    thread = session.tracker.thread(selection.thread.id) if selection.thread else None
    return Where(
        deployment=connection.deployment.name,
        url=connection.url,
        version=connection.info.version,
        is_protected=connection.deployment.protect,
        assistant=assistant_name(session, selection.assistant),
        thread=str(thread) if thread else "",
        defaults=tuple(selection.defaults.words()),
    )


def counts(session: Session) -> tuple[int, int]:
    """Return the number of active runs and batches, and of waiting runs."""
    found = session.tracker.runs()
    live = sum(not run.is_settled for run in found) + len(_live_batches(session))
    return live, sum(run.is_waiting for run in found)


def _live_batches(session: Session) -> list[Batch]:
    return [each for each in session.tracker.batches() if not each.is_settled]


def cell_of(run: Run) -> str:
    """Return the id of the cell that launched a run; "" if none did."""
    return run.info.cell.id.partition("#")[0] if run.info.cell else ""


def _run_row(run: Run) -> PanelRow:
    info, is_live = run.info, not run.is_settled
    ahead = tracked(run).connection.ahead  # the deployment dates the run, and the kernel the panel
    seconds = run.view.elapsed(time.time() + ahead)
    begin = run.view.created_at if run.view.created_at is not None else run.view.started_at
    thread = "" if info.is_stateless else f"thread {info.thread}"
    return PanelRow(
        info.id,
        word=info.number,
        shown=info.shown,
        title=info.title,
        state=run.status,
        tone=TONES.get(run.status, "quiet"),
        about=(info.number, info.assistant),
        seconds=seconds,
        since=begin - ahead if begin is not None and is_live and run.status == "running" else None,
        cell=cell_of(run),
        thread="" if info.is_stateless else info.thread.id,
        more="\n".join(filter(None, (thread, run.note, (run.error or "")[:LONGEST_ERROR]))),
        quick="cancel" if is_live else "",
        without=frozenset() if is_live else frozenset({"cancel", "wait"}),
    )


def _batch_row(batch: Batch) -> PanelRow:
    return PanelRow(
        batch.id,
        word=batch.id,
        shown=f"batch {batch.id[-6:]}",
        title=batch.counted,
        state=batch.status,
        tone=TONES.get(batch.status, "quiet"),
        about=(f"batch {batch.id[-6:]}",),
        kind="batches",
    )

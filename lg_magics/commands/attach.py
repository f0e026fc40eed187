"""Runs that other kernels or clients launched: attach to one, or watch a thread. Draws nothing."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Annotated, Literal, overload

from lg_magics.actions.attached import attached
from lg_magics.actions.run_rows import table_of_runs
from lg_magics.errors import CommandError, DeploymentError, UnknownReference, type_phrase
from lg_magics.follow.retry import should_give_up
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.grammar.kinds import THREAD, Timeout
from lg_magics.grammar.parameters import AtLeast, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.cell import Cell, cell_from_tags
from lg_magics.model.records import RunRecord
from lg_magics.model.references import Known, is_full_id, is_part_of_id, resolve
from lg_magics.model.run_view import LIVE
from lg_magics.resolve.crons import CRON
from lg_magics.resolve.own_runs import is_own_row
from lg_magics.resolve.threads import current_thread, thread_info, which_thread
from lg_magics.server.connection import Connection
from lg_magics.server.runs import NEWEST
from lg_magics.server.streams import thread_runs
from lg_magics.session import Session
from lg_magics.tables.table import Table

__all__ = ["attach", "watch"]

THREADS = 100


CARDS = 20


POLL_EVERY = 5.0
MOMENT = 0.2
NEWEST_RUNS = 20


@overload
def attach(session: Session, *, mine: Literal[True], wait: bool = False) -> Table: ...


@overload
def attach(
    session: Session,
    reference: Run | str | None = None,
    *,
    mine: Literal[False] = False,
    thread: str | None = None,
    wait: bool = False,
) -> Run: ...


@overload
def attach(
    session: Session, reference: object = None, *, mine: bool = False, thread: str | None = None, wait: bool = False
) -> Run | Table: ...


@command("attach", group="Runs")
def attach(
    session: Session,
    reference: Annotated[object, Positional(completes="run", value="RUN")] = None,
    *,
    mine: bool = False,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    wait: bool = False,
) -> Run | Table:
    """Follow a run again after a kernel restart, or one that was launched elsewhere, on a live card.

    A run that has ended meanwhile shows its outcome.

    Args:
        reference: The run: an id or the end of one, as %lg_runs shows it, on the current thread or another of this notebook;
            the whole id for a run of another notebook. The current thread's newest run otherwise.
        mine: All live runs of this notebook, and the outcome of the newest run of each of its cells.
        thread: The thread of the run; the current thread otherwise.
        wait: Wait until it has ended.

    Returns:
        The run; with --mine, a table of the runs, newest first, after the cards of the live ones.

    Raises:
        UnknownReference: no such run on the thread, or in this notebook.

    Example:
        %lg_attach --mine
    """
    session.connection  # noqa: B018 - raises if there is none
    if mine:
        if reference is not None or thread is not None:
            raise CommandError("Give either a run reference or --mine, not both.", hint="%lg_attach --mine")
        return _attach_mine(session, wait)
    run = _attach_one(session, reference, thread)
    if wait:
        session.announce(run)
        run.wait()
    _let_it_end(run)
    return run


def _let_it_end(run: Run) -> None:
    """Wait until the handle of an ended run has its outcome, so that it is not shown as pending."""
    if not run.is_settled and run.raw.get("status") not in LIVE:
        run.wait_quietly()


def _attach_one(session: Session, reference: object, thread: str | None) -> Run:
    if isinstance(reference, Run):
        return _on_thread(session, reference, thread)
    if reference is not None and not isinstance(reference, str):
        raise UnknownReference(
            f"A run is needed, got {type_phrase(reference)}.", hint="Name a run by its id; %lg_runs lists them."
        )
    if reference and (known := _known_run(session, reference)):
        return _on_thread(session, known, thread)
    reference = reference.strip().removeprefix("·") if reference else None
    if reference and not thread:
        return _found_by_id(session, reference)
    found = which_thread(session, thread) if thread else current_thread(session)
    row = _row_on(session, found.id, reference)
    if row is None and reference:
        raise UnknownReference(
            f"No run '{reference}' on {found}.", hint="%lg_runs lists them; -t names another thread."
        )
    if row is None:
        raise UnknownReference(f"Nothing has run on {found} yet.", hint="%lg_attach -t THREAD uses another thread.")
    return attached(session, row, found.id)


def _on_thread(session: Session, run: Run, thread: str | None) -> Run:
    """Return a known run, which is followed again if its end is not known; an error if another thread was named."""
    if thread is not None and (named := which_thread(session, thread)).id != run.thread_id:
        raise UnknownReference(f"{run.number} is on {run.info.thread}, and not on {named}.", hint="Leave out --thread.")
    if run.status == "unknown":
        tracked(run).follow_again()
    return run


def _found_by_id(session: Session, reference: str) -> Run:
    """Find a run on the current thread, or else on a thread that this notebook made: a new kernel has no thread yet.

    A whole id is also searched on other threads, as far as this is fast.
    """
    connection, notebook = session.connection, session.notebook()
    current = [session.selection.thread.id] if session.selection.thread else []
    for thread_id in current:
        if row := _row_on(session, thread_id, reference):
            return attached(session, row, thread_id)
    if is_full_id(reference) and (row := connection.runs.anywhere(reference)):
        return attached(session, row, row.thread_id)
    for thread_id in _threads_of(session, notebook)[0]:
        if thread_id not in current and (row := _row_on(session, thread_id, reference)):
            return attached(session, row, thread_id)
    whose = f"of this {'notebook' if notebook else 'session'}"
    raise UnknownReference(
        f"No run '{reference}' {whose} is on {connection.url}.",
        hint="%lg_attach RUN -t THREAD searches another thread; %lg_threads lists them.",
    )


def _row_on(session: Session, thread_id: str, reference: str | None) -> RunRecord | None:
    """The row of the named run on this thread, or of the newest if none is named; None if it is not there."""
    if reference and is_full_id(reference):
        return session.connection.runs.get(thread_id, reference.lower())
    rows = session.connection.runs.newest(thread_id)
    return _row_called(rows, reference) if reference else next(iter(rows), None)


def _row_called(rows: Sequence[RunRecord], reference: str) -> RunRecord | None:
    """The row of the named run; None if it is not among these.

    Raises:
        UnknownReference: more than one match.
    """
    known = [Known("", row.run_id, row.status) for row in reversed(rows)]
    if not (reference.startswith("last") or any(is_part_of_id(reference, each.id) for each in known)):
        return None
    run_id = resolve(reference, known, kind="run", listed_by="%lg_runs").id
    return next((row for row in rows if row.run_id == run_id), None)


def _known_run(session: Session, reference: str) -> Run | None:
    """A run of this session by its number or id."""
    return next((run for run in session.tracker.runs() if reference in (run.number, run.run_id)), None)


def _attach_mine(session: Session, wait: bool) -> Table:
    notebook = session.notebook()
    threads, cut = _threads_of(session, notebook)
    rows: dict[str, RunRecord] = {}
    for thread_id in threads:
        found = session.connection.runs.newest(thread_id)
        if len(found) == NEWEST:
            found += session.connection.runs.live(thread_id)
            cut.append(f"the newest {NEWEST} runs of {session.tracker.thread(thread_id)}")
        rows |= {row.run_id: row for row in found if is_own_row(session, row, notebook)}
    chosen = _live_and_newest(sorted(rows.values(), key=lambda row: row.created_at, reverse=True))
    if not chosen:
        where = f"of {notebook.partition('·')[0]}" if notebook else "of this session"
        raise UnknownReference(
            f"No run {where} is on {session.connection.url}.", hint="%lg_runs lists a thread's runs."
        )
    runs = [attached(session, row, row.thread_id) for row in chosen]
    if session.selection.thread is None:
        session.select(thread=session.tracker.thread(runs[0].thread_id))
    live = [run for run, row in zip(runs, chosen, strict=True) if row.status in LIVE]
    for run in live[:CARDS]:
        session.announce(run)
    for run in runs:
        if wait or run not in live:
            run.wait_quietly()
    note = f"All live runs; of the ended ones, only {' and '.join(cut)} were read." if cut else ""
    return table_of_runs(session, runs, note=note)


def _threads_of(session: Session, notebook: str) -> tuple[list[str], list[str]]:
    """The threads of this notebook (busy ones first, then the newest changed), the current one, and those that this session
    knows on this deployment. Also returns what was left out, in words.
    """
    connection, tags = session.connection, Cell(notebook).tags
    busy = connection.threads.search(metadata=tags, status="busy").rows if notebook else []
    newest = connection.threads.search(metadata=tags, limit=THREADS).rows if notebook else []
    for row in (*busy, *newest):
        thread_info(session, row)
    current = [session.selection.thread.id] if session.selection.thread else []
    known = [
        run.thread_id for run in session.tracker.runs() if tracked(run).is_on(connection) and not run.info.is_stateless
    ]
    threads = dict.fromkeys([*(row.thread_id for row in (*busy, *newest)), *current, *known])
    return list(threads), [f"the newest {THREADS} threads of this notebook"] if len(newest) == THREADS else []


def _live_and_newest(rows: Sequence[RunRecord]) -> list[RunRecord]:
    """From runs, newest first: every live one, and the newest ended one of each cell on each thread, and of each cron."""
    seen: set[object] = set()
    chosen = []
    for row in rows:
        cell = cell_from_tags(row.metadata)
        key = row.metadata.get(CRON) or ((cell, row.thread_id) if cell else row.run_id)
        if row.status in LIVE or key not in seen:
            chosen.append(row)
        if row.status not in LIVE:
            seen.add(key)
    return chosen


@command("watch", group="Runs")
def watch(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    runs: Annotated[int | None, AtLeast(1)] = None,
    timeout: Timeout = None,
) -> Table:
    """Watch a thread: show a card for each live run, and for each run that any client launches from now on.

    A kernel interrupt ends it; the runs go on. Watching goes on if the deployment is away for a moment.

    Args:
        thread: The thread; the current one otherwise.
        runs: Stop when so many runs were shown and have ended.
        timeout: Stop after so many seconds.

    Returns:
        A table of the runs that were shown.

    Raises:
        NotFound: no such thread. Unreachable: the deployment does not answer any more.

    Example:
        %lg_watch t2
    """
    seconds = seconds_to_wait(timeout)
    until = None if seconds is None else time.monotonic() + seconds
    found = which_thread(session, thread)
    watching = _Watch(session, found.id, runs)
    try:
        watching.begin()
        while not watching.is_over and (until is None or time.monotonic() < until):
            watching.show_next()
    except KeyboardInterrupt:
        pass
    finally:
        watching.close()
    return table_of_runs(session, watching.shown)


class _Watch:
    """The runs of one thread as they start: from the thread's stream, and from a poll every POLL_EVERY seconds.

    A poll shows the runs that the stream missed, and those whose row could not be read.
    """

    def __init__(self, session: Session, thread_id: str, count: int | None) -> None:
        self._session, self._thread_id, self._count = session, thread_id, count
        self._started: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stream: Future[None] | None = None
        self._before: set[str] = set()
        self._polled_at = 0.0
        self._lost_at: float | None = None
        self.shown: list[Run] = []

    def begin(self) -> None:
        """Open the stream, and show the runs that are live."""
        connection, thread_id = self._session.connection, self._thread_id
        self._stream = self._session.loop.start(_put_started(connection, thread_id, self._started))
        self._before = {row.run_id for row in connection.runs.newest(thread_id, NEWEST_RUNS)}
        self._polled_at = time.monotonic()
        for row in reversed(connection.runs.live(thread_id)):
            self._show(row.run_id)

    def show_next(self) -> None:
        """Wait a moment for the next run, and show it.

        Raises:
            DeploymentError: the deployment refuses, or has not answered for too long.
        """
        try:
            self._show(self._started.get(timeout=MOMENT))
        except queue.Empty:
            if time.monotonic() - self._polled_at > POLL_EVERY:
                self._poll()
        except DeploymentError as problem:
            self._give_up_if_lost(problem)

    def _poll(self) -> None:
        self._polled_at = time.monotonic()
        try:
            rows = self._session.connection.runs.newest(self._thread_id, NEWEST_RUNS)
            for row in reversed([row for row in rows if row.run_id not in self._before]):
                self._show(row.run_id)
            self._lost_at = None
        except DeploymentError as problem:
            self._give_up_if_lost(problem)

    def _give_up_if_lost(self, problem: DeploymentError) -> None:
        self._lost_at = self._lost_at or time.monotonic()
        if should_give_up(self._session.connection, problem, time.monotonic() - self._lost_at):
            raise problem

    @property
    def is_over(self) -> bool:
        """Whether so many runs were shown, and have ended."""
        enough = self._count is not None and len(self.shown) >= self._count
        return enough and all(run.is_settled for run in self.shown)

    def close(self) -> None:
        """End the stream."""
        if self._stream is not None:
            self._stream.cancel()

    def _show(self, run_id: str) -> None:
        if run_id in {run.run_id for run in self.shown}:
            return
        row = self._session.connection.runs.get(self._thread_id, run_id)
        if row is not None:
            run = attached(self._session, row, self._thread_id)
            self.shown.append(run)
            self._session.announce(run)


async def _put_started(connection: Connection, thread_id: str, started: queue.SimpleQueue[str]) -> None:
    """Put the id of each run that begins into `started`. The stream is opened again if it ends.

    If the deployment refuses it, only the poll goes on.
    """
    while True:
        try:
            async for run_id in thread_runs(connection, thread_id):
                started.put(run_id)
        except DeploymentError as problem:
            if should_give_up(connection, problem, 0):
                return
        await asyncio.sleep(POLL_EVERY)

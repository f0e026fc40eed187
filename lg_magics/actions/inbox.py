"""Reads the threads that wait for a person, and decides on the calls of several. Draws nothing."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lg_magics.actions.launch import launch
from lg_magics.actions.pending import (
    forget_decisions,
    kept_decisions,
    pending_on,
    remember_shown,
    remembered_on,
    request_to_go_on,
)
from lg_magics.actions.recover import replies_after_recovery
from lg_magics.actions.run_rows import table_of_runs
from lg_magics.actions.threads import thread_of_row
from lg_magics.errors import DeploymentError, LgError, NotFound, Unreachable
from lg_magics.follow.run import Run
from lg_magics.model.answers import Answer, has_changed, replies_from, resume_value
from lg_magics.model.interrupts import Interrupt, interrupts_from_state, interrupts_from_thread
from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_away
from lg_magics.session import Session
from lg_magics.tables.table import Table

__all__ = ["Waiting", "decide", "is_news", "waiting_threads"]

MOST_AT_ONCE = 50
MOST_FAILED = 50  # threads in error, the newest first: each costs a call
MOST_KEPT = 1_000  # threads whose questions are kept
AT_ONCE = 16
Asked = tuple[tuple[Interrupt, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting thread from the server, with its questions, or the nodes before which it stopped at a breakpoint."""

    row: ThreadRecord
    questions: tuple[Interrupt, ...]
    stopped_before: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Its status in words."""
        return "waiting" if self.row.status == "interrupted" else self.row.status

    def is_about(self, tool: str) -> bool:
        """Whether it waits for decisions on calls of this tool, and for nothing else."""
        actions = [action for question in self.questions for action in question.actions]
        return bool(actions) and all(each.actions for each in self.questions) and {a.name for a in actions} == {tool}


def waiting_threads(session: Session, limit: int | None) -> tuple[list[Waiting], bool]:
    """At most `limit` threads that wait for a person, and whether they are all. Gives them no numbers.

    Leaves out threads whose run was cancelled, which are `interrupted` too.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    size = MOST_AT_ONCE if limit is None else min(MOST_AT_ONCE, limit + 1)
    merged = heapq.merge(_interrupted(session, size), _failed(session), key=_changed_at, reverse=True)
    found = list(merged if limit is None else islice(merged, limit + 1))
    return (found, True) if limit is None else (found[:limit], len(found) <= limit)


def _changed_at(waiting: Waiting) -> str:
    return waiting.row.updated_at


def _interrupted(session: Session, size: int) -> Iterator[Waiting]:
    for page in session.connection.threads.pages(status="interrupted", first=size):
        yield from _asking(session, page)


def _failed(session: Session) -> list[Waiting]:
    """The newest threads in error with open questions."""
    rows = session.connection.threads.search(status="error", limit=MOST_FAILED).rows
    return list(_asking(session, rows))


def _asking(session: Session, rows: Sequence[ThreadRecord]) -> Iterator[Waiting]:
    """Those of the threads that wait, with their questions. A thread that has not changed is not read again."""
    known = session.asking_threads
    unread = [row for row in rows if not row.updated_at or known.get(row.thread_id, ("",))[0] != row.updated_at]
    for row, asked in zip(unread, session.loop.wait(_asked(session.connection, unread)), strict=True):
        known.pop(row.thread_id, None)
        known[row.thread_id] = (row.updated_at, asked)
    found = [(row, *known[row.thread_id][1]) for row in rows]
    for each in list(known)[: max(0, len(known) - MOST_KEPT)]:
        del known[each]
    for row, questions, before in found:
        if questions or before:
            yield Waiting(row, session.connection.question_numbers.numbered(row.thread_id, questions), before)


async def _asked(connection: Connection, rows: Sequence[ThreadRecord]) -> list[Asked]:
    """The questions of threads from their states, which know more than the rows, or the nodes before which they stopped."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(row: ThreadRecord) -> Asked:
        async with at_once:
            try:
                return await _questions_of(connection, row)
            except NotFound:
                return (), ()
            except DeploymentError as problem:
                if is_away(problem):
                    raise
                return interrupts_from_thread(row), ()

    return await asyncio.gather(*map(read, rows))


async def _questions_of(connection: Connection, row: ThreadRecord) -> Asked:
    """What a thread asks, or where it stopped at a breakpoint; neither if its last run was cancelled."""
    may_be_stopped = row.status == "interrupted" and not interrupts_from_thread(row)
    if may_be_stopped:
        runs = await connection.background.runs.newest(row.thread_id, 1, select=["run_id", "status"])
        if runs and runs[0].status != "success":
            return (), ()
    state = await connection.background.states.get(row.thread_id)
    return interrupts_from_state(state), state.next if may_be_stopped else ()


def is_news(session: Session, waiting: Waiting) -> bool:
    """Whether no list, state or error has shown its questions as they are now. A run of ours may have had no card."""
    shown = remembered_on(session, waiting.row.thread_id)
    return shown is None or has_changed(shown, waiting.questions)


def decide(session: Session, chosen: Sequence[Waiting], how: Any) -> Table:
    """Send the same decision, approve or reject, on the calls of these threads, unless their questions have changed.

    Returns:
        The runs that go on; its note names the threads to which nothing was sent.
    """
    launched: list[Run] = []
    refused: list[str] = []
    for each in chosen:
        thread = thread_of_row(session, each.row, status=each.status).info
        try:
            pending = pending_on(session, thread)
            if has_changed(each.questions, pending.questions):
                refused.append(f"{thread.number}: the question has changed")
                continue
            kept = kept_decisions(session, pending.questions)
            replies = replies_from(Answer(None, how), pending.questions, kept=kept)
            sent = replies_after_recovery(session, thread, pending, replies)
            request = request_to_go_on(session, thread, pending.row, command={"resume": resume_value(sent)})
            launched.append(launch(session, request, thread, card=False))
            forget_decisions(session, pending.questions, replies)
            remember_shown(session, thread.id, ())  # what the run asks is not shown anywhere
        except Unreachable:
            raise
        except LgError as problem:
            refused.append(f"{thread.number}: {problem.message}")
    return table_of_runs(session, launched, note=" ".join(f"Not sent, {each}." for each in refused))

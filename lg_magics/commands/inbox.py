"""The inbox: every thread of the deployment that waits for a person, whoever made it. Answers nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lg_magics.commands.grammar.kinds import Limit, Offset
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.pending import remember_shown
from lg_magics.commands.thread_table import thread_of_row
from lg_magics.errors import NotFound
from lg_magics.model.interrupts import Interrupt, interrupts_from_thread
from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.inbox import InboxRow, inbox_table
from lg_magics.tables.table import Table

__all__ = ["Waiting", "inbox", "waiting_threads"]

MOST_AT_ONCE = 50


@command("inbox", group="People")
def inbox(session: Session, *, limit: Limit = 10, offset: Offset = 0, all: bool = False) -> Table:
    """List the deployment's threads that wait for a person: what they ask, or where they stopped at a breakpoint.

    Args:
        limit: At most so many, the newest change first.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table; `.df` is a pandas frame.

    Example:
        %lg_inbox
    """
    found, is_last = waiting_threads(session, None if all else offset + limit)
    rows = [InboxRow(thread_of_row(session, each.row), each.questions, each.stopped_before) for each in found[offset:]]
    for row in rows:
        remember_shown(session, row.thread.thread_id, row.questions)
    table = inbox_table(
        rows,
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit N, --offset {offset + limit} or --all",
        note="%lg_resume -t THREAD ANSWER" if rows else "",
        attrs={"deployment": session.connection.url},
    )
    return replace(table, offset=offset)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A thread that waits, as the server has it: what it asks, or the nodes before which it stopped at a breakpoint."""

    row: ThreadRecord
    questions: tuple[Interrupt, ...]
    stopped_before: tuple[str, ...] = ()


def waiting_threads(session: Session, limit: int | None) -> tuple[list[Waiting], bool]:
    """So many threads that wait for a person, and whether those are all; none of them gets a number by it.

    A thread whose run was cancelled is `interrupted` too: left out.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    found: list[Waiting] = []
    size = MOST_AT_ONCE if limit is None else min(MOST_AT_ONCE, limit + 1)
    for page in session.connection.threads.pages(status="interrupted", first=size):
        stops = session.loop.wait(_stops(session.connection, page))
        for row in page:
            questions = interrupts_from_thread(row)
            before = stops.get(row.thread_id, ())
            if not questions and not before:
                continue
            if limit is not None and len(found) == limit:
                return found, False
            found.append(Waiting(row, _named(session, row.thread_id, questions), before))
    return found, True


def _named(session: Session, thread_id: str, questions: Sequence[Interrupt]) -> tuple[Interrupt, ...]:
    """The questions with their nodes, where a run of ours has told them."""
    told = {
        each.id: each for run in session.tracker.runs() if run.thread_id == thread_id for each in run.view.interrupts
    }
    return tuple(told.get(each.id, each) if told.get(each.id, each).value == each.value else each for each in questions)


async def _stops(connection: Connection, rows: Sequence[ThreadRecord]) -> dict[str, tuple[str, ...]]:
    """The nodes before which the threads stopped that ask nothing."""
    ids = [row.thread_id for row in rows if not interrupts_from_thread(row)]
    stops = await asyncio.gather(*(_stopped_before(connection, each) for each in ids))
    return dict(zip(ids, stops, strict=True))


async def _stopped_before(connection: Connection, thread_id: str) -> tuple[str, ...]:
    """The nodes before which a thread stopped at a breakpoint; none if its last run was cancelled, or it is gone."""
    try:
        runs = await connection.background.runs.newest(thread_id, 1, select=["run_id", "status"])
        if runs and runs[0].status != "success":
            return ()
        return (await connection.background.states.get(thread_id)).next
    except NotFound:
        return ()

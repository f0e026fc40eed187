"""The inbox: every thread of the deployment that waits for a person, whoever made it; and one decision for many of a kind."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, Any

from lg_magics.actions.launch import launch
from lg_magics.actions.pending import pending_on, remember_shown, request_to_go_on, shown_on
from lg_magics.commands.run_table import table_of_runs
from lg_magics.commands.thread_table import thread_of_row
from lg_magics.errors import CommandError, DeploymentError, NotFound, ReferenceError, Unreachable
from lg_magics.follow.run import Run
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.model.answers import Answer, has_changed, replies_from
from lg_magics.model.interrupts import Interrupt, interrupts_from_state, interrupts_from_thread
from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.inbox import InboxRow, inbox_table
from lg_magics.tables.table import Table

__all__ = ["Waiting", "inbox", "waiting_threads"]

MOST_AT_ONCE = 50
MOST_FAILED = 50
"""So many of the newest threads in error are looked at: each costs a call."""
AT_ONCE = 16


@command("inbox", group="People")
def inbox(
    session: Session,
    *,
    approve: Annotated[str | None, Option(value="TOOL")] = None,
    reject: Annotated[str | None, Option(value="TOOL")] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the deployment's threads that wait for a person: what they ask, or where they stopped at a breakpoint.

    A thread is listed too if an answer made it fail, and its question is still open; of those in error the newest 50 are
    looked at. With --approve or --reject, one decision goes to every call of a tool in the list: first what would be decided is
    shown, and the same line again sends it. Calls that came meanwhile are shown before they are decided on.

    Args:
        approve: Approve the calls of this tool.
        reject: Reject the calls of this tool.
        limit: At most so many, the newest change first.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table; `.df` is a pandas frame. With a decision that was sent, the runs that go on.

    Example:
        %lg_inbox
    """
    if approve is not None and reject is not None:
        raise CommandError("--approve and --reject cannot go together.")
    found, is_last = waiting_threads(session, None if all else offset + limit)
    chosen, note = found[offset:], ""
    if tool := approve or reject:
        chosen = [each for each in chosen if _is_about(each, tool)]
        if not chosen:
            raise ReferenceError(f"No call of '{tool}' waits alone on a thread.", hint="%lg_inbox lists what waits.")
        if not any(_is_news(session, each) for each in chosen):
            return _decide(session, chosen, "approve" if approve else "reject")
        note = f"Nothing was sent. The same line again {'approves' if approve else 'rejects'} these."
    rows = [
        InboxRow(thread_of_row(session, each.row, status=_word(each)), each.questions, each.stopped_before)
        for each in chosen
    ]
    for row in rows:
        remember_shown(session, row.thread.thread_id, row.questions)
    table = inbox_table(
        rows,
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit N, --offset {offset + limit} or --all",
        note=note,
        hint="%lg_resume -t THREAD ANSWER" if rows and not note else "",
        attrs={"deployment": session.connection.url},
    )
    return replace(table, offset=offset)


# -- one decision for many --------------------------------------------------------------------------------------


def _is_about(waiting: Waiting, tool: str) -> bool:
    """Whether a thread waits for decisions on calls of this tool, and for nothing else."""
    actions = [action for question in waiting.questions for action in question.actions]
    return bool(actions) and all(each.actions for each in waiting.questions) and {a.name for a in actions} == {tool}


def _is_news(session: Session, waiting: Waiting) -> bool:
    shown = shown_on(session, waiting.row.thread_id)
    return shown is None or has_changed(shown, waiting.questions)


def _decide(session: Session, chosen: Sequence[Waiting], how: Any) -> Table:
    launched: list[Run] = []
    refused: list[str] = []
    for each in chosen:
        thread = thread_of_row(session, each.row, status=_word(each)).info
        try:
            pending = pending_on(session, thread)
            if has_changed(each.questions, pending.questions):
                refused.append(f"{thread.number}: the question has changed")
                continue
            replies = replies_from(Answer(None, how), pending.questions)
            request = request_to_go_on(session, thread, pending.row, command={"resume": replies})
            launched.append(launch(session, request, thread, card=False))
        except Unreachable:
            raise
        except (CommandError, DeploymentError) as problem:
            refused.append(f"{thread.number}: {problem.message}")
    return table_of_runs(session, launched, note=" ".join(f"Not sent, {each}." for each in refused))


# -- who waits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A thread that waits, as the server has it: what it asks, or the nodes before which it stopped at a breakpoint."""

    row: ThreadRecord
    questions: tuple[Interrupt, ...]
    stopped_before: tuple[str, ...] = ()


def _word(waiting: Waiting) -> str:
    return "waiting" if waiting.row.status == "interrupted" else waiting.row.status


def waiting_threads(session: Session, limit: int | None) -> tuple[list[Waiting], bool]:
    """So many threads that wait for a person, and whether those are all; none of them gets a number by it.

    A thread whose run was cancelled is `interrupted` too: left out.

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
        states = session.loop.wait(_states(session.connection, page))
        for row in page:
            questions, before = states.get(row.thread_id) or (interrupts_from_thread(row), ())
            if questions or before:
                yield Waiting(row, _named(session, row.thread_id, questions), before)


def _named(session: Session, thread_id: str, questions: Sequence[Interrupt]) -> tuple[Interrupt, ...]:
    """The questions with their nodes, where a run of ours has told them."""
    told = {
        each.id: each for run in session.tracker.runs() if run.thread_id == thread_id for each in run.view.interrupts
    }
    return tuple(told.get(each.id, each) if told.get(each.id, each).value == each.value else each for each in questions)


Asked = tuple[tuple[Interrupt, ...], tuple[str, ...]]


async def _states(connection: Connection, rows: Sequence[ThreadRecord]) -> dict[str, Asked]:
    """What threads ask whose rows list no questions, or the nodes before which they stopped."""
    ids = [row.thread_id for row in rows if not interrupts_from_thread(row)]
    found = await asyncio.gather(*(_stopped_before(connection, each) for each in ids))
    return dict(zip(ids, found, strict=True))


async def _stopped_before(connection: Connection, thread_id: str) -> Asked:
    """The nodes before which a thread stopped at a breakpoint; none if its last run was cancelled, or it is gone."""
    try:
        runs = await connection.background.runs.newest(thread_id, 1, select=["run_id", "status"])
        if runs and runs[0].status != "success":
            return (), ()
        state = await connection.background.states.get(thread_id)
        return interrupts_from_state(state), state.next
    except NotFound:
        return (), ()


# -- after an answer that failed --------------------------------------------------------------------------------


def _failed(session: Session) -> list[Waiting]:
    """The newest threads in error whose questions are open still. One that has not changed is not read again."""
    rows = session.connection.threads.search(status="error", limit=MOST_FAILED).rows
    known = session.failed_threads
    unread = [row for row in rows if not row.updated_at or known.get(row.thread_id, ("",))[0] != row.updated_at]
    for row, asked in zip(unread, session.loop.wait(_left_open(session.connection, unread)), strict=True):
        known[row.thread_id] = (row.updated_at, asked)
    found = [Waiting(row, known[row.thread_id][1]) for row in rows]
    return [each for each in found if each.questions]


async def _left_open(connection: Connection, rows: Sequence[ThreadRecord]) -> list[tuple[Interrupt, ...]]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(thread_id: str) -> tuple[Interrupt, ...]:
        async with at_once:
            try:
                return interrupts_from_state(await connection.background.states.get(thread_id))
            except Unreachable:
                raise
            except DeploymentError:
                return ()

    return await asyncio.gather(*(read(row.thread_id) for row in rows))

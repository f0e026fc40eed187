"""The runs of a cron, found by what it writes on them and on their threads. Changes nothing.

A run carries its cron's id in its configuration. Its thread carries the cron's metadata, by which it can be looked for; a cron
that was made here has a tag of its own among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from lg_magics.commands.crons import CRON_REFERENCE
from lg_magics.commands.run_table import row_of_payload, waiting_run
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.registry import command
from lg_magics.model.records import RunRecord, ThreadRecord
from lg_magics.resolve.crons import CRON, which_cron
from lg_magics.server.threads import MOST
from lg_magics.session import Session
from lg_magics.tables.crons import CronInfo
from lg_magics.tables.runs import runs_table
from lg_magics.tables.table import Table

__all__ = ["runs", "runs_of"]

STRANGERS = 100
"""Of a cron without a tag of ours, the runs of so many threads are looked through."""


@command("cron runs", group="Crons")
def runs(
    session: Session,
    cron: Annotated[object, CRON_REFERENCE] = "last",
    *,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List what a cron has run, newest first.

    Of a cron without a thread that keeps nothing, only runs that have not ended are there.

    Args:
        cron: c1, an id or a part of one, $cron; the last one made otherwise.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table of runs; `.df` is a pandas frame. %lg_messages -t THREAD reads what one said.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron runs c1
    """
    return runs_of(session, which_cron(session, cron), MOST if all else limit, offset)


def runs_of(session: Session, found: CronInfo, limit: int, offset: int = 0) -> Table:
    """What a cron has run, newest first, at most `limit` behind `offset`."""
    end = min(MOST, offset + limit)
    threads = _threads(session, found, min(MOST, end + 1))
    payloads = [row for thread in threads for row in _runs_on(session, found, thread, min(MOST, end + 1))]
    payloads.sort(key=lambda row: row.created_at, reverse=True)
    waiting = _waiting(threads, payloads)
    is_last = len(payloads) <= end
    table = runs_table(
        [row_of_payload(session, row, is_paused=row.run_id in waiting) for row in payloads[offset:end]],
        noun=f"run of {session.crons.shown(found.id).partition(' ')[0]}",
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit {limit * 5} or --all",
        note=_note(found),
        attrs={"deployment": session.connection.url, "cron_id": found.id},
    )
    return replace(table, offset=offset)


def _note(cron: CronInfo) -> str:
    if cron.thread_id or cron.is_kept:
        return ""
    return "It keeps nothing: a run is deleted when it ends. %lg_cron update CRON --keep keeps the next ones."


def _threads(session: Session, cron: CronInfo, limit: int) -> list[ThreadRecord]:
    """The threads that the cron's runs may be on, the newest change first."""
    threads = session.connection.threads
    if cron.thread_id:
        row = threads.find(cron.thread_id)
        return [row] if row else []
    if tag := cron.metadata.get(CRON):
        return threads.search(metadata={CRON: tag}, limit=limit).rows
    wanted = {**cron.metadata, **({"assistant_id": cron.assistant_id} if cron.assistant_id else {})}
    return threads.search(metadata=wanted, limit=STRANGERS).rows


def _runs_on(session: Session, cron: CronInfo, thread: ThreadRecord, limit: int) -> list[RunRecord]:
    return [row for row in session.connection.runs.newest(thread.thread_id, limit) if _is_of(cron, row)]


def _is_of(cron: CronInfo, row: RunRecord) -> bool:
    """Whether a run is the cron's: by the cron's id in its configuration, or by our tag where the server tells no more."""
    config = row.kwargs.get("config")
    values = config.get("configurable") if isinstance(config, Mapping) else None
    if isinstance(values, Mapping) and values.get("cron_id"):
        return bool(values["cron_id"] == cron.id)
    tag = cron.metadata.get(CRON)
    return bool(tag) and row.metadata.get(CRON) == tag


def _waiting(threads: list[ThreadRecord], payloads: list[RunRecord]) -> set[str]:
    """The runs that wait for a person: `payloads` are newest first."""
    newest: dict[str, RunRecord] = {}
    for row in payloads:
        newest.setdefault(row.thread_id, row)
    return {waiting_run([newest[each.thread_id]], each) for each in threads if each.thread_id in newest}

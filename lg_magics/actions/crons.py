"""A cron's facts, changes and runs; crons that outlive the session; a cron for a `with` block. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from lg_magics.actions.many_writes import NAMED, ManyWrites, counted, unconfirmed
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.run_rows import row_of_payload, waiting_run
from lg_magics.errors import LgError, NotFound, Unsupported
from lg_magics.grammar.functions import bound_function
from lg_magics.grammar.lookup import command_named
from lg_magics.model.crons import MadeCron
from lg_magics.model.duration import local_time
from lg_magics.model.records import RunRecord, ThreadRecord
from lg_magics.model.secrets import without_secrets
from lg_magics.resolve.assistants import assistant_name, assistant_rows
from lg_magics.resolve.crons import CRON, listed_cron, now_utc, remember_cron, which_crons
from lg_magics.server.connection import Connection
from lg_magics.server.threads import MOST
from lg_magics.session import Session
from lg_magics.tables.assistants import name_of_row
from lg_magics.tables.crons import Cron, CronInfo, cron_from_row, late_words
from lg_magics.tables.facts import Facts
from lg_magics.tables.runs import runs_table
from lg_magics.tables.table import Table, local_words, times_words

__all__ = [
    "assistant_names",
    "crons_that_go_on",
    "facts_of_cron",
    "facts_of_crons",
    "runs_of_cron",
    "switch_crons",
    "switched",
    "temporary_cron",
    "update_cron",
    "ways_to_end",
]

STRANGERS = 100
"""The number of threads to search for runs of a cron without a tag of ours."""


def crons_that_go_on(session: Session, *, at_exit: bool) -> list[MadeCron]:
    """The crons that this session made and that fire after it, oldest first.

    Args:
        session: the session that ends.
        at_exit: whether this process ends, and an embedded server of its own with it.
    """
    left = [made for made in session.crons.left(now_utc()) if made.is_enabled]
    if at_exit and session.local is not None and left:
        from lg_magics import local

        ending = session.local.url if local.ends_with_this_process(session.local) else ""
        left = [made for made in left if made.url != ending]
    return left


def ways_to_end(left: Sequence[MadeCron]) -> list[str]:
    """The lines that delete these crons in a later session, once it is connected.

    A later session recognizes only crons of its own notebook; others are deleted by the end of their ids.
    """
    if all(made.notebook for made in left):
        return ["%lg_cron delete --mine"]
    return [f"%lg_cron delete {made.shown.rpartition('·')[2]}" for made in left]


@contextmanager
def temporary_cron(
    session: Session, report: Callable[[str], None], schedule: str, text: str | None = None, **options: Any
) -> Iterator[Cron]:
    """Create a cron for a `with` block, and delete it after the block.

    Args:
        session: the session.
        report: called with the error if the cron cannot be deleted and the block raises an error of its own.
        schedule: the schedule in five fields.
        text: the message of each run.
        options: those of `%lg_cron create`.

    Raises:
        DeploymentError: it cannot be made, or deleted.
    """
    create = bound_function(command_named("cron create"), lambda: session)
    cron = create(schedule, text, **options)
    assert isinstance(cron, Cron)
    connection = session.connection  # the block may connect to another
    try:
        yield cron
    except BaseException:
        try:
            _delete(session, connection, cron)
        except LgError as problem:
            report(f"{type(problem).__name__}: {problem}")
        raise
    _delete(session, connection, cron)


def _delete(session: Session, connection: Connection, cron: Cron) -> None:
    shown = session.crons.shown(cron.cron_id)
    try:
        connection.crons.delete(cron.cron_id, shown)
    except NotFound:
        pass  # the block deleted it, or it was deleted with its thread
    except LgError as problem:
        raise type(problem)(
            f"Cron {shown} is not deleted, and may go on: {problem.message}", hint=problem.hint
        ) from problem
    session.crons.gone(cron.cron_id)
    session.events.emit("command", "cron delete")


def assistant_names(session: Session) -> dict[str, str]:
    """The name of each assistant by its id; empty if the deployment does not list them."""
    try:
        return {str(row["assistant_id"]): name_of_row(row) for row in assistant_rows(session)}
    except Unsupported:
        return {}


def facts_of_cron(session: Session, cron: CronInfo, done: str, *, warning: str = "") -> Cron:
    """A cron's facts under a line with the result of the command, and a `warning`."""
    listed = listed_cron(session, cron, assistant_names(session))
    number = listed.shown.partition(" ")[0]
    now = now_utc()
    fires, state = cron.fires(now), cron.state(now)
    facts = [
        ("schedule", cron.schedule),
        ("state", state),
        ("next (local time)", times_words([local_time(each) for each in fires], local_time(now).year)),
        ("next (UTC)", times_words(fires, now.year)),
        ("assistant", listed.assistant),
        ("thread", listed.thread),
        ("until", f"{local_words(cron.end)} (local time)" if cron.end else "it is deleted"),
        ("input", cron.text or "none"),
        ("whose", listed.owner or "unknown"),
        ("id", cron.id),
    ]
    lines = ((f"%lg_cron runs {number}", "what it ran"), (f"%lg_cron delete {number}", "it fires until then"))
    title = f"{done or 'Cron'} {listed.shown}: {cron.words}."
    late = late_words([number] if state == "overdue" else [])
    never_fires = "It does not fire before its end." if cron.ends_before_next_fire(now) else ""
    return Cron(
        title,
        tuple((label, words) for label, words in facts if words),
        lines,
        warning=" ".join(filter(None, (never_fires, warning, late))),
        data=without_secrets(cron.row),
    )


def switched(cron: CronInfo, enabled: bool) -> dict[str, Any]:
    """The change that enables or pauses a cron. Enabling sends the schedule too, else the server launches missed runs at once."""
    return {"enabled": True, "schedule": cron.schedule} if enabled else {"enabled": False}


def update_cron(
    session: Session, cron: CronInfo, what: Mapping[str, Any], done: str, not_done: str, *, yes: bool
) -> Cron:
    """Change a cron, and return its facts.

    Args:
        session: the session.
        cron: the cron.
        what: the fields to change.
        done: the begin of the result's title: `Changed cron`.
        not_done: what an error says of a cron on a protected deployment: `is not changed`.
        yes: also allow it on a protected deployment.
    """
    shown = session.crons.shown(cron.id)
    refuse_if_protected(session, f"cron {shown} {not_done}", yes=yes)
    changed = cron_from_row(session.connection.crons.update(cron.id, shown, what))
    if session.crons.is_made_here(cron.id):
        remember_cron(session, changed, assistant_name(session, changed.assistant_id))
    return facts_of_cron(session, changed, done)


def switch_crons(session: Session, reference: object, *, enabled: bool, yes: bool) -> Facts:
    """Enable or pause the crons of a list or a table that are not so already; without `yes` only count them.

    Raises:
        UnknownReference: an element is not a cron, or its name matches none, or more than one.
        DeploymentError: the deployment does not answer, or refuses one; the message has the number that were changed.
    """
    found = [cron for cron in which_crons(session, reference) if cron.is_enabled != enabled]
    done, line = ("resumed", "%lg_cron resume") if enabled else ("paused", "%lg_cron pause")
    names, ids = [session.crons.shown(cron.id) for cron in found], {"cron_ids": [cron.id for cron in found]}
    preview = unconfirmed(session, names, line, noun="cron", done=done, data=ids, yes=yes)
    if preview is not None:
        return preview
    update, changed = session.connection.background.crons.update, dict[str, CronInfo]()

    async def switch(cron: CronInfo) -> None:
        with suppress(NotFound):  # another client has deleted it
            row = await update(cron.id, session.crons.shown(cron.id), switched(cron, enabled))
            changed[cron.id] = cron_from_row(row)

    try:
        ManyWrites(found, switch, noun="cron", verb=done, name=lambda each: session.crons.shown(each.id)).run(session)
    finally:
        for cron in changed.values():
            if session.crons.is_made_here(cron.id):
                remember_cron(session, cron, assistant_name(session, cron.assistant_id))
    return facts_of_crons(session, [changed[cron.id] for cron in found if cron.id in changed], done)


def facts_of_crons(session: Session, crons: Sequence[CronInfo], done: str) -> Facts:
    """The crons that were deleted, paused or resumed: the first ten by name, and in `data` the ids of all."""
    named = crons[:NAMED]
    facts = tuple(
        (session.crons.shown(each.id), f"{each.words}{': ' if each.text else ''}{each.text}") for each in named
    )
    names = f"cron{'s' * (len(crons) != 1)} {', '.join(name for name, _ in facts)}"
    title = f"{done.capitalize()} {names if len(named) == len(crons) else counted(len(crons), 'cron')}."
    return Facts(title, facts, data={done: [each.id for each in crons]})


def runs_of_cron(session: Session, found: CronInfo, limit: int, offset: int = 0) -> Table:
    """The runs of a cron, newest first, at most `limit` after `offset`."""
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
    """The cron's newest runs on a thread, at most `limit`. Others may run there too: more runs are read until it has enough."""
    wanted = limit
    while True:
        try:
            listed = session.connection.runs.search(thread.thread_id, limit=wanted)
        except NotFound:  # it was deleted a moment ago
            return []
        found = [row for row in listed.rows if _is_of(cron, row)]
        if len(found) >= limit or listed.is_whole:
            return found[:limit]
        wanted *= 10


def _is_of(cron: CronInfo, row: RunRecord) -> bool:
    """Whether a cron launched a run: by the cron's id in its config, or by our tag if the server does not write the id."""
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

"""Crons: list them, look at one. Changes none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated

from lg_magics.errors import Unsupported
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.secrets import without_secrets
from lg_magics.resolve.assistants import assistant_rows, which_assistant_row
from lg_magics.resolve.crons import crons_here, listed_cron, mine_among, now_utc, which_cron
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.assistants import name_of_row
from lg_magics.tables.crons import Cron, CronInfo, Listed, crons_table
from lg_magics.tables.table import Table, times_words

__all__ = ["CRON_REFERENCE", "crons", "facts_of_cron", "show"]

CRON_REFERENCE = Positional(completes="cron", value="CRON")


@command("crons", group="Crons")
def crons(
    session: Session,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    mine: bool = False,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant", everyday=False)] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    enabled: Annotated[bool | None, Option(everyday=False)] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's crons with their next fire times, the next to fire first.

    Args:
        thread: Only those of this thread.
        mine: Only those that this session, or an earlier kernel of this notebook, made.
        assistant: Only those of this assistant.
        metadata: Only those that carry this, as k=v; may be repeated.
        enabled: Only those that fire; --no-enabled: only those that are paused.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
        open: On a page: choose a row, and pause, resume or delete the cron there; Close leaves the table.

    Returns:
        A table with each cron's schedule in words and whose it is; `.df` has the next time as UTC.

    Raises:
        Unsupported: this deployment has no crons.

    Example:
        %lg_crons
    """
    wanted = {
        "thread_id": which_thread(session, thread).id if thread else None,
        "metadata": metadata,
        "assistant_id": which_assistant_row(session, assistant).assistant_id if assistant else None,
        "enabled": enabled,
    }
    found = crons_here(session, **{name: value for name, value in wanted.items() if value is not None})
    found = mine_among(session, found) if mine else found
    now = now_utc()
    found.sort(key=lambda cron: _order(cron, now))
    names = _assistant_names(session)
    listed = [listed_cron(session, cron, names) for cron in (found[offset:] if all else found[offset : offset + limit])]
    late = [cron.id for cron in found if cron.state(now) == "overdue"]
    barren = [cron.id for cron in found if cron.is_barren(now)]
    is_whole = len(listed) == len(found)
    table = crons_table(
        listed,
        now,
        total=len(found),
        is_whole=is_whole,
        more="" if offset + len(listed) >= len(found) else f"--limit N, --offset {offset + limit} or --all",
        note=" ".join(filter(None, (_note_of_late(_those(listed, late)), _note_of_barren(_those(listed, barren))))),
        attrs={"deployment": session.connection.url},
    )
    again = partial(
        crons,
        session,
        thread=thread,
        mine=mine,
        assistant=assistant,
        metadata=metadata,
        enabled=enabled,
        limit=limit,
        offset=offset,
        all=all,
    )
    return replace(table, offset=offset, again=again if open else None)


def _order(cron: CronInfo, now: datetime) -> tuple[bool, datetime]:
    fires = cron.fires(now)
    return (not fires, fires[0] if fires else now)


def _note_of_late(shown: list[str]) -> str:
    """What is wrong where crons that should have fired have not."""
    if not shown:
        return ""
    return f"{', '.join(shown)} should have fired by now: the deployment's scheduler is late, or has stopped."


def _note_of_barren(shown: list[str]) -> str:
    """What is wrong where crons have an end that comes too soon."""
    if not shown:
        return ""
    does = "does not fire before its" if len(shown) == 1 else "do not fire before their"
    return f"{', '.join(shown)} {does} end."


def _those(listed: Sequence[Listed], ids: Sequence[str]) -> list[str]:
    return [each.shown for each in listed if each.cron.id in ids]


def _assistant_names(session: Session) -> dict[str, str]:
    """The name of each assistant by its id; none where the deployment does not list them."""
    try:
        return {str(row["assistant_id"]): name_of_row(row) for row in assistant_rows(session)}
    except Unsupported:
        return {}


@command("cron show", group="Crons")
def show(session: Session, cron: Annotated[object, CRON_REFERENCE] = "last") -> Cron:
    """Say what is known of a cron.

    Args:
        cron: c1, an id or a part of one, $cron; the last one made otherwise.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

    Example:
        %lg_cron show c1
    """
    return facts_of_cron(session, which_cron(session, cron), "")


def facts_of_cron(session: Session, cron: CronInfo, done: str, *, warning: str = "") -> Cron:
    """A cron with its facts under a line on what was done; `warning` must not be overlooked."""
    listed = listed_cron(session, cron, _assistant_names(session))
    number = listed.shown.partition(" ")[0]
    now = now_utc()
    fires, state = cron.fires(now), cron.state(now)
    facts = [
        ("schedule", cron.schedule),
        ("state", state),
        ("next (local time)", times_words([each.astimezone() for each in fires], now.astimezone().year)),
        ("next (UTC)", times_words(fires, now.year)),
        ("assistant", listed.assistant),
        ("thread", listed.thread),
        ("until", f"{cron.end.astimezone():%Y-%m-%d %H:%M:%S} (local time)" if cron.end else "it is deleted"),
        ("input", cron.text or "none"),
        ("whose", listed.owner or "nobody says"),
        ("id", cron.id),
    ]
    lines = ((f"%lg_cron runs {number}", "what it ran"), (f"%lg_cron delete {number}", "it fires until then"))
    title = f"{done or 'Cron'} {listed.shown}: {cron.words}."
    late = _note_of_late([number] if state == "overdue" else [])
    barren = "It does not fire before its end." if cron.is_barren(now) else ""
    told = tuple((label, words) for label, words in facts if words)
    return Cron(
        title, told, lines, warning=" ".join(filter(None, (barren, warning, late))), data=without_secrets(cron.row)
    )

"""What the deployment has: threads, those that wait for a person, namespaces, crons. Looks, and changes nothing.

A thread that is only listed gets no number: it would become what `last` means. It is typed by its id until it is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lg_magics.commands.crons import crons as list_crons
from lg_magics.commands.grammar.words import word_from_text
from lg_magics.commands.history import history
from lg_magics.commands.inbox import Waiting, waiting_threads
from lg_magics.commands.pending import remember_shown
from lg_magics.commands.store_namespaces import namespaces
from lg_magics.commands.thread_status import thread_statuses
from lg_magics.commands.which_cron import now_utc
from lg_magics.model.answers import mark_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import Known
from lg_magics.panel.questions import questions_json
from lg_magics.panel.rows import Row, Section, Tone, cut_text, row
from lg_magics.panel.sections import TONES, section
from lg_magics.server.threads import MOST
from lg_magics.session import Session
from lg_magics.tables.history import reference_of
from lg_magics.tables.table import times_words
from lg_magics.tables.thread import title_from_row

__all__ = ["checkpoints", "crons", "store", "threads", "waiting"]

TAIL = 6
STRANGER = Known("", "")
MOST_CHECKPOINTS = 10
MOST_NAMESPACES = 200
MOST_WAITING = 50
"""A thread that stopped at a breakpoint is asked about one by one."""


def counted(rows: Sequence[object], *, is_whole: bool) -> str:
    """How many there are, as a section's head says it."""
    return f"{len(rows)}{'' if is_whole else '+'}" if rows else "none"


# -- threads ----------------------------------------------------------------------------------------------------


def threads(session: Session, limit: int) -> Section:
    """The deployment's threads, the newest change first."""
    found = session.connection.threads.search(limit=min(limit, MOST - 1))
    known, current = _known(session), session.selection.thread.id if session.selection.thread else ""
    words = thread_statuses(session, found.rows)
    rows = [
        _thread_row(each, words[each.thread_id], known.get(each.thread_id, STRANGER), current) for each in found.rows
    ]
    return section("threads", rows, counted(rows, is_whole=found.is_whole), is_whole=found.is_whole)


def _known(session: Session) -> Mapping[str, Known]:
    """The threads that this session has met, by id."""
    return {known.id: known for known in session.tracker.known_threads()}


def _shown(identity: str, number: str) -> str:
    return f"{number} ·{identity[-TAIL:]}".strip()


def _thread_row(found: ThreadRecord, state: str, known: Known, current: str) -> Row:
    """A copy has no title of its own until it runs; the session knows one."""
    identity = found.thread_id
    is_current = identity == current
    return row(
        identity,
        word=known.number or identity,
        shown=_shown(identity, known.number),
        text=title_from_row(found) or known.name,
        state=state,
        tone=TONES.get(state, "quiet"),
        is_current=is_current,
        without=["use"] if is_current else [],
    )


def checkpoints(session: Session, thread: str) -> Section:
    """The newest checkpoints of a thread, to fork from."""
    found = history(session, thread, limit=MOST_CHECKPOINTS)
    word = session.tracker.thread(found.thread_id).number
    rows = []
    for step in found:
        point = step.checkpoint
        reference = reference_of(step, found.branch_of[point.id], found.current_branch)
        said = [", ".join(point.nodes) or point.source, step.changes.words if step.changes else ""]
        text = " · ".join(filter(None, said))
        rows.append(row(point.id, word=f"-t {word} {reference}", shown=reference, text=text, thread=found.thread_id))
    made = section("checkpoints", rows, counted(rows, is_whole=found.is_whole), is_whole=found.is_whole)
    return {**made, "note": found.note}


# -- who waits --------------------------------------------------------------------------------------------------


def waiting(session: Session, limit: int) -> Section:
    """The deployment's threads that wait for a person, with what they ask. Who sees the panel has seen the questions."""
    found, is_whole = waiting_threads(session, min(limit, MOST_WAITING))
    known = _known(session)
    for each in found:
        remember_shown(session, each.row.thread_id, each.questions)
    rows = [_waiting_row(session, each, known.get(each.row.thread_id, STRANGER).number) for each in found]
    return section("waiting", rows, counted(rows, is_whole=is_whole), is_whole=is_whole)


def _waiting_row(session: Session, found: Waiting, number: str) -> Row:
    identity = found.row.thread_id
    own = [run for run in session.tracker.runs_on(identity) if run.is_waiting]
    return row(
        identity,
        word=number or identity,
        shown=_shown(identity, number),
        text=_asked(found.questions) or f"stopped before {', '.join(found.stopped_before)}",
        state="waiting",
        tone="waiting",
        aside=str((found.row.get("metadata") or {}).get("graph_id") or ""),
        cell=own[-1].info.cell.id.partition("#")[0] if own and own[-1].info.cell else "",
        more=title_from_row(found.row),
        asks=[cut for each in found.questions for cut in _question(each)],
        mark=mark_of(found.questions, found.stopped_before),
    )


def _asked(questions: Sequence[Interrupt]) -> str:
    return " · ".join(each.summary[:400] for each in questions)


def _question(question: Interrupt) -> list[Any]:
    return [
        {**made, **{name: cut_text(made[name]) for name in ("question", "detail", "args")}}
        for made in questions_json(question)
    ]


# -- store and crons --------------------------------------------------------------------------------------------


def store(session: Session, limit: int) -> Section:
    """The namespaces of the store, with how many items are under each where they are few."""
    table = namespaces(session, limit=min(limit, MOST_NAMESPACES))
    rows = []
    for each in table:
        items = "" if each["items"] is None else f"{each['items']} item{'s' * (each['items'] != 1)}"
        rows.append(row(each["namespace"], word=word_from_text(each["namespace"]), text=each["namespace"], aside=items))
    return section("store", rows, counted(rows, is_whole=table.is_whole), is_whole=table.is_whole)


def crons(session: Session, limit: int) -> Section:
    """The deployment's crons, the next to fire first."""
    table = list_crons(session, limit=limit)
    rows = [_cron_row(each) for each in table]
    return section("crons", rows, counted(rows, is_whole=table.is_whole), is_whole=table.is_whole, note=table.note)


def _cron_row(each: Mapping[str, Any]) -> Row:
    number = str(each["cron"]).partition(" ")[0]
    is_on = each["enabled"]
    said = [each["words"], each["input"], each["owner"]]
    return row(
        each["cron_id"],
        word=number,
        shown=each["cron"],
        text=f"{each['schedule']}  {each['assistant']}",
        state=str(each["state"]),
        tone=CRON_TONES.get(str(each["state"]), "quiet"),
        aside=_next(each),
        more="\n".join(filter(None, (str(part or "") for part in said))),
        without=["resume" if is_on else "pause"],
    )


CRON_TONES: Mapping[str, Tone] = {"enabled": "good", "overdue": "waiting"}


def _next(each: Mapping[str, Any]) -> str:
    """When it fires next: a day of the week within one week, else a date."""
    if not each["next_run"]:
        return ""
    time, now = each["next_run"].astimezone(), now_utc().astimezone()
    return f"{time:%a %H:%M}" if time - now < timedelta(days=6) else times_words([time], now.year)

"""The deployment's threads, waiting threads, namespaces and crons as rows of the panel. Reads only; changes nothing.

A thread that is only listed gets no number: it would become `last`. Its reference is its id until it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lg_magics.actions.inbox import Waiting, waiting_threads
from lg_magics.actions.pending import remember_shown
from lg_magics.commands.crons import crons as list_crons
from lg_magics.commands.state import history
from lg_magics.commands.store import namespaces
from lg_magics.grammar.words import word_from_text
from lg_magics.model.answers import mark_of
from lg_magics.model.duration import local_time
from lg_magics.model.node_names import shown_node
from lg_magics.model.question_numbers import summary_of
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import Known
from lg_magics.resolve.crons import now_utc
from lg_magics.resolve.thread_status import thread_statuses
from lg_magics.server.threads import MOST
from lg_magics.session import Session
from lg_magics.tables.history import reference_of
from lg_magics.tables.table import local_words, time_from_iso, times_words
from lg_magics.tables.thread import title_from_row
from lg_magics.views.card_questions import card_questions
from lg_magics.views.panel_row import PanelRow
from lg_magics.views.words import short_id

__all__ = ["TONES", "Point", "SectionRows", "checkpoints", "crons", "store", "threads", "waiting"]

TAIL = 6
STRANGER = Known("", "")
MOST_CHECKPOINTS = 10
MOST_NAMESPACES = 200
MOST_WAITING = 50
"""A thread that stopped at a breakpoint needs a request of its own."""
LARGEST_FORM = 40_000  # bytes of the texts of a thread's interrupts
AGES = ((86_400, "day"), (3_600, "hour"), (60, "min"))

TONES: Mapping[str, str] = {
    "running": "running",
    "preparing": "running",
    "success": "good",
    "waiting": "waiting",
    "stopped": "waiting",
    "error": "bad",
    "timeout": "bad",
}
"""The color of a status; its name stands beside it."""
CRON_TONES: Mapping[str, str] = {"enabled": "good", "overdue": "waiting"}


@dataclass(frozen=True, slots=True)
class SectionRows:
    """The rows of a section. `counted` is shown in its head; `is_whole` is False if there are more rows."""

    rows: Sequence[PanelRow]
    counted: str
    is_whole: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint: its id, its name on its thread, the reference to type, and what its step did."""

    id: str
    name: str
    word: str
    text: str


def _listed(rows: Sequence[PanelRow], *, is_whole: bool, note: str = "") -> SectionRows:
    return SectionRows(rows, f"{len(rows)}{'' if is_whole else '+'}" if rows else "none", is_whole, note)


# -- threads ----------------------------------------------------------------------------------------------------


def threads(session: Session, limit: int) -> SectionRows:
    """List the deployment's threads, newest change first."""
    found = session.connection.threads.search(limit=min(limit, MOST - 1))
    known, current = _known(session), session.selection.thread.id if session.selection.thread else ""
    words = thread_statuses(session, found.rows)
    rows = [
        _thread_row(each, words[each.thread_id], known.get(each.thread_id, STRANGER), current) for each in found.rows
    ]
    return _listed(rows, is_whole=found.is_whole)


def _known(session: Session) -> Mapping[str, Known]:
    """Return the threads that this session knows, by id."""
    return {known.id: known for known in session.tracker.known_threads()}


def _thread_row(found: ThreadRecord, state: str, known: Known, current: str) -> PanelRow:
    """Return a thread's row. A copy has no title of its own until it runs; the session knows its title."""
    identity = found.thread_id
    is_current = identity == current
    return PanelRow(
        identity,
        word=known.number or identity,
        shown=short_id(known.number, identity, TAIL),
        title=title_from_row(found, known.name),
        state=state,
        tone=TONES.get(state, "quiet"),
        about=(short_id(known.number, identity, TAIL), _graph(found)),
        more=_changed(found),
        is_current=is_current,
        without=frozenset({"use"}) if is_current else frozenset(),
    )


def _graph(found: ThreadRecord) -> str:
    metadata = found.get("metadata")
    return str(metadata.get("graph_id") or "") if isinstance(metadata, Mapping) else ""


def _changed(found: ThreadRecord) -> str:
    changed = time_from_iso(found.updated_at)
    return f"changed {local_words(changed)}" if changed else ""


def checkpoints(session: Session, thread: str) -> tuple[list[Point], str]:
    """Return the newest checkpoints of a thread, to fork from, and a note about those that are left out."""
    found = history(session, thread, limit=MOST_CHECKPOINTS)
    word = session.tracker.thread(found.thread_id).number
    points = []
    for step in found:
        point = step.checkpoint
        reference = reference_of(step, found.branch_of[point.id], found.current_branch)
        parts = [", ".join(point.nodes) or point.source, step.changes.words if step.changes else ""]
        points.append(Point(point.id, reference, f"-t {word} {reference}", " · ".join(filter(None, parts))))
    return points, found.note


# -- waiting threads -----------------------------------------------------------------------------------------


def waiting(session: Session, limit: int) -> SectionRows:
    """List the threads that wait for a person, with their interrupts. These count as shown to the user of the panel."""
    found, is_whole = waiting_threads(session, min(limit, MOST_WAITING))
    known = _known(session)
    for each in found:
        remember_shown(session, each.row.thread_id, each.questions)
    rows = [_waiting_row(session, each, known.get(each.row.thread_id, STRANGER)) for each in found]
    return _listed(rows, is_whole=is_whole)


def _waiting_row(session: Session, found: Waiting, known: Known) -> PanelRow:
    identity, number = found.row.thread_id, known.number
    own = [run for run in session.tracker.runs_on(session.connection, identity) if run.is_waiting]
    word = number or identity
    return PanelRow(
        identity,
        word=word,
        shown=short_id(number, identity, TAIL),
        title=summary_of(found.questions, 400) or f"stopped before {', '.join(map(shown_node, found.stopped_before))}",
        state="waiting",
        tone="waiting",
        about=(short_id(number, identity, TAIL), _age(found.row, session.connection.now()), _graph(found.row)),
        cell=own[-1].info.cell.id.partition("#")[0] if own and own[-1].info.cell else "",
        more=title_from_row(found.row, known.name),
        questions=card_questions(found.questions, LARGEST_FORM, f"%lg_state -t {word}"),
        mark=mark_of(found.questions, found.stopped_before),
    )


def _age(found: ThreadRecord, now: datetime) -> str:
    """Return an age, `2 min ago`; `now` is by the clock of the deployment."""
    changed = time_from_iso(found.updated_at)
    passed = (now - changed).total_seconds() if changed else 0.0
    for seconds, unit in AGES:
        if passed >= seconds:
            count = int(passed // seconds)
            return f"{count} {unit}{'s' if count > 1 and unit != 'min' else ''} ago"
    return ""


# -- store and crons --------------------------------------------------------------------------------------------


def store(session: Session, limit: int) -> SectionRows:
    """List the namespaces of the store, with the number of items in each if there are few."""
    table = namespaces(session, limit=min(limit, MOST_NAMESPACES))
    rows = []
    for each in table:
        items = "" if each["items"] is None else f"{each['items']} item{'s' * (each['items'] != 1)}"
        name = each["namespace"]
        rows.append(PanelRow(name, word=word_from_text(name), title=name, about=(items,)))
    return _listed(rows, is_whole=table.is_whole)


def crons(session: Session, limit: int) -> SectionRows:
    """List the deployment's crons, by the time they fire next."""
    table = list_crons(session, limit=limit)
    return _listed([_cron_row(each) for each in table], is_whole=table.is_whole, note=table.note)


def _cron_row(each: Mapping[str, Any]) -> PanelRow:
    number = str(each["cron"]).partition(" ")[0]
    parts = [each["words"], each["input"], each["owner"]]
    return PanelRow(
        each["cron_id"],
        word=number,
        shown=each["cron"],
        title=f"{each['schedule']}  {each['assistant']}",
        state=str(each["state"]),
        tone=CRON_TONES.get(str(each["state"]), "quiet"),
        about=(str(each["cron"]), _next(each)),
        more="\n".join(filter(None, (str(part or "") for part in parts))),
        without=frozenset({"resume" if each["enabled"] else "pause"}),
    )


def _next(each: Mapping[str, Any]) -> str:
    """Return the next time that a cron fires: a weekday within one week, else a date."""
    if not each["next_run"]:
        return ""
    time, now = local_time(each["next_run"]), local_time(now_utc())
    return f"{time:%a %H:%M}" if time - now < timedelta(days=6) else times_words([time], now.year)

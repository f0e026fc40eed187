"""Resolves references to crons, and finds their owners. Depends on the session and its deployment; changes no cron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lg_magics.errors import DeploymentError, NotFound, UnknownReference, type_phrase
from lg_magics.model.cell import NOTEBOOK, SESSION
from lg_magics.model.crons import MadeCron
from lg_magics.model.references import Known, is_full_id, resolve
from lg_magics.resolve import many
from lg_magics.session import Session
from lg_magics.tables.crons import CronInfo, ListedCron, cron_from_row

__all__ = [
    "CRON",
    "crons_here",
    "is_many",
    "left_over",
    "listed_cron",
    "mine_among",
    "now_utc",
    "remember_cron",
    "which_cron",
    "which_crons",
]

ID = "cron_id"
CRON = "lg_cron"
"""The metadata key of the cron that launched a run."""


def now_utc() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def crons_here(session: Session, **filters: Any) -> list[CronInfo]:
    """The deployment's crons, newest first. Forgets crons of this session that are gone.

    Raises:
        Unsupported: this deployment has no crons.
    """
    found = [cron_from_row(row) for row in session.connection.crons.search(**filters)]
    if filters in ({}, {"metadata": {SESSION: session.id}}):  # all of this session's are among them
        there = {cron.id for cron in found}
        left = session.crons.left(now_utc(), session.connection.url)
        session.crons.gone(*(made.id for made in left if made.id not in there))
    return found


def which_cron(session: Session, reference: object) -> CronInfo:
    """The current cron that a reference names: c1, an id or a part of one, `last`, or a cron that a command returned.

    Raises:
        UnknownReference: no match, or more than one match.
        NotFound: it was deleted meanwhile, or no cron has this id.
        Unsupported: this deployment has no crons.
    """
    if (identity := many.id_in(reference, ID)) is not None:
        reference = identity
    if not isinstance(reference, str):
        raise UnknownReference(
            f"A cron is needed, got {type_phrase(reference)}.", hint="Name a cron by its number: c1."
        )
    return _cron_among(session, crons_here(session), reference)


def is_many(reference: object) -> bool:
    """Whether a reference is a list or a table, and not one cron."""
    return many.is_many(reference, ID)


def which_crons(session: Session, reference: object) -> list[CronInfo]:
    """The current crons that a list, or the rows of a table or a frame, name. Those that are gone are left out.

    Raises:
        UnknownReference: an element is not a cron, or its name matches none, or more than one.
        Unsupported: this deployment has no crons.
    """
    elements = many.elements_of(reference, ID, "cron", "c1")
    there = crons_here(session) if elements else []
    ids = {cron.id: cron for cron in there}
    named = [ids.get(each) if is_full_id(each) else _cron_among(session, there, each) for each in elements]
    return list({cron.id: cron for cron in named if cron is not None}.values())


def _cron_among(session: Session, crons: Sequence[CronInfo], reference: str) -> CronInfo:
    found = {cron.id: cron for cron in reversed(crons)}
    memory, where = session.crons, f"on {session.connection.url}"
    remembered = [Known(memory.known_number(id), id) for id in memory.numbers.ids() if id not in found]
    there = [Known(memory.known_number(cron.id), cron.id, f"{cron.schedule}  {cron.text}") for cron in found.values()]
    exact = [each for each in remembered if reference in (each.number, each.id)]
    known = exact or there
    if reference.strip().partition("~")[0] == "last":  # `last` must not name another person's cron
        mine = {cron.id for cron in mine_among(session, list(found.values()))}
        known = [each for each in there if each.id in mine]
    chosen = resolve(reference.strip(), known, kind="cron", listed_by="%lg_crons", where=where)
    if chosen.id in found:
        return found[chosen.id]
    if chosen.number:
        raise NotFound(
            f"Cron {memory.shown(chosen.id)} is not {where} now: it was deleted (perhaps with its thread) or is elsewhere.",
            hint="%lg_crons lists the crons there.",
        )
    raise NotFound(f"No cron '{reference}' {where}.", hint="%lg_crons lists them.")


# -- owners -----------------------------------------------------------------------------------------------------


def mine_among(session: Session, crons: list[CronInfo]) -> list[CronInfo]:
    """The crons that this session or an earlier one of this notebook made."""
    return [cron for cron in crons if owner_of(session, cron.metadata).startswith("this ")]


def owner_of(session: Session, metadata: Mapping[str, Any]) -> str:
    """The owner of a cron: `this session`, `this notebook` (an earlier kernel of it), another's name; "" if not known."""
    notebook = str(metadata.get(NOTEBOOK) or "")
    if metadata.get(SESSION) == session.id:
        return "this session"
    if notebook and notebook == session.notebook():
        return "this notebook"
    return notebook.partition("·")[0] or ("another session" if metadata.get(SESSION) else "")


def left_over(session: Session) -> str:
    """A sentence on the crons that earlier kernels of this notebook, or this session, left here; "" if none."""
    if session.connection.info.flags.get("crons") is False:
        return ""
    try:
        found = mine_among(session, crons_here(session))
    except DeploymentError:
        return ""
    firing = [cron for cron in found if cron.state(now_utc()) in ("enabled", "overdue")]
    if not firing:
        return ""
    return f"{len(firing)} of this notebook go{'es' * (len(firing) == 1)} on: %lg_crons --mine"


def listed_cron(session: Session, cron: CronInfo, assistants: Mapping[str, str]) -> ListedCron:
    """A cron as this session lists it; it gets a number."""
    if cron.thread_id:
        where = str(session.tracker.thread(cron.thread_id))
    else:
        where = "a new one each time, kept" if cron.is_kept else "a new one each time"
    assistant = assistants.get(cron.assistant_id, f"·{cron.assistant_id[-5:]}" if cron.assistant_id else "")
    owner = owner_of(session, cron.metadata)
    return ListedCron(cron, session.crons.shown(cron.id), assistant, where, owner)


def remember_cron(session: Session, cron: CronInfo, assistant: str) -> None:
    """Remember a cron that this session made: it fires until it is deleted."""
    deployment = session.connection.deployment
    session.crons.remember(
        MadeCron(
            cron.id,
            session.crons.numbers.number(cron.id),
            deployment.url,
            deployment.name,
            f"{cron.words}, {assistant}{': ' if cron.text else ''}{cron.text}",
            cron.thread_id,
            cron.end,
            str(cron.metadata.get(NOTEBOOK) or ""),
            cron.is_enabled,
        )
    )

"""Which cron a person means, and whose it is. Knows the session and its deployment; changes neither but for what it met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lg_magics.errors import DeploymentError, NotFound, UnknownReference, type_phrase
from lg_magics.model.cell import NOTEBOOK
from lg_magics.model.crons import MadeCron
from lg_magics.model.references import Known, resolve
from lg_magics.session import Session
from lg_magics.tables.crons import Cron, CronInfo, Listed, cron_from_row

__all__ = [
    "CRON",
    "SESSION",
    "crons_here",
    "left_over",
    "listed_cron",
    "mine_among",
    "now_utc",
    "remember_cron",
    "which_cron",
]

SESSION, CRON = "lg_session", "lg_cron"
"""The metadata that say which session made a cron, and which cron a run is of."""


def now_utc() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def crons_here(session: Session, **filters: Any) -> list[CronInfo]:
    """The deployment's crons, the newest first; those that this session made and that are gone are forgotten.

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
    """The cron that a reference means, as it is now: c1, an id or a part of one, `last`, or one that a command gave back.

    Raises:
        UnknownReference: nothing, or more than one thing, fits.
        NotFound: it was deleted meanwhile, or no cron has this id.
        Unsupported: this deployment has no crons.
    """
    if isinstance(reference, Cron):
        reference = reference.cron_id
    if not isinstance(reference, str):
        raise UnknownReference(f"This is no cron but {type_phrase(reference)}.", hint="Name a cron by its number: c1.")
    found = {cron.id: cron for cron in reversed(crons_here(session))}
    memory, where = session.crons, f"on {session.connection.url}"
    met = [Known(memory.known_number(id), id) for id in memory.numbers.ids() if id not in found]
    there = [Known(memory.known_number(cron.id), cron.id, f"{cron.schedule}  {cron.text}") for cron in found.values()]
    exact = [each for each in met if reference in (each.number, each.id)]
    known = exact or there
    if reference.strip().partition("~")[0] == "last":  # a word for all deployments must not mean somebody else's
        mine = {cron.id for cron in mine_among(session, list(found.values()))}
        known = [each for each in there if each.id in mine]
    chosen = resolve(reference.strip(), known, kind="cron", listed_by="%lg_crons", where=where)
    if chosen.id in found:
        return found[chosen.id]
    if chosen.number:
        raise NotFound(
            f"Cron {memory.shown(chosen.id)} is not {where} now: it was deleted, alone or with its thread, or is of another.",
            hint="%lg_crons lists what there is.",
        )
    raise NotFound(f"No cron '{reference}' {where}.", hint="%lg_crons lists them.")


# -- whose ------------------------------------------------------------------------------------------------------


def mine_among(session: Session, crons: list[CronInfo]) -> list[CronInfo]:
    """Those that this session or an earlier one of this notebook made."""
    return [cron for cron in crons if owner_of(session, cron.metadata).startswith("this ")]


def owner_of(session: Session, metadata: Mapping[str, Any]) -> str:
    """Whose a cron is: `this session`, `this notebook` (an earlier kernel of it), another's name; "" if nobody says."""
    notebook = str(metadata.get(NOTEBOOK) or "")
    if metadata.get(SESSION) == session.id:
        return "this session"
    if notebook and notebook == session.notebook():
        return "this notebook"
    return notebook.partition("·")[0] or ("another session" if metadata.get(SESSION) else "")


def left_over(session: Session) -> str:
    """The crons that this session, or an earlier kernel of this notebook, has left here, in words; "" if none."""
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


def listed_cron(session: Session, cron: CronInfo, assistants: Mapping[str, str]) -> Listed:
    """A cron with what this session knows of it; it has a number from now on."""
    if cron.thread_id:
        where = str(session.tracker.thread(cron.thread_id))
    else:
        where = "a new one each time, kept" if cron.is_kept else "a new one each time"
    assistant = assistants.get(cron.assistant_id, f"·{cron.assistant_id[-5:]}" if cron.assistant_id else "")
    owner = owner_of(session, cron.metadata)
    return Listed(cron, session.crons.shown(cron.id), assistant, where, owner)


def remember_cron(session: Session, cron: CronInfo, assistant: str) -> None:
    """Keep in mind what this session made here: it fires until it is deleted."""
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

"""Which thread or run a person means. Knows the session and its deployment; changes neither but for what it met."""

from __future__ import annotations

import uuid

from lg_magics.errors import NotFound, UnknownReference, type_phrase
from lg_magics.follow.run import Run
from lg_magics.model.references import Known, resolve
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session
from lg_magics.tables.thread import title_from_row

__all__ = [
    "current_thread",
    "note_of_live_run",
    "thread_id_from_name",
    "which_run",
    "which_thread",
]

NAMESPACE = uuid.UUID("6f0cbd0e-6f6b-5d0c-9c58-5f3d2b1f7a11")


def current_thread(session: Session) -> ThreadInfo:
    """The current thread.

    Raises:
        UnknownReference: there is none yet.
    """
    session.connection  # noqa: B018 - says so if there is none
    thread = session.selection.thread
    if thread is None:
        raise UnknownReference("No thread yet.", hint="%lg_run makes one; %lg_thread use chooses one of %lg_threads.")
    return session.tracker.thread(thread.id)


def which_thread(session: Session, reference: str | None = None) -> ThreadInfo:
    """The thread that a reference means; the current one without a reference.

    A full id that the session has not met, and a name or part of an id that it does not know, are asked for on the server.

    Raises:
        UnknownReference: nothing, or more than one thing, fits.
        NotFound: no such thread on the deployment.
    """
    if reference is None:
        return current_thread(session)
    known = session.tracker.known_threads()
    try:
        found = resolve(reference, known, kind="thread", listed_by="%lg_threads")
    except UnknownReference:
        by_name = _named_on_server(session, reference)
        if by_name is None:
            raise
        return by_name
    return session.tracker.thread(found.id) if found.number else _asked_for(session, found)


def _named_on_server(session: Session, name: str) -> ThreadInfo | None:
    try:
        return _asked_for(session, Known("", thread_id_from_name(name)))
    except NotFound:
        return None


def _asked_for(session: Session, thing: Known) -> ThreadInfo:
    row = session.connection.threads.find(thing.id)
    if row is None:
        raise NotFound(f"No thread '{thing.id}' on {session.connection.url}.", hint="%lg_threads lists them.")
    return session.tracker.thread(thing.id, title_from_row(row))


def thread_id_from_name(name: str) -> str:
    """The id of the thread that bears this name of its own: made from the name, so that "Run all" comes back to it."""
    return str(uuid.uuid5(NAMESPACE, name))


def which_run(session: Session, reference: object = None) -> Run:
    """The run that a reference means: a handle, a number, an id or a part of one; the last one without a reference.

    Raises:
        UnknownReference: nothing, or more than one thing, fits.
    """
    if isinstance(reference, Run):
        return reference
    session.connection  # noqa: B018 - says so if there is none
    if isinstance(reference, str) and (met := session.tracker.run_called(reference.strip())):
        return met
    known = session.tracker.known_runs()
    if reference is None:
        reference = "last"
        if not known:
            raise UnknownReference("This session has launched no run yet.", hint="%lg_run TEXT launches one.")
    if not isinstance(reference, str):
        raise UnknownReference(f"This is no run but {type_phrase(reference)}.", hint="Name a run by its number: r7.")
    found = resolve(reference, known, kind="run", listed_by="%lg_runs")
    run = session.tracker.run(found.id)
    if run is None:
        raise UnknownReference(
            f"This session does not follow the run '{reference}'.", hint="%lg_runs lists what it knows."
        )
    return run


def note_of_live_run(session: Session, thread_id: str) -> str:
    """What a read of this thread begins with while a run is live on it; "" if none is."""
    live = session.tracker.live_on(thread_id)
    if not live:
        return ""
    run = live[0]
    step = f"this is step {run.view.step_number}" if run.view.step_number else "nothing has happened yet"
    return f"{run.number} still {run.status}: {step}. %lg_wait"

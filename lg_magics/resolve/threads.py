"""Resolves references to threads and runs: one, or many by a list, a table or a filter. Changes nothing on the server."""

from __future__ import annotations

import uuid
from dataclasses import replace

from lg_magics.errors import CommandError, NotFound, UnknownReference, type_phrase
from lg_magics.follow.run import Run
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import Known, is_full_id, resolve
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.resolve import many
from lg_magics.resolve.thread_status import SERVER_WORDS, ThreadStatus, thread_statuses
from lg_magics.session import Session
from lg_magics.tables.thread import title_from_row

__all__ = [
    "current_thread",
    "found_threads",
    "is_many",
    "last_run",
    "note_of_live_run",
    "thread_id_from_name",
    "thread_info",
    "which_run",
    "which_thread",
    "which_threads",
]

NAMESPACE = uuid.UUID("6f0cbd0e-6f6b-5d0c-9c58-5f3d2b1f7a11")
ID = "thread_id"


def current_thread(session: Session) -> ThreadInfo:
    """The current thread.

    Raises:
        UnknownReference: there is none yet.
    """
    session.connection  # noqa: B018 - raises if there is none
    thread = session.selection.thread
    if thread is None:
        raise UnknownReference("No thread yet.", hint="%lg_run makes one; %lg_thread use chooses one of %lg_threads.")
    return session.tracker.thread(thread.id)


def which_thread(session: Session, reference: str | None = None) -> ThreadInfo:
    """The thread that a reference names; the current one without a reference.

    A full id, a name, or a part of an id that the session does not know is requested from the server.

    Raises:
        UnknownReference: no match, or more than one match.
        NotFound: no such thread on the deployment.
    """
    if reference is None:
        return current_thread(session)
    if known_thread := session.tracker.thread_called(reference.strip()):
        return known_thread
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
    return thread_info(session, row)


def thread_info(session: Session, row: ThreadRecord) -> ThreadInfo:
    """A thread of the server's row, with its number and title in this session."""
    known = session.tracker.thread(row.thread_id)
    return session.tracker.thread(row.thread_id, title_from_row(row, known.title))


def thread_id_from_name(name: str) -> str:
    """The id of the thread with this name: derived from the name, so that "Run all" finds the thread again.

    Raises:
        CommandError: the name has half a character (a lone surrogate).
    """
    try:
        return str(uuid.uuid5(NAMESPACE, name))
    except UnicodeEncodeError:
        raise CommandError(f"A thread cannot have the name {name!r}: it has half a character.") from None


def last_run(session: Session) -> Run:
    """The last run of this session, for a command without a reference.

    Raises:
        UnknownReference: this session has launched none yet.
    """
    session.connection  # noqa: B018 - raises if there is none
    if not session.tracker.known_runs():
        raise UnknownReference("This session has launched no run yet.", hint="%lg_run TEXT launches one.")
    return which_run(session, "last")


def which_run(session: Session, reference: object) -> Run:
    """The run that a reference names: a handle, a number, an id or a part of one. None names no run: it may be a lost reference.

    Raises:
        UnknownReference: no match, or more than one match.
    """
    if isinstance(reference, Run):
        return reference
    session.connection  # noqa: B018 - raises if there is none
    if isinstance(reference, str) and (known_run := session.tracker.run_called(reference.strip())):
        return known_run
    known = session.tracker.known_runs()
    reference = many.id_in(reference, "run_id") or reference
    if not isinstance(reference, str):
        raise UnknownReference(f"A run is needed, got {type_phrase(reference)}.", hint="Name a run by its number: r7.")
    found = resolve(reference, known, kind="run", listed_by="%lg_runs")
    run = session.tracker.run(found.id)
    if run is None:
        raise UnknownReference(f"This session does not follow the run '{reference}'.", hint="%lg_runs lists its runs.")
    return run


def note_of_live_run(session: Session, thread_id: str) -> str:
    """The note to show with a read of this thread while a run is live on it; "" if none is."""
    live = session.tracker.live_on(session.connection, thread_id)
    if not live:
        return ""
    run = live[0]
    step = f"this is step {run.view.step_number}" if run.view.step_number else "nothing has happened yet"
    return f"{run.number} still {run.status}: {step}. %lg_wait"


def is_many(reference: object) -> bool:
    """Whether a reference is a list or a table, and not one thread."""
    return many.is_many(reference, ID)


def which_threads(session: Session, reference: object = None) -> list[ThreadInfo]:
    """The threads that a reference names: one thread, the rows of a table or a frame, or a list of any of these.

    Ids in a list are used without a request for each.

    Raises:
        UnknownReference: an element is not a thread.
    """
    if reference is None or isinstance(reference, str):
        return [which_thread(session, reference)]
    found = many.elements_of(reference, ID, "thread", "t2")
    threads = [session.tracker.thread(each) if is_full_id(each) else which_thread(session, each) for each in found]
    return list({each.id: each for each in threads}.values())


def found_threads(
    session: Session, query: ThreadQuery, status: ThreadStatus | None, limit: int | None, offset: int = 0
) -> tuple[list[ThreadRecord], bool, int | None]:
    """The threads of a query, whether they are all, and the total number if it is known.

    If the server has one status for two of ours, all its threads with that status are read.
    """
    threads = session.connection.threads
    if status is None or status == "idle":
        query = query if status is None else _with_status(query, status)
        found = threads.find_all(query, limit=limit, offset=offset)
        is_counted = offset or not found.is_whole
        return found.rows, found.is_whole, threads.count(query) if is_counted else len(found.rows)
    rows = threads.find_all(_with_status(query, SERVER_WORDS.get(status, status))).rows
    words = thread_statuses(session, rows)
    fitting = [row for row in rows if words[row.thread_id] == status]
    end = None if limit is None else offset + limit
    return fitting[offset:end], end is None or len(fitting) <= end, len(fitting)


def _with_status(query: ThreadQuery, status: str) -> ThreadQuery:
    return replace(query, status=status)

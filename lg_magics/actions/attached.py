"""Makes the handle of a run that the server knows. Requests only the run, its assistant and its thread."""

from __future__ import annotations

from dataclasses import replace

from lg_magics.errors import LgError, NotConnected, RunDeleted
from lg_magics.follow.run import PickledRun, Run
from lg_magics.follow.tracked_run import TrackedRun, tracked
from lg_magics.model.cell import cell_from_tags
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import RunRecord
from lg_magics.model.run_info import RunInfo, Target, ThreadInfo
from lg_magics.model.run_view import LIVE, RunView
from lg_magics.resolve.assistants import assistant_that_ran
from lg_magics.resolve.own_runs import session_of_row
from lg_magics.server.connection import Connection
from lg_magics.server.traces import is_traced
from lg_magics.session import Session
from lg_magics.tables.thread import title_from_row

__all__ = ["MOMENT", "attached", "continued", "run_by_ids", "traced_in"]

MOMENT = 5.0
"""The longest time in seconds to wait for a run's outcome."""


def attached(session: Session, row: RunRecord, thread_id: str, connection: Connection | None = None) -> Run:
    """The handle of a run that the server knows: this session's own handle, or a new one that follows the run from now on.

    Args:
        session: the session.
        row: the run.
        thread_id: the id of its thread.
        connection: the connection to its deployment; the session's otherwise.
    """
    if known := session.tracker.run(row.run_id):
        tracked(known).follow_again()
        return known
    connection = connection or session.connection
    info = RunInfo(
        number=session.tracker.run_numbers.number(row.run_id),
        id=row.run_id,
        thread=_thread(session, thread_id, connection),
        deployment=connection.deployment.name,
        assistant=_assistant(session, row, connection),
        is_protected=connection.deployment.protect,
        is_stateless=row.kwargs.get("temporary") is True,
        cell=cell_from_tags(row.metadata),
        session=session_of_row(row),
        traced_in=traced_in(session, row, connection=connection),
    )
    modes = row.kwargs.get("stream_mode")
    modes = [str(mode) for mode in modes] if isinstance(modes, list) else [str(modes or "values")]
    target = Target(info.id, thread_id, modes, is_stateless=info.is_stateless, is_attached=True)
    view = RunView(
        status="running" if row.status == "running" else "pending", created_at=seconds_from_iso(row.created_at)
    )
    session.graphs.ran_on(thread_id, "")  # another client may have launched it
    return session.tracker.add(Run(TrackedRun(info, target, connection, session.loop, view)))


def traced_in(
    session: Session, row: RunRecord, *, names_project: bool = False, connection: Connection | None = None
) -> str:
    """The address of the LangSmith project with a run's trace; "" if it is not traced, or nobody set the address.

    `names_project`: whether the run was launched with the name of a project. `connection`: the connection to its deployment;
    the session's otherwise.
    """
    connection = connection or session.connection
    project = session.langsmith if session.is_on(connection) else connection.deployment.langsmith
    return project if is_traced(row, connection.info.flags, names_project=names_project) else ""


def run_by_ids(session: Session, thread_id: str, run_id: str, connection: Connection | None = None) -> Run | None:
    """The handle of a run by its ids: this session's own, or a new one, which knows how a run ended; None if the run is gone.

    A handle that does not know how its run ended follows it again. `connection`: the connection to its deployment; the session's
    otherwise.
    """
    if known := session.tracker.run(run_id):
        tracked(known).follow_again()
        return known
    connection = connection or session.connection
    row = connection.runs.get(thread_id, run_id)
    if row is None:
        return None
    found = attached(session, row, thread_id, connection)
    if row.status not in LIVE:
        found.wait_quietly(MOMENT)
    return found


def _assistant(session: Session, row: RunRecord, connection: Connection) -> str:
    """The name of a run's assistant; on another deployment than the session's, whose names it does not know, its graph."""
    if session.is_on(connection):
        return assistant_that_ran(session, row.assistant_id, row.graph_id)
    return row.graph_id or row.assistant_id


def _thread(session: Session, thread_id: str, connection: Connection) -> ThreadInfo:
    """The thread with its title, which is requested if this session does not know it."""
    known = session.tracker.thread(thread_id)
    if known.title:
        return known
    row = connection.threads.find(thread_id)
    return session.tracker.thread(thread_id, title_from_row(row) if row else None)


def continued(session: Session, handle: Run, pickled: PickledRun) -> TrackedRun:
    """Track the run of an unpickled handle in this session, under a number of this session.

    Raises:
        NotConnected: there is no deployment yet.
        LgError: this session is connected to another deployment.
        RunDeleted: the run is gone.
    """
    info, hint = pickled.info, f"%lg_connect {pickled.url}"
    if not session.is_connected:
        raise NotConnected(f"Not connected: {info.number} runs on {pickled.url}.", hint=hint)
    if session.connection.url != pickled.url:
        raise LgError(
            f"{info.number} runs on {pickled.url}, and this session is on {session.connection.url}.", hint=hint
        )
    if known := session.tracker.run(info.id):
        return tracked(known)
    if pickled.is_settled and not pickled.is_waiting:
        thread = session.tracker.thread(info.thread.id, info.thread.title or None)
        info = replace(info, number=session.tracker.run_numbers.number(info.id), thread=thread)
        ended = TrackedRun(info, pickled.target, session.connection, session.loop, pickled.view, has_ended=True)
        ended.handle = handle
        ended.rerun = pickled.rerun
        session.tracker.add_ended(ended)
        return ended
    row = session.connection.runs.get(info.thread.id, info.id)
    if row is None:
        raise RunDeleted(f"{info.number} is gone from {pickled.url}.")
    run = attached(session, row, info.thread.id)
    if row.status not in LIVE:
        run.wait_quietly(MOMENT)
    return tracked(run)

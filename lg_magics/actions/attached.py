"""The handle of a run that the server knows. Asks the deployment for nothing but the run's assistant and thread."""

from __future__ import annotations

from lg_magics.follow.follower import Target
from lg_magics.follow.outcome import seconds_from_iso
from lg_magics.follow.run import Run
from lg_magics.model.cell import cell_from_tags
from lg_magics.model.records import RunRecord
from lg_magics.model.run_info import RunInfo, ThreadInfo
from lg_magics.model.run_view import RunView
from lg_magics.resolve.assistants import assistant_that_ran
from lg_magics.session import Session
from lg_magics.tables.thread import title_from_row

__all__ = ["attached"]


def attached(session: Session, row: RunRecord, thread_id: str) -> Run:
    """The handle of a run that the server knows: the one that this session has, or a new one that follows it from now on."""
    if met := session.tracker.run(row.run_id):
        met.follow_again()
        return met
    connection = session.connection
    info = RunInfo(
        number=session.tracker.run_numbers.number(row.run_id),
        id=row.run_id,
        thread=_thread(session, thread_id),
        deployment=connection.deployment.name,
        assistant=assistant_that_ran(session, row.assistant_id, row.graph_id),
        is_protected=connection.deployment.protect,
        is_stateless=row.kwargs.get("temporary") is True,
        cell=cell_from_tags(row.metadata),
    )
    modes = row.kwargs.get("stream_mode")
    modes = [str(mode) for mode in modes] if isinstance(modes, list) else [str(modes or "values")]
    target = Target(info.id, thread_id, modes, is_stateless=info.is_stateless, is_attached=True)
    created = seconds_from_iso(row.created_at)
    session.graphs.ran_on(thread_id, "")  # somebody else may have launched it
    return session.tracker.add(Run(info, target, connection, session.loop, RunView(created_at=created)))


def _thread(session: Session, thread_id: str) -> ThreadInfo:
    """The thread with its title, asked for where this session has not met it."""
    met = session.tracker.thread(thread_id)
    if met.title:
        return met
    row = session.connection.threads.find(thread_id)
    return session.tracker.thread(thread_id, title_from_row(row) if row else None)

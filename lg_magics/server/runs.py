"""Rows of runs, by thread. A thread that is gone has none: it may have vanished a moment ago, and hides no other's runs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from lg_magics.errors import NotFound
from lg_magics.server.threads import MOST

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = ["NEWEST", "live_runs", "newest_run", "newest_runs", "run_anywhere", "run_on", "run_on_behind", "run_tagged"]

NEWEST = 100
LIVE: tuple[Literal["pending", "running"], ...] = ("pending", "running")
TIMES: tuple[ThreadSelectField, ...] = ("thread_id", "created_at", "updated_at")
SLACK = 2.0  # seconds


def newest_runs(connection: Connection, thread_id: str) -> list[Mapping[str, Any]]:
    """The rows of a thread's newest 100 runs (NEWEST), newest first.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("list the runs", missing=f"thread {thread_id}"):
            return list(connection.sync.runs.list(thread_id, limit=NEWEST))
    except NotFound:
        return []


def newest_run(connection: Connection, thread_id: str) -> Mapping[str, Any] | None:
    """The row of a thread's newest run; None if nothing has run on it.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("list the runs", missing=f"thread {thread_id}"):
            found = connection.sync.runs.list(thread_id, limit=1)
    except NotFound:
        return None
    return dict(found[0]) if found else None


def live_runs(connection: Connection, thread_id: str) -> list[Mapping[str, Any]]:
    """The rows of a thread's runs that have not ended, the queued ones first, each newest first; however many ran since.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("list the runs", missing=f"thread {thread_id}"):
            return [row for word in LIVE for row in connection.sync.runs.list(thread_id, status=word, limit=MOST)]
    except NotFound:
        return []


def run_on(connection: Connection, thread_id: str, run_id: str) -> Mapping[str, Any] | None:
    """The row of one run; None if it, or its thread, is not there.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("read the run", missing=f"run {run_id}"):
            return _row_if(connection.sync.runs.get(thread_id, run_id), run_id)
    except NotFound:
        return None


async def run_on_behind(connection: Connection, thread_id: str, run_id: str) -> Mapping[str, Any] | None:
    """The same on the background loop."""
    try:
        with connection.doing("read the run", missing=f"run {run_id}"):
            return _row_if(await connection.polls.runs.get(thread_id, run_id), run_id)
    except NotFound:
        return None


def _row_if(row: Mapping[str, Any], run_id: str) -> Mapping[str, Any] | None:
    return dict(row) if row.get("run_id") == run_id else None


def run_tagged(connection: Connection, thread_id: str | None, tag: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The row of the run that carries this metadata: among a thread's newest, or on a thread that was made for it; None for none.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    if thread_id is None:
        with connection.doing("look for the run", feature="list of threads"):
            made = connection.sync.threads.search(metadata=dict(tag), select=["thread_id"], limit=1)
        threads = [row["thread_id"] for row in made]
    else:
        threads = [thread_id]
    rows = (row for each in threads for row in newest_runs(connection, each))
    return next((row for row in rows if tag.items() <= dict(row.get("metadata") or {}).items()), None)


def run_anywhere(connection: Connection, run_id: str) -> Mapping[str, Any] | None:
    """The row of a run of which nobody knows the thread; None if it is not found.

    A run's id tells when it was launched: only threads that were there then and have changed since may have it. Looked at are
    100 of them at most, among the 1000 that changed last; first those that were made just before.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    launched = _time_of(run_id)
    if launched is None:
        return None
    with connection.doing("look for the run", feature="list of threads"):
        rows = connection.sync.threads.search(limit=MOST, select=list(TIMES), sort_by="updated_at", sort_order="desc")
    found = (run_on(connection, thread_id, run_id) for thread_id in _there_at(launched, rows))
    return next((row for row in found if row), None)


def _time_of(run_id: str) -> float | None:
    """When an id was made, in seconds since the epoch, if it is of the kind that says so (uuid7)."""
    identity = uuid.UUID(run_id)
    return (identity.int >> 80) / 1000 if identity.version == 7 else None


def _there_at(launched: float, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The threads that were there at that time and have changed since, those made last first."""
    made = {row["thread_id"]: _seconds(row.get("created_at")) for row in rows}
    changed = {row["thread_id"]: _seconds(row.get("updated_at")) for row in rows}
    fitting = [each for each in made if made[each] <= launched + SLACK and changed[each] >= launched - SLACK]
    return sorted(fitting, key=made.__getitem__, reverse=True)[:NEWEST]


def _seconds(time: object) -> float:
    """A time of the server in seconds since the epoch; never, if it does not say."""
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return float("nan")

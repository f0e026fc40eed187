"""The crons' calls, each with its errors translated. Knows the wire; knows nothing of what a schedule means.

An unknown cron is a bare 404 to `delete`, like a call that the deployment lacks: whoever deletes has searched before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from lg_magics.errors import Unsupported

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["create_cron", "delete_cron", "find_crons", "update_cron"]

FEATURE = "crons"
MOST = 1000
ODD = timezone(timedelta(minutes=1))
"""A time zone that no server answers in: an end that comes back in it was kept as the text that was sent."""


def find_crons(
    connection: Connection, *, thread_id: str | None = None, metadata: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Rows of crons, the newest first.

    Args:
        connection: to the deployment.
        thread_id: only those of this thread.
        metadata: only those that carry all of these.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no crons.
    """
    rows: list[dict[str, Any]] = []
    while True:
        with connection.doing("list the crons", feature=FEATURE):
            page = connection.sync.crons.search(
                thread_id=thread_id, metadata=dict(metadata) if metadata else None, limit=MOST, offset=len(rows)
            )
        rows += [dict(row) for row in page]
        if len(page) < MOST:
            return [row for row in rows if _carries(row, metadata or {}) and _is_on(row, thread_id)]


def _is_on(row: Mapping[str, Any], thread_id: str | None) -> bool:
    return thread_id is None or row.get("thread_id", thread_id) == thread_id


def _carries(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether a cron carries this metadata. Servers before 0.9 do not filter by it."""
    metadata = row.get("metadata")
    return not wanted or (isinstance(metadata, Mapping) and wanted.items() <= metadata.items())


def create_cron(
    connection: Connection, assistant: str, thread_id: str | None, *, end: datetime | None = None, **what: Any
) -> dict[str, Any]:
    """Make a cron, on a thread or without one; its row.

    Raises:
        DeploymentError: the deployment does not answer, refuses, has no crons, or cannot end one.
    """
    missing = f"assistant '{assistant}'" + (f" or thread {thread_id}" if thread_id else "")
    if end:
        what["end_time"] = end.astimezone(ODD)
    with connection.doing("make the cron", missing=missing, feature=FEATURE):
        if thread_id is None:
            row: dict[str, Any] = dict(connection.sync.crons.create(assistant, **what))
        else:
            row = dict(connection.sync.crons.create_for_thread(thread_id, assistant, **what))
    if "cron_id" not in row:  # aegra answers with the first run's row
        row = _newest_with(connection, what.get("metadata") or {})
    if _keeps_text(row, end):
        delete_cron(connection, row["cron_id"], row["cron_id"])
        raise _no_ends(connection, "it is not made")
    return row


def _newest_with(connection: Connection, metadata: Mapping[str, str]) -> dict[str, Any]:
    """The row of the cron that was just made, by the metadata that it was made with.

    Raises:
        Unsupported: the deployment does not list it.
    """
    found = find_crons(connection, metadata=metadata) if metadata else []
    if not found:
        raise Unsupported(
            f"This deployment ({connection.url}) has taken the cron, and does not list it.",
            hint="%lg_crons lists what there is.",
        )
    return found[0]


def update_cron(connection: Connection, cron_id: str, shown: str, **what: Any) -> dict[str, Any]:
    """Change a cron; its new row.

    Args:
        connection: to the deployment.
        cron_id: which cron.
        shown: what to call it in an error.
        what: the SDK's arguments, and `end`: a new end, or None for none.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or cannot change crons, or end one.
    """
    missing, hint = f"cron {shown}", "%lg_crons lists them."
    end: datetime | None = what.get("end")
    if "end" in what:
        what["end_time"] = end.astimezone(ODD) if end else None
        del what["end"]
    with connection.doing("change the cron", missing=missing, hint=hint, feature="changing of crons"):
        row = dict(connection.sync.crons.update(cron_id, **what))
    if _keeps_text(row, end):
        with connection.doing("take the end away", missing=missing, hint=hint):
            connection.sync.crons.update(cron_id, end_time=None)
        raise _no_ends(connection, f"{shown} has no end now")
    return row


def _keeps_text(row: Mapping[str, Any], end: datetime | None) -> bool:
    """Whether the server has kept an end as the text that was sent.

    LangGraph's in-memory server (langgraph-api 0.16) does, and its scheduler fails at comparing it with the time: no cron
    behind it in its list fires any more. The embedded server has that mended (`local.mended`).
    """
    return end is not None and row.get("end_time") == end.astimezone(ODD).isoformat()


def _no_ends(connection: Connection, what_now: str) -> Unsupported:
    return Unsupported(
        f"This deployment ({connection.url}) cannot end a cron: its scheduler stops at one with an end, so {what_now}.",
        hint="Leave --until out, and delete it in time.",
    )


def delete_cron(connection: Connection, cron_id: str, shown: str) -> None:
    """Delete a cron. `shown` is what to call it in an error.

    Raises:
        NotFound: there is none. DeploymentError: the deployment does not answer, or refuses.
    """
    with connection.doing("delete the cron", missing=f"cron {shown}", hint="%lg_crons lists them."):
        connection.sync.crons.delete(cron_id)

"""The filters and the order of a list of threads. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from lg_magics.model.records import ThreadRecord

__all__ = ["ThreadOrder", "ThreadQuery", "ThreadSort", "changed_at"]

ThreadSort = Literal["updated_at", "created_at", "status", "thread_id"]
ThreadOrder = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class ThreadQuery:
    """Which threads to list.

    Attributes:
        status: only threads with this status of the server.
        metadata: only threads with this metadata.
        values: only threads whose state has these values.
        ids: only threads with these ids; None for all.
        since: only threads that have changed since then.
        until: only threads that have not changed since then.
        sort: the field to sort by.
        order: asc or desc.
        extract: more to read from each, by name: {"last": "values.messages[-1].content"}.
    """

    status: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    ids: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: ThreadSort = "updated_at"
    order: ThreadOrder = "desc"
    extract: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> dict[str, Any]:
        """The server's own filters; empty ones are left out."""
        given = {"status": self.status, "metadata": dict(self.metadata), "values": dict(self.values)}
        return {name: value for name, value in given.items() if value}

    @property
    def is_timed(self) -> bool:
        """Whether it filters by the time of the last change, which no server supports."""
        return self.since is not None or self.until is not None

    def fits(self, row: ThreadRecord) -> bool:
        """Return whether a thread changed in the requested time; one without a time does not match."""
        changed = changed_at(row)
        if changed is None:
            return not self.is_timed
        return (self.since is None or changed >= self.since) and (self.until is None or changed <= self.until)

    def is_past(self, row: ThreadRecord) -> bool:
        """Return whether no later thread of the list can match, since it is sorted by change."""
        changed = changed_at(row) if self.sort == "updated_at" else None
        if changed is None:
            return False
        if self.order == "desc":
            return self.since is not None and changed < self.since
        return self.until is not None and changed > self.until


def changed_at(row: ThreadRecord) -> datetime | None:
    """Return when a thread last changed; None if unknown."""
    try:
        changed = datetime.fromisoformat(row.updated_at)
    except ValueError:
        return None
    return changed if changed.tzinfo else changed.replace(tzinfo=UTC)

"""Which threads a person asks for, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lg_magics.model.records import ThreadRecord

__all__ = ["ThreadOrder", "ThreadQuery", "ThreadSort", "changed_at"]

ThreadSort = Literal["updated_at", "created_at", "status", "thread_id"]
ThreadOrder = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class ThreadQuery:
    """Which threads to list.

    Attributes:
        status: only those with this word of the server.
        metadata: only those that carry these.
        values: only those whose state has these.
        ids: only those of these; None for any.
        since: only those that have changed since.
        until: only those that have not changed since.
        sort: what to order them by.
        order: asc or desc.
        extract: more to read of each, by name: {"last": "values.messages[-1].content"}.
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
        """Whether it is about the time of the last change, which no server filters by."""
        return self.since is not None or self.until is not None

    def fits(self, row: ThreadRecord) -> bool:
        """Whether a thread changed in the time that is asked for; one that does not say when is no match."""
        changed = changed_at(row)
        if changed is None:
            return not self.is_timed
        return (self.since is None or changed >= self.since) and (self.until is None or changed <= self.until)

    def is_past(self, row: ThreadRecord) -> bool:
        """Whether no thread behind this one can fit: they are in the order of their changes."""
        changed = changed_at(row) if self.sort == "updated_at" else None
        if changed is None:
            return False
        if self.order == "desc":
            return self.since is not None and changed < self.since
        return self.until is not None and changed > self.until


def changed_at(row: ThreadRecord) -> datetime | None:
    """When a thread last changed; None if the server does not say."""
    try:
        changed = datetime.fromisoformat(row.updated_at)
    except ValueError:
        return None
    return changed if changed.tzinfo else None

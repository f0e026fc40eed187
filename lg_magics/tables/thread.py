"""A thread, and threads as a table. Knows the server's rows of threads; makes no requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lg_magics.model.messages import shortened, title_from_values
from lg_magics.model.result import Result
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.secrets import without_secrets
from lg_magics.tables.table import Column, Table, time_from_iso

__all__ = [
    "COLUMNS",
    "ERROR",
    "TITLE_KEY",
    "Thread",
    "size_words",
    "thread_from_row",
    "threads_table",
    "title_from_row",
]

TITLE_KEY = "title"
PARTS = {"checkpoints": "checkpoints", "channel_values": "values", "pending_writes": "pending writes"}
UNSETTLED = ("busy", "interrupted", "error")
ERROR = "error"
"""The column for the error of a failed thread."""


@dataclass(frozen=True)
class Thread(Result):
    """One thread of a deployment.

    Attributes:
        info: its number in this session, id and title.
        status: idle, pending, running, waiting, cancelled, error or timeout, from its newest run; "" if it was not requested.
        created_at: when it was created, UTC.
        updated_at: when it last changed, UTC.
        metadata: its metadata; values under names that look secret are hidden.
        note: what has just happened: `(was t1)`, `new`.
        is_current: whether runs go to it.
    """

    info: ThreadInfo
    status: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    is_current: bool = False

    @property
    def thread_id(self) -> str:
        """Its id on the server."""
        return self.info.id

    @property
    def number(self) -> str:
        """Its number in this session: `t2`."""
        return self.info.number

    @property
    def title(self) -> str:
        """Its given name, or the beginning of its first human message."""
        return self.info.title

    def __repr__(self) -> str:
        return f"<Thread {self.info}>"


def size_words(storage: Mapping[str, Any]) -> str:
    """Return a thread's size from the server's data: its parts, and its largest channel; "" if unknown."""
    total = storage.get("total_bytes")
    if not isinstance(total, int):
        return ""
    parts = [f"{label} {_bytes_of(storage.get(name)):,}" for name, label in PARTS.items()]
    values = storage.get("channel_values")
    channels = values.get("by_channel") if isinstance(values, Mapping) else None
    sizes = {str(name): _bytes_of(held) for name, held in channels.items()} if isinstance(channels, Mapping) else {}
    largest = max(sizes, key=sizes.__getitem__, default="")
    return f"{total:,} bytes: {', '.join(parts)}{f'; most in {largest}' if largest else ''}"


def _bytes_of(part: object) -> int:
    held = part.get("bytes") if isinstance(part, Mapping) else None
    return held if isinstance(held, int) else 0


def title_from_row(row: Mapping[str, Any], known: str = "") -> str:
    """Return a thread's given name, or the beginning of its first human message; "" if it has neither.

    Args:
        row: the server's row.
        known: the title that was known before. It is kept while the thread runs, waits or has failed: of a run that was streamed
            with its subgraphs, the server then lists the values of the subgraph that wrote last.
    """
    metadata = row.get("metadata")
    given = metadata.get(TITLE_KEY) if isinstance(metadata, Mapping) else None
    if isinstance(given, str) and given.strip():
        return shortened(given)
    if known and row.get("status") in UNSETTLED:
        return known
    extracted = row.get("extracted")
    named = extracted if isinstance(extracted, Mapping) else {}
    names = [name for name in named if name == "first" or str(name).startswith("lg_first_")]
    first = next((named[name] for name in names if named[name] is not None), None)
    if first is not None:
        return title_from_values({"messages": [first]})
    return title_from_values(row.get("values")) or known


def thread_from_row(
    row: Mapping[str, Any], info: ThreadInfo, *, status: str = "", note: str = "", is_current: bool = False
) -> Thread:
    """Return a thread from the server's row; `status` replaces the server's status."""
    metadata = row.get("metadata")
    return Thread(
        info,
        status or str(row.get("status") or ""),
        time_from_iso(row.get("created_at")),
        time_from_iso(row.get("updated_at")),
        without_secrets(metadata) if isinstance(metadata, Mapping) else {},
        note,
        is_current,
    )


COLUMNS = (
    Column("current", "mark", " "),
    Column("thread"),
    Column("title"),
    Column("status", "status"),
    Column("graph"),
    Column("updated_at", "time", "updated"),
    Column("created_at", "time", None),
    Column("thread_id", "id", None),
    Column("metadata", "list", None),
)


def threads_table(threads: Sequence[Thread], more_of: Mapping[str, Sequence[Any]] | None = None, **cut: Any) -> Table:
    """Return threads as a table.

    Args:
        threads: the rows.
        more_of: additional columns, by name: a value for each thread.
        cut: what was left out (`total`, `is_whole`, `more`, `attrs`).
    """
    further = more_of or {}
    rows = tuple(
        (
            "●" if thread.is_current else "",
            thread.info.shown,
            thread.title,
            thread.status,
            str(thread.metadata.get("graph_id") or ""),
            thread.updated_at,
            thread.created_at,
            thread.thread_id,
            dict(thread.metadata),
            *(values[place] for values in further.values()),
        )
        for place, thread in enumerate(threads)
    )
    columns = tuple(Column(name, "value" if name != ERROR else "text") for name in further)
    return Table("thread", (*COLUMNS, *columns), rows, **cut)

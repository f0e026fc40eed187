"""Crons as a table, and one with its facts. Knows the server's rows of crons and their fire times; makes no requests.

A row may lack anything but its id: servers send different fields of a cron.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lg_magics.model.crons import fire_times, schedule_words
from lg_magics.model.messages import shortened
from lg_magics.model.run_input import title_of_input
from lg_magics.model.secrets import without_secrets
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Column, Table, time_from_iso

__all__ = [
    "Cron",
    "CronInfo",
    "ListedCron",
    "cron_from_row",
    "crons_table",
    "firing_order",
    "late_words",
    "never_fires_words",
]

LATE = timedelta(minutes=1)
"""A scheduler checks every few seconds; a cron that is this late is not going to fire."""


@dataclass(frozen=True, slots=True)
class CronInfo:
    """A cron, from the server's row. Times are UTC.

    Attributes:
        zone: the time zone of its schedule; "" is UTC.
        thread_id: the thread of its runs; None if each run gets one of its own.
        is_kept: whether the thread of such a run is kept when it ends.
        next_run: when the server will check it next; outdated if it is not enabled.
    """

    id: str
    schedule: str
    zone: str = ""
    assistant_id: str = ""
    thread_id: str | None = None
    is_kept: bool = False
    is_enabled: bool = True
    end: datetime | None = None
    next_run: datetime | None = None
    input: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def words(self) -> str:
        """Its schedule in words; as written if there are no words for it."""
        return schedule_words(self.schedule, self.zone) or f"{self.schedule} ({self.zone or 'UTC'})"

    @property
    def text(self) -> str:
        """Its input to the graph, shortened."""
        return shortened(title_of_input(self.input))

    def state(self, now: datetime) -> str:
        """Return enabled, paused, ended; or overdue: the server should have fired it by now, and has not."""
        if self.end is not None and self.end <= now:
            return "ended"
        if not self.is_enabled:
            return "paused"
        return "overdue" if self.next_run is not None and self.next_run < now - LATE else "enabled"

    def ends_before_next_fire(self, now: datetime) -> bool:
        """Return whether it is enabled, but ends before its next time."""
        return self.end is not None and self.state(now) == "enabled" and not self.fires(now)

    def fires(self, now: datetime) -> list[datetime]:
        """Return the next three times, in UTC, the first from the server; empty if it is paused or has ended."""
        if self.state(now) in ("paused", "ended"):
            return []
        if self.next_run is None or self.next_run <= now or (self.end and self.next_run > self.end):
            return fire_times(self.schedule, self.zone, now, until=self.end)
        return [self.next_run, *fire_times(self.schedule, self.zone, self.next_run, count=2, until=self.end)]


def cron_from_row(row: Mapping[str, Any]) -> CronInfo:
    """Return a cron from the server's row."""
    payload, metadata = row.get("payload"), row.get("metadata")
    payload = payload if isinstance(payload, Mapping) else {}
    return CronInfo(
        id=str(row["cron_id"]),
        schedule=str(row.get("schedule") or payload.get("schedule") or ""),
        zone=str(row.get("timezone") or ""),
        assistant_id=str(row.get("assistant_id") or payload.get("assistant_id") or ""),
        thread_id=str(row["thread_id"]) if row.get("thread_id") else None,
        is_kept=row.get("on_run_completed") == "keep",
        is_enabled=row.get("enabled") is not False,  # servers without pauses do not send the field
        end=time_from_iso(row.get("end_time")),
        next_run=time_from_iso(row.get("next_run_date")),
        input=payload.get("input"),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        row=row,
    )


@dataclass(frozen=True)
class Cron(Facts):
    """A cron that was created, changed or described. `.data` is its row from the server."""

    @property
    def cron_id(self) -> str:
        """Its id on the server."""
        return str(self.data["cron_id"])


COLUMNS = (
    Column("cron"),
    Column("schedule", "text", None),
    Column("words", "text", "schedule"),
    Column("state", "status"),
    Column("next", "times", "next (local time)"),
    Column("next_utc", "utc", None),
    Column("input"),
    Column("assistant"),
    Column("thread"),
    Column("owner", "text", "whose"),
    Column("until", "time"),
    Column("enabled", "text", None),
    Column("next_run", "time", None),
    Column("timezone", "text", None),
    Column("metadata", "list", None),
    Column("cron_id", "id", None),
    Column("thread_id", "id", None),
    Column("assistant_id", "id", None),
)


@dataclass(frozen=True, slots=True)
class ListedCron:
    """One cron with the session's facts: its number, its owner, its assistant's name and its thread's number."""

    cron: CronInfo
    shown: str
    assistant: str
    thread: str
    owner: str


def crons_table(listed: Sequence[ListedCron], now: datetime, **cut: Any) -> Table:
    """Return crons as a table, in the given order; `cut` states what was left out.

    Their threads are shown only if one runs on a thread that is there already; `.df` has them.
    """
    has_thread = any(each.cron.thread_id for each in listed)
    columns = (
        COLUMNS
        if has_thread
        else tuple(replace(each, heading=None) if each.name == "thread" else each for each in COLUMNS)
    )
    return Table("cron", columns, tuple(_row(each, now) for each in listed), **cut)


def _row(each: ListedCron, now: datetime) -> tuple[Any, ...]:
    cron = each.cron
    fires = cron.fires(now)
    return (
        each.shown,
        cron.schedule,
        cron.words,
        cron.state(now),
        fires,
        fires,
        cron.text,
        each.assistant,
        each.thread,
        each.owner,
        cron.end,
        cron.is_enabled,
        fires[0] if fires else None,
        cron.zone or "UTC",
        without_secrets(cron.metadata),
        cron.id,
        cron.thread_id,
        cron.assistant_id,
    )


def firing_order(cron: CronInfo, now: datetime) -> tuple[bool, datetime]:
    """Sort key of crons: the next to fire first, those that do not fire last."""
    fires = cron.fires(now)
    return (not fires, fires[0] if fires else now)


def late_words(shown: list[str]) -> str:
    """Return a warning about overdue crons; "" without any."""
    if not shown:
        return ""
    return f"{', '.join(shown)} should have fired by now: the deployment's scheduler is late, or has stopped."


def never_fires_words(shown: list[str]) -> str:
    """Return a warning about crons that end before their next time; "" without any."""
    if not shown:
        return ""
    does = "does not fire before its" if len(shown) == 1 else "do not fire before their"
    return f"{', '.join(shown)} {does} end."

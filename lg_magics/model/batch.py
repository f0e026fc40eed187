"""A batch: one run for each row and assistant, their counts, and its view at one moment. Pure: the time is an argument.

A run that was not launched yet is `not started`; a launched one that has not ended is `live` (its server status is not
requested). The other statuses are those of every run.
"""

from __future__ import annotations

import bisect
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from lg_magics.model.batch_rows import json_of
from lg_magics.model.messages import Message, Usage, messages_from_values
from lg_magics.model.run_view import Status
from lg_magics.model.scores import Scored

__all__ = [
    "FAILED",
    "LIVE",
    "NOT_STARTED",
    "STATUSES",
    "BatchEntries",
    "BatchView",
    "Entry",
    "EntryStatus",
    "Failure",
    "RowView",
    "batch_id_from",
    "messages_since",
    "output_of",
    "tokens_of",
    "tools_of",
]

NOT_STARTED: Literal["not started"] = "not started"
LIVE: Literal["live"] = "live"
EntryStatus = Status | Literal["not started", "live"]
BatchStatus = Literal["preparing", "running", "success", "waiting", "error", "cancelled", "stopped"]

STATUSES: tuple[EntryStatus, ...] = (
    *("success", "waiting", "error", "timeout", "deleted", "unknown", "cancelled"),
    *(LIVE, NOT_STARTED),
)
"""The order of the counts: finished runs first, runs to come last."""

FAILED: tuple[EntryStatus, ...] = ("error", "timeout", "deleted", "unknown")
"""The statuses that `retry` repeats."""

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row's run with one assistant, as far as it is known.

    Attributes:
        row: the row's index, from 0.
        assistant: the name as given.
        repeat: the number of the repetition, from 1.
        attempt: the number of the attempt, from 1. Each retry has a thread of its own.
        thread_id, run_id: "" as long as there is none.
        output: the last message of a model, or the values if there is none.
        error: the full error; "" if there is none.
        seconds: from the run's creation to its end, on the server's clock.
        tokens: the total that its messages report; None if none does.
        tools: the names of the called tools, in order.
        scores: the scorers' results, by name.
        ended_at: when the server last changed the run, in the server's format.
    """

    row: int
    assistant: str
    repeat: int = 1
    attempt: int = 1
    thread_id: str = ""
    run_id: str = ""
    status: EntryStatus = NOT_STARTED
    output: Any = None
    error: str = ""
    seconds: float | None = None
    tokens: int | None = None
    tools: tuple[str, ...] = ()
    scores: Mapping[str, Scored] = field(default_factory=dict)
    ended_at: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it is final unless it is retried."""
        return self.status not in (NOT_STARTED, LIVE)


def output_of(values: object, *before: object) -> Any:
    """Return the last message that a model wrote, as text, without earlier or sent ones; the values if there is none."""
    texts = [message.text_or_refusal for message in messages_since(values, *before) if message.role == "ai"]
    return texts[-1] if texts else values


def tokens_of(values: object, *before: object) -> int | None:
    """Return the tokens that a result's messages report, without those of earlier or sent messages; None if none does."""
    if not any(message.usage for message in messages_from_values(values)):
        return None
    used = sum((message.usage for message in messages_since(values, *before)), Usage())
    return used.input + used.output


def tools_of(values: object, *before: object) -> tuple[str, ...]:
    """Return the names of the tools that a result's messages call, in order, without those of earlier or sent messages."""
    return tuple(call.name for message in messages_since(values, *before) for call in message.tool_calls)


def messages_since(values: object, *before: object) -> list[Message]:
    """Return a result's messages that are neither earlier ones nor sent ones; a graph may have removed some of those.

    A message is identified by its id, or, since sent messages have none, by its text and calls.
    """
    known = Counter(each.id or _content(each) for held in before for each in messages_from_values(held))
    found = []
    for message in messages_from_values(values):
        key = next((key for key in (message.id, _content(message)) if known[key]), None)
        if key is None:
            found.append(message)
        else:
            known[key] -= 1
    return found


def _content(message: Message) -> str:
    return json_of([message.role, message.text, [[call.name, call.args] for call in message.tool_calls]])


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run: its row, its assistant and repetition, the error's first line, its thread's number here and its id."""

    row: int
    assistant: str
    error: str
    thread_number: str = ""
    thread_id: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """A run as a row of the card: its index in the batch, its input, its result, its scores by name, each on one line."""

    place: int
    label: str
    assistant: str
    status: EntryStatus
    output: str = ""
    scores: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch at one moment.

    Attributes:
        counts: the number of runs in each status.
        phase: whether rows are being written, runs are active, or the batch is over.
        stopped: why it ended early; "" if it did not.
        is_cancelled: whether it was cancelled; `is_cancelling` while the cancellation is in progress.
        began_at, ended_at: when the first run was launched and the last one ended, in seconds since the epoch.
        ended_here: how many ended since `began_at`.
        scoring: the number of runs being scored.
        prepared, to_prepare: while rows are written and read: how many are done, and of how many.
        paused: why no requests are sent at the moment; "" if they are.
        refused: the number of requests that got a 429 and were sent again.
        notes: notes to show, a line each.
        failures: the first failures, in the order of the rows.
        rows: some of the runs: failed ones first, then the most recently changed.
    """

    counts: Mapping[EntryStatus, int] = field(default_factory=dict)
    phase: Literal["preparing", "running", "ended"] = "preparing"
    stopped: str = ""
    is_cancelled: bool = False
    is_cancelling: bool = False
    began_at: float | None = None
    ended_at: float | None = None
    ended_here: int = 0
    prepared: int = 0
    to_prepare: int = 0
    scoring: int = 0
    tokens: int = 0
    max_tokens: int | None = None
    paused: str = ""
    refused: int = 0
    notes: Sequence[str] = ()
    failures: Sequence[Failure] = ()
    rows: Sequence[RowView] = ()

    @property
    def total(self) -> int:
        """The number of runs, including those not started."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """The number of ended runs, in any status."""
        return self.total - self.count(NOT_STARTED) - self.count(LIVE)

    @property
    def failed(self) -> int:
        """The number of runs that `retry` would repeat."""
        return sum(map(self.count, FAILED))

    @property
    def counted(self) -> dict[str, int]:
        """The number of runs in each status, in the order of STATUSES; empty statuses are left out."""
        return {status: self.count(status) for status in STATUSES if self.count(status)}

    def count(self, status: EntryStatus) -> int:
        """Return the number of runs in a status."""
        return self.counts.get(status, 0)

    @property
    def status(self) -> BatchStatus:
        """The batch's status: the worst of its ends, whether a run waits for a person, or its phase."""
        if self.phase != "ended":
            return self.phase
        if self.is_cancelled:
            return "cancelled"
        if self.count(NOT_STARTED) or self.count(LIVE):
            return "stopped"
        if self.failed:
            return "error"
        if self.count("cancelled"):
            return "cancelled"
        return "waiting" if self.count("waiting") else "success"

    def elapsed(self, now: float) -> float | None:
        """Return the seconds from the first launch to the end of the last run, or to `now` if it is not over."""
        if self.began_at is None:
            return None
        return max(0.0, (self.ended_at if self.ended_at is not None else now) - self.began_at)

    def rate(self, now: float) -> float | None:
        """Return the number of runs that ended per second; None before the first."""
        elapsed = self.elapsed(now)
        return self.ended_here / elapsed if elapsed and self.ended_here else None

    def seconds_left(self, now: float) -> float | None:
        """Return the estimated remaining seconds; None if there is no rate yet, or nothing is active."""
        rate = self.rate(now)
        left = self.total - self.ended
        if rate is None or self.phase != "running" or self.is_cancelled or not left:
            return None
        return left / rate


def batch_id_from(number: int) -> str:
    """Return a short readable id, `k7f2-9qd4`, from a random number of at least 40 bits."""
    letters = []
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


MOST_NEWEST = 500


class BatchEntries:
    """The entries of a batch.

    Attributes:
        all: one entry for each run, in the order of the rows.
        counts: the number of entries in each status.
        failed: the indexes of failed entries, in order.
        newest: the indexes of the most recently changed entries, the latest last.
    """

    def __init__(self, entries: Sequence[Entry], changed: Callable[[], None]) -> None:
        self.all = list(entries)
        self.counts = Counter(entry.status for entry in entries)
        self.failed = [place for place, entry in enumerate(entries) if entry.status in FAILED]
        self.newest = deque((place for place, entry in enumerate(entries) if entry.has_ended), MOST_NEWEST)
        self._changed = changed

    def set(self, place: int, **changes: Any) -> None:
        """Change an entry's fields."""
        before = self.all[place]
        after = self.all[place] = replace(before, **changes)
        self.newest.append(place)
        if before.status != after.status:
            self.counts[before.status] -= 1
            self.counts[after.status] += 1
            was, has = before.status in FAILED, after.status in FAILED
            if has and not was:
                bisect.insort(self.failed, place)
            elif was and not has:
                self.failed.remove(place)
        self._changed()

    def shown(self, most: int) -> list[int]:
        """Return the indexes of the runs that a card shows: failed ones, then the most recently changed."""
        found = dict.fromkeys(self.failed[:most])
        for place in reversed(list(self.newest)):  # copied in one step: the loop appends to it meanwhile
            if len(found) >= most:
                break
            if self.all[place].status != NOT_STARTED:
                found.setdefault(place)
        return list(found)

    def select(self, problems: Sequence[str], statuses: Collection[str]) -> list[int]:
        """Return the indexes of entries in these statuses that can be repeated; rows that cannot be sent are left out."""
        may_be = list(self.failed) if set(statuses) <= set(FAILED) else range(len(self.all))
        return [place for place in may_be if (entry := self.all[place]).status in statuses and not problems[entry.row]]

    def again(self, places: Iterable[int]) -> None:
        """Reset these entries for another attempt."""
        for place in list(places):
            self.set(place, **_reset_for_retry(self.all[place]))


def _reset_for_retry(entry: Entry) -> dict[str, Any]:
    """Return the changes that reset an entry. If its end is unknown, it is looked up; a new attempt has a new thread."""
    if entry.status == "unknown":
        return {"status": LIVE, "error": ""}
    if not entry.run_id:
        return {"status": NOT_STARTED, "error": "", "thread_id": ""}  # written again, without effect
    fresh = Entry(entry.row, entry.assistant, entry.repeat, entry.attempt + 1)
    return {each.name: getattr(fresh, each.name) for each in fields(Entry)}

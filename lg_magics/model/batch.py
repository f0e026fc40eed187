"""A batch: one run for each row and assistant, their counts, and its view at one moment. Pure: the time is passed in.

A run that was not launched yet is `not started`; one that was and has not ended is `live` (its server status is not requested).
The other statuses are those of every run.
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
"""In the order in which they are counted: what is done first, what is to come last."""

FAILED: tuple[EntryStatus, ...] = ("error", "timeout", "deleted", "unknown")
"""What `retry` does again."""

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row's run by one assistant, as far as it is known.

    Attributes:
        row: the row's place, from 0.
        assistant: by the name that it was given.
        repeat: 1, and one more for each time that the row runs with the assistant.
        attempt: 1, and one more for each retry, which has a thread of its own.
        thread_id, run_id: "" as long as there is none.
        output: the last words of a model, or the values where there are none.
        error: what went wrong, whole; "" if nothing did.
        seconds: from the run's creation to its end, by the server's clock.
        tokens: what the messages in its result report; None if it left none.
        tools: the names of the tools that were called, in order.
        scores: what the scorers said, by name.
        ended_at: when the server changed the run last, as it says it.
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
        """Whether nothing more will come of it by itself."""
        return self.status not in (NOT_STARTED, LIVE)


def output_of(values: object) -> Any:
    """The last message that a model wrote, as text; the values themselves where there is none."""
    said = [message.said for message in messages_from_values(values) if message.role == "ai"]
    return said[-1] if said else values


def tokens_of(values: object, *before: object) -> int | None:
    """The tokens that the messages in a result report, without those that were there or sent before; None if none does."""
    if not any(message.usage for message in messages_from_values(values)):
        return None
    used = sum((message.usage for message in messages_since(values, *before)), Usage())
    return used.input + used.output


def tools_of(values: object, *before: object) -> tuple[str, ...]:
    """The names of the tools that a result's messages call, in order, without those that were there or sent before."""
    return tuple(call.name for message in messages_since(values, *before) for call in message.tool_calls)


def messages_since(values: object, *before: object) -> list[Message]:
    """The messages of a result that were not there before, nor sent: a graph may have removed some of those.

    A message is known by its id, or, since what is sent has none, by what it says and calls.
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
    """A run that failed: its row and assistant, the error's first line, its thread's number in this session and its id."""

    row: int
    assistant: str
    error: str
    thread_number: str = ""
    thread_id: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """A run as a row of the card: its place among the batch's runs, what it was asked, and what came of it, each on one line."""

    place: int
    label: str
    assistant: str
    status: EntryStatus
    said: str = ""
    scores: tuple[str, ...] = ()
    seconds: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch at one moment.

    Attributes:
        counts: how many runs are in which status.
        phase: whether the rows are being written to the deployment, run, or all is over.
        stopped: why no more were launched: "" unless something ended it early.
        is_cancelled: whether it was cancelled; `is_cancelling` while that is going on.
        began_at, ended_at: when the first run was launched and the last one ended, seconds since the epoch.
        ended_here: how many ended since `began_at`.
        scoring: how many runs are being scored.
        prepared, to_prepare: while rows are written and read: how many are, of how many.
        paused: why nothing is asked at this moment; "" if it is.
        refused: how many requests were answered with 429, and sent again.
        notes: what should be known beside it, a line each.
        failures: the first ones, in the order of the rows.
        rows: some of the runs: the failed ones first, then those that changed last.
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
        """How many runs there are, or are to be."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """How many have ended, however."""
        return self.total - self.count(NOT_STARTED) - self.count(LIVE)

    @property
    def failed(self) -> int:
        """How many `retry` would do again."""
        return sum(map(self.count, FAILED))

    @property
    def counted(self) -> dict[str, int]:
        """The statuses that there are, in the order of STATUSES, and how many runs are in each."""
        return {status: self.count(status) for status in STATUSES if self.count(status)}

    def count(self, status: EntryStatus) -> int:
        """How many are in this status."""
        return self.counts.get(status, 0)

    @property
    def status(self) -> BatchStatus:
        """The batch's status: the worst of its ends, whether a person is needed, or its phase."""
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
        """Seconds since the first run was launched, until the last one ended or (not over) until `now`."""
        if self.began_at is None:
            return None
        return max(0.0, (self.ended_at if self.ended_at is not None else now) - self.began_at)

    def rate(self, now: float) -> float | None:
        """How many runs ended in a second; None before the first."""
        elapsed = self.elapsed(now)
        return self.ended_here / elapsed if elapsed and self.ended_here else None

    def seconds_left(self, now: float) -> float | None:
        """How long the rest will take at the rate so far; None if there is no rate yet, or nothing goes on."""
        rate = self.rate(now)
        left = self.total - self.ended
        if rate is None or self.phase != "running" or self.is_cancelled or not left:
            return None
        return left / rate


def batch_id_from(number: int) -> str:
    """A short id that can be read and typed, `k7f2-9qd4`, from a random number of at least 40 bits."""
    letters = []
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


MOST_NEWEST = 500


class BatchEntries:
    """The entries of a batch.

    Attributes:
        all: one for each run, in the order of the rows.
        counts: how many are in which status.
        failed: the places of those that failed, in order.
        newest: the places of those that changed last, the last one last.
    """

    def __init__(self, entries: Sequence[Entry], changed: Callable[[], None]) -> None:
        self.all = list(entries)
        self.counts = Counter(entry.status for entry in entries)
        self.failed = [place for place, entry in enumerate(entries) if entry.status in FAILED]
        self.newest = deque((place for place, entry in enumerate(entries) if entry.has_ended), MOST_NEWEST)
        self._changed = changed

    def set(self, place: int, **changes: Any) -> None:
        """Change what is known of one."""
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
        """The places of the runs that a card shows: the failed ones, then those that changed last."""
        found = dict.fromkeys(self.failed[:most])
        for place in reversed(self.newest):
            if len(found) >= most:
                break
            if self.all[place].status != NOT_STARTED:
                found.setdefault(place)
        return list(found)

    def select(self, problems: Sequence[str], statuses: Collection[str]) -> list[int]:
        """The places of those in one of these statuses that can be done again: what cannot be sent is none of them."""
        may_be = self.failed if set(statuses) <= set(FAILED) else range(len(self.all))
        return [place for place in may_be if (entry := self.all[place]).status in statuses and not problems[entry.row]]

    def again(self, places: Iterable[int]) -> None:
        """Make these ready to be done again."""
        for place in list(places):
            self.set(place, **_reset_for_retry(self.all[place]))


def _reset_for_retry(entry: Entry) -> dict[str, Any]:
    """What changes for an entry that is done again. One whose end is unknown is looked up; a new attempt has a new thread."""
    if entry.status == "unknown":
        return {"status": LIVE, "error": ""}
    if not entry.run_id:
        return {"status": NOT_STARTED, "error": "", "thread_id": ""}  # it is written again: that changes nothing
    fresh = Entry(entry.row, entry.assistant, entry.repeat, entry.attempt + 1)
    return {each.name: getattr(fresh, each.name) for each in fields(Entry)}

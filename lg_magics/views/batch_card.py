"""The bounded content of a batch's card, and the card as plain text; `batch_tree.py` renders it. Pure. Every string is untrusted.

The text has no ids and no times, so it is the same on every run:

error · batch of 20 runs · agent · “weather in {city}”
  18 success · 2 error

row 3 · agent: ValueError: no results
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from lg_magics.model.batch import LIVE, NOT_STARTED, BatchView, EntryStatus, Failure, RowView
from lg_magics.model.bounds import fitted
from lg_magics.model.visible_text import visible_line
from lg_magics.views.words import duration

__all__ = ["BatchCard", "batch_card", "batch_text", "begun_line", "roughly"]

ROW_FIELDS = tuple(each.name for each in fields(RowView))
LARGEST = 50_000  # bytes of a card's texts
SOURCE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class BatchCard:
    """A batch's card at one moment. Its texts are bounded together.

    Attributes:
        view: the known state of the batch.
        id: its id on the deployment.
        deployment: the deployment's name.
        is_protected: whether the deployment is a protected one.
        assistants: the assistants of the runs.
        source: the input of the runs.
        size: the number of rows, assistants and repeats.
        rows: some of the runs.
        now: the current time, in seconds since the epoch.
        progress: the progress, in words.
        notes: notes to show with it.
        failures: the first runs that failed.
        more_failures: the number of failed runs beyond those.
        line: the line that continues it in another kernel; "" if that is impossible.
        line_does: the effect of that line.
        can_retry: the number of runs that a retry would repeat.
        found: the number of runs that match the search, if there was one; `rows` are some of those.
    """

    view: BatchView
    id: str
    deployment: str
    is_protected: bool
    assistants: str
    source: str
    size: str
    rows: tuple[RowView, ...]
    now: float
    progress: str
    notes: tuple[str, ...]
    failures: tuple[Failure, ...]
    more_failures: int
    line: str
    line_does: str
    can_retry: int
    found: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes any more without an action."""
        return self.view.phase == "ended"

    @property
    def can_cancel(self) -> bool:
        """Whether there are runs to cancel."""
        return not (self.is_settled or self.view.is_cancelled)

    @property
    def title(self) -> str:
        """The input, or the number of runs."""
        return self.source or f"batch of {self.view.total:,} run{'s' * (self.view.total != 1)}"

    @property
    def goes_on(self) -> bool:
        """Whether it has unfinished rows."""
        return not self.view.is_cancelled and self.view.ended < self.view.total


def batch_card(
    view: BatchView,
    *,
    id: str,
    deployment: str,
    assistants: Sequence[str],
    source: str,
    now: float,
    size: str = "",
    is_protected: bool = False,
    can_attach: bool = True,
    can_retry: int = 0,
    found: int | None = None,
) -> BatchCard:
    """Make the card of a batch at the time `now` (seconds since the epoch)."""
    texts = fitted(
        {
            "id": id,
            "deployment": deployment,
            "assistants": ", ".join(assistants),
            "source": source if len(source) <= SOURCE_LENGTH else source[: SOURCE_LENGTH - 1] + "…",
            "notes": [*_notes(view), *view.notes],
            "failures": [list(astuple(each)) for each in view.failures],
            "rows": [[getattr(each, name) for name in ROW_FIELDS] for each in view.rows],
        },
        LARGEST,
    )
    card = BatchCard(
        view=view,
        id=texts["id"],
        deployment=texts["deployment"],
        is_protected=is_protected,
        assistants=texts["assistants"],
        source=texts["source"],
        size=size,
        rows=tuple(_row(each) for each in texts["rows"]),
        now=now,
        progress=" · ".join(_progress(view, now)),
        notes=tuple(texts["notes"]),
        failures=tuple(Failure(*each) for each in texts["failures"]),
        more_failures=view.failed - len(view.failures),
        line="",
        line_does="",
        can_retry=can_retry,
        found=found,
    )
    if not can_attach:
        return card
    does = "goes on with it in any kernel" if card.goes_on else "brings its frame back in any kernel"
    return replace(card, line=_line(card), line_does=does)


def _row(fields: Sequence[Any]) -> RowView:
    """Return a row from its fields, whose tuples are lists where texts were cut."""
    row = RowView(*fields)
    return replace(row, scores=tuple((name, value) for name, value in row.scores))


def _line(card: BatchCard) -> str:
    """Return the line that continues it elsewhere, or restores its frame there."""
    view = card.view
    is_spent = view.max_tokens is not None and view.tokens >= view.max_tokens and card.goes_on
    return f"%lg_batch --attach {card.id}{' --max-tokens N' if is_spent else ''}"


def _progress(view: BatchView, now: float) -> Iterator[str]:
    if view.phase == "preparing":
        yield f"rows on the deployment: {view.prepared:,} of {view.to_prepare:,}"
        return
    yield f"{view.ended:,} of {view.total:,} ended"
    if view.scoring and view.ended == view.total:
        yield f"scoring {view.scoring:,}"
    if rate := view.rate(now):
        yield _rate(rate)
    if (left := view.seconds_left(now)) is not None:
        yield f"{roughly(left)} left"
    if view.tokens:
        most = f" of {view.max_tokens:,}" if view.max_tokens else ""
        yield f"{view.tokens:,}{most} tokens"
    if view.refused:
        yield f"{view.refused:,} retried after 429"


def _rate(rate: float) -> str:
    """Return a rate per second, minute or hour: the first of these with a readable number."""
    for seconds, word in ((1, "a second"), (60, "a minute")):
        if rate * seconds >= 1:
            return f"{rate * seconds:.1f} {word}"
    return f"{rate * 3600:.1f} an hour"


def roughly(seconds: float) -> str:
    """Return an estimated duration in words.

    >>> roughly(3), roughly(42), roughly(200), roughly(7512)
    ('a few seconds', 'about 40 s', 'about 3 min', 'about 2 h 05 min')
    """
    if seconds < 8:
        return "a few seconds"
    if seconds < 58:
        return f"about {round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 60 else f"about {duration(minutes * 60)}"


def _notes(view: BatchView) -> Iterator[str]:
    left: EntryStatus = NOT_STARTED
    count = view.count(left)
    if view.paused and view.phase != "ended":
        yield view.paused
    if view.is_cancelling or (view.is_cancelled and view.count(LIVE)):
        yield "cancelling…"
    elif view.is_cancelled and count:
        yield f"cancelled: {count:,} not started. batch.retry('cancelled', 'not started') goes on."
    elif view.stopped and count:
        yield f"{view.stopped}: {count:,} not started"
    elif view.stopped:
        yield view.stopped
    if view.phase == "ended" and view.count("waiting"):
        yield "%lg_inbox lists what waits for an answer"


def begun_line(runs: int, assistants: Sequence[str], id: str = "") -> str:
    """Return one line about a batch that has just started; without the id it is the same on every run."""
    name = f"batch {id}" if id else "batch"
    return f"{name} of {runs:,} run{'s' * (runs != 1)} started on {', '.join(assistants)}"


def batch_text(card: BatchCard) -> str:
    """Return the card as plain text: status, counts, notes, and the first failures."""
    view = card.view
    runs = f"batch of {view.total:,} run{'s' * (view.total != 1)}"
    source = f"“{card.source}”" if card.source else ""
    head = " · ".join(word for word in (view.status, runs, card.assistants, source) if word)
    counts = " · ".join(f"{count:,} {status}" for status, count in view.counted.items())
    failures = [f"row {each.row} · {each.assistant}: {each.error}" for each in card.failures]
    if card.more_failures:
        failures.append(f"… and {card.more_failures:,} more")
    parts = ([head, f"  {counts}"], card.notes, failures)
    return "\n\n".join("\n".join(map(visible_line, lines)) for lines in parts if lines)

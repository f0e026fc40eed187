"""A table: columns, rows, and what was left out. Uses pandas only inside `.df`; renders nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, overload

from lg_magics.model.duration import local_time
from lg_magics.model.result import Result
from lg_magics.tables.cells import cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Column", "Kind", "Table", "local_words", "plural", "time_from_iso", "times_words"]

# mean: a number with two decimals; sentence: a text that is never cut
# times: several, shown in local time; utc: several, shown unchanged
Kind = Literal[
    "text", "id", "number", "mean", "time", "times", "utc", "status", "list", "mark", "lane", "value", "sentence"
]

WIDEST_TITLE = 60  # characters


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the frame, and its heading in views (the name if empty; None: only in the frame)."""

    name: str
    kind: Kind = "text"
    heading: str | None = ""

    @property
    def title(self) -> str:
        """Its heading, shortened: a deployment's names may be very long."""
        title = self.heading or self.name.replace("_", " ")
        return title if len(title) <= WIDEST_TITLE else f"{title[: WIDEST_TITLE - 1]}…"


@dataclass(frozen=True)
class Table(Result):
    """Rows of one kind of thing.

    Attributes:
        noun: the noun for a row: "thread"; "run of t1".
        columns: one for each value of a row.
        rows: tuples; times are UTC-aware datetimes.
        total: the total number of rows; None if unknown, and there may be more.
        is_whole: whether nothing was left out.
        more: what to type for the rest.
        note: a prominent line to show above, as "r7 still running".
        hint: what to type next.
        attrs: goes into `df.attrs`.
        offset: the number of rows before the first one.
        again: reads the same rows again, if they can be opened on a page.
    """

    noun: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int | None = None
    is_whole: bool = True
    more: str = ""
    note: str = ""
    hint: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    offset: int = 0
    again: Callable[[], Table] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_open(self) -> bool:
        """Whether its rows have actions, on a page that can show them."""
        return self.again is not None

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return list(self)[index]

    def __repr__(self) -> str:
        return f"<{self.counted}>"

    @property
    def counted(self) -> str:
        """How many rows, and of how many: `3 threads`, `10 of 48 threads`, `the first 10 threads`."""
        count = len(self.rows)
        if self.is_whole:
            return f"{count or 'no'} {plural(self.noun, count)}"
        if self.total is not None:
            return f"{count} of {self.total} {plural(self.noun, self.total)}"
        if self.offset:
            return f"{count} {plural(self.noun, count)} after the first {self.offset}"
        return f"the first {count} {plural(self.noun, count)}"

    @property
    def df(self) -> pd.DataFrame:
        """A pandas frame: times as aware UTC timestamps, ids as text, objects as JSON text. `df.attrs` states what was cut."""
        import pandas as pd

        columns = {
            column.name: _series(column, [row[place] for row in self.rows]) for place, column in enumerate(self.columns)
        }
        frame = pd.DataFrame(columns)
        frame.attrs.update({**self.attrs, "total": self.total, "truncated": not self.is_whole})
        return frame


def _series(column: Column, values: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if column.kind == "time":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True))
    if column.kind == "mean":
        return pd.Series(values, dtype="float64")
    if column.kind == "number":
        is_whole = all(value is None or isinstance(value, int) for value in values)
        return pd.Series(values, dtype="Int64" if is_whole else "float64")
    return pd.Series(cells(values), dtype=object)


def plural(noun: str, count: int) -> str:
    """Return `threads` for `thread`, unless the count is one; `runs of t1` for `run of t1`."""
    head, space, rest = noun.partition(" ")
    return noun if count == 1 else f"{head}s{space}{rest}"


def time_from_iso(text: object) -> datetime | None:
    """Return a UTC-aware time from the server's timestamp; None if it is not one, or if it is beyond Python's calendar in UTC."""
    try:
        time = datetime.fromisoformat(str(text))
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def local_words(time: datetime | None) -> str:
    """Return a time in this machine's time zone: `2027-01-31 18:00:00`; "unknown" if there is none."""
    return f"{local_time(time):%Y-%m-%d %H:%M:%S}" if time else "unknown"


def times_words(times: Sequence[datetime], year: int) -> str:
    """Return times on one line, each in its own time zone, with the year if it differs: `Thu 12-31 09:00`."""
    return ", ".join(f"{each:%a} {'' if each.year == year else f'{each:%Y}-'}{each:%m-%d %H:%M}" for each in times)

"""Items of the store: one, many as a table with a column for each field, and an export. Fetches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, overload

from lg_magics.model.namespaces import Namespace, shown_namespace
from lg_magics.model.result import Result
from lg_magics.tables.table import Column, Table, plural, time_from_iso

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Export", "Item", "Items", "Search", "flattened"]

HEAD = (Column("namespace"), Column("key"))
SCORE = Column("score", "value")
FOOT = (Column("updated_at", "time", "updated"), Column("created_at", "time", None))
OWN_NAMES = frozenset(column.name for column in (*HEAD, SCORE, *FOOT))
SMALLEST, LARGEST = -(2**63), 2**63 - 1

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """A search: items under `prefix`; `limit` is None for all of them."""

    prefix: Namespace = ()
    filter: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    limit: int | None = 10
    offset: int = 0

    @property
    def noun(self) -> str:
        """The noun for its items: `item in todo/general`."""
        return f"item in {shown_namespace(self.prefix) if self.prefix else 'the store'}"


@dataclass(frozen=True)
class Item(Result):
    """One item, with the server's row in `raw`."""

    raw: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<item {self.key!r} in {shown_namespace(self.namespace)}>"

    @property
    def namespace(self) -> Namespace:
        """Its namespace's labels."""
        return tuple(self.raw.get("namespace") or ())

    @property
    def key(self) -> str:
        """Its key."""
        return str(self.raw.get("key", ""))

    @property
    def value(self) -> Any:
        """Its value, a mapping."""
        return self.raw.get("value")

    @property
    def updated_at(self) -> Any:
        """When it was last written, UTC; None if unknown."""
        return time_from_iso(self.raw.get("updated_at"))

    @property
    def score(self) -> float | None:
        """Its similarity to the query; None without an index."""
        return self.raw.get("score")


def flattened(value: Any) -> dict[Path, Any]:
    """Return a value's fields by path, including those of nested mappings, one level deep.

    >>> flattened({"task": "call", "at": {"city": "sf", "geo": {"lat": 1}}, "tags": {}})
    {('task',): 'call', ('at', 'city'): 'sf', ('at', 'geo'): {'lat': 1}, ('tags',): {}}
    """
    if not isinstance(value, Mapping):
        return {} if value is None else {("value",): value}
    found: dict[Path, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            found |= {(str(name), str(below)): each for below, each in inner.items()}
        else:
            found[(str(name),)] = inner
    return found


def _names_of(paths: Sequence[Path]) -> dict[Path, str]:
    """Return a column name for each path; names are unique, and differ from the item's own fields."""
    names: dict[Path, str] = {}
    taken = set(OWN_NAMES)
    for path in paths:
        name = ".".join(path)
        while name in taken:
            name = f"value.{name}"
        taken.add(name)
        names[path] = name
    return names


class _ItemSequence(Result):
    """Items by their place: a slice is a list."""

    items: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return map(Item, self.items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        return list(map(Item, self.items[index])) if isinstance(index, slice) else Item(self.items[index])


@dataclass(frozen=True)
class Items(_ItemSequence):
    """Items of a search, in the server's order.

    Attributes:
        items: the items.
        search: the search.
        is_whole: whether there are no further items.
        total: the total number; None if unknown.
        more_than: a lower bound of the number, if it is not counted.
        is_past: whether there are items, but none after the search's offset.
        more: what to type for the rest.
        note: a line to show above.
        attrs: goes into `df.attrs`.
        is_open: whether it has actions, on a page that can show them.
    """

    items: tuple[Mapping[str, Any], ...]
    search: Search = field(default_factory=Search)
    is_whole: bool = True
    total: int | None = None
    more_than: int = 0
    is_past: bool = False
    more: str = ""
    note: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False

    def __repr__(self) -> str:
        return f"<{self.part(rows=0, fields=0).counted}>"

    @cached_property
    def fields(self) -> tuple[dict[Path, Any], ...]:
        """The fields of each value, by path."""
        return tuple(flattened(item.get("value")) for item in self.items)

    @cached_property
    def field_names(self) -> dict[Path, str]:
        """The column of each path, in the order of first appearance."""
        return _names_of(list(dict.fromkeys(path for each in self.fields for path in each)))

    @property
    def table(self) -> Table:
        """All items as a table: its size grows with the items and their fields."""
        return self.part()

    def part(self, rows: int | None = None, fields: int | None = None) -> Table:
        """Return the first rows with the first fields as a table, which still counts all items."""
        has_scores = any(item.score is not None for item in self)
        names = dict(islice(self.field_names.items(), fields))
        columns = (
            *HEAD,
            *((SCORE,) if has_scores else ()),
            *(Column(name, "value", name) for name in names.values()),
            *FOOT,
        )
        shown = islice(zip(self, self.fields, strict=True), rows)
        return _ItemTable(
            self.search.noun,
            columns,
            tuple(self._row(item, values, names, has_scores) for item, values in shown),
            total=self.total,
            is_whole=self.is_whole and not self.search.offset,
            more=self.more,
            note=self.note,
            attrs=self.attrs,
            count=len(self.items),
            offset=self.search.offset,
            more_than=self.more_than,
            is_past=self.is_past,
        )

    def _row(self, item: Item, values: Mapping[Path, Any], paths: Iterable[Path], has_scores: bool) -> tuple[Any, ...]:
        return (
            shown_namespace(item.namespace),
            item.key,
            *((item.score,) if has_scores else ()),
            *(values.get(path) for path in paths),
            item.updated_at,
            time_from_iso(item.raw.get("created_at")),
        )

    @property
    def df(self) -> pd.DataFrame:
        """One row for each item: UTC times, and a typed column for each field; missing values are NA."""
        frame = self.table.df
        for name in ("score", *self.field_names.values()):
            if name in frame:
                frame[name] = _typed(frame[name])
        return frame


@dataclass(frozen=True)
class _ItemTable(Table):
    """A table that may start at an offset, and have fewer rows than the items that it counts."""

    count: int = 0
    offset: int = 0
    more_than: int = 0
    is_past: bool = False

    @property
    def counted(self) -> str:
        """The count, and the total: `10 of 23 items in todo`, `items 11–20 of more than 1,010 in todo`."""
        where = self.noun.removeprefix("item")
        if not self.count:
            return self._counted_none(where)
        last = self.offset + self.count
        if self.offset:
            places = f"{self.offset + 1:,}–{last:,}" if self.count > 1 else f"{last:,}"
            return f"{plural('item', self.count)} {places}{self._of(last)}{where}"
        if self.is_whole:
            return f"{self.count:,} {plural(self.noun, self.count)}"
        return f"{self.count:,}{self._of(last)} {plural(self.noun, self.total or 2)}"

    def _of(self, last: int) -> str:
        """Return the total in words; an unknown one as its lower bound."""
        return f" of more than {max(self.more_than, last):,}" if self.total is None else f" of {self.total:,}"

    def _counted_none(self, where: str) -> str:
        if not self.is_past:
            return f"no items{where}"
        if self.total is None and not self.more_than:
            return f"no items after the first {self.offset:,}{where}"
        return f"none{self._of(0)} {plural('item', self.total or 2)}{where}"


def _typed(series: pd.Series[Any]) -> pd.Series[Any]:
    """Convert to numbers or booleans, if all values are and none changes."""
    kinds = {type(value) for value in series if value is not None}
    if kinds == {bool}:
        return series.astype("boolean")
    if kinds == {int} and all(value is None or SMALLEST <= value <= LARGEST for value in series):
        return series.astype("Int64")
    is_exact = all(int(float(value)) == value for value in series if isinstance(value, int))  # above 2**53, not all are
    return series.astype("float64") if kinds in ({float}, {int, float}) and is_exact else series


@dataclass(frozen=True)
class Export(_ItemSequence):
    """All items under a namespace, to be saved and loaded again.

    Attributes:
        items: the server's rows.
        prefix: the namespace.
        path: the file with the items; "" for none.
    """

    items: tuple[Mapping[str, Any], ...]
    prefix: Namespace = ()
    path: str = ""

    def __repr__(self) -> str:
        return f"<{self.words}>"

    @property
    def words(self) -> str:
        """What was exported, and where to."""
        counted = Items(self.items, Search(self.prefix)).part(rows=0, fields=0).counted
        return f"{counted}, written to {self.path}" if self.path else counted

    @property
    def df(self) -> pd.DataFrame:
        """The frame that a search returns."""
        return Items(self.items, Search(self.prefix)).df

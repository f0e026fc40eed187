"""Pages of a list, one after the other, to an end on any server. Must not depend on what is listed.

A server may ignore the offset, and give the same page for ever; it may move things while they are read, and give some twice. So
nothing is given twice, and a page with nothing new is the last one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["BUDGET", "MOST", "Fetch", "Listing", "Page", "listing", "pages"]

MOST = 1000
"""The largest page that is asked for."""
BUDGET = 4_000_000
"""Bytes that a page may have, about."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a list, in the server's order, and their bytes; 0 if they were not counted."""

    rows: Sequence[T]
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """So many rows, and whether they are all that there are."""

    rows: list[T]
    is_whole: bool


Fetch = Callable[[int, int], Awaitable[Page[T]]]


async def pages(
    fetch: Fetch[T],
    key: Callable[[T], Hashable],
    *,
    limit: int | None = None,
    offset: int = 0,
    first: int = MOST,
    most: int = MOST,
) -> AsyncGenerator[Page[T], None]:
    """Pages with what is new in each.

    Args:
        fetch: asks for so many rows behind so many.
        key: what tells two rows apart.
        limit: at most so many rows; None for all.
        offset: after so many.
        first: how long the first page is; the others are as long as fits the budget, where bytes are counted.
        most: the longest page that the server gives.
    """
    left, size = limit, min(first, most)
    seen: set[Hashable] = set()
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        page = await fetch(wanted, offset)
        new = [row for row in page.rows if key(row) not in seen][:left]
        if new:
            yield Page(new, page.bytes)
        if len(page.rows) < wanted or not new:
            return
        seen.update(map(key, new))
        offset += len(page.rows)
        left = None if left is None else left - len(new)
        if page.bytes:
            size = max(1, min(most, BUDGET * len(page.rows) // page.bytes))


async def listing(
    fetch: Fetch[T], key: Callable[[T], Hashable], *, limit: int | None, offset: int = 0, most: int = MOST
) -> Listing[T]:
    """So many rows behind `offset` (None for all), and whether there are no more: one more is asked for."""
    wanted = None if limit is None else limit + 1
    rows = [
        row async for page in pages(fetch, key, limit=wanted, offset=offset, first=most, most=most) for row in page.rows
    ]
    return Listing(rows if limit is None else rows[:limit], limit is None or len(rows) <= limit)

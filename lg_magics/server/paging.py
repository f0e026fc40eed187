"""Read a list page by page to its end, on any server. Must not depend on the kind of the rows.

A server may ignore the offset and return the same page again and again; it may reorder rows while they are read, and return some
twice. So each row is yielded once, and a page without new rows is the last one. A server may also return fewer rows than were
asked for, although there are more: only a page shorter than every server returns is known to be the last one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["BUDGET", "MOST", "SAFE_MOST", "Fetch", "Listing", "Page", "listing", "pages"]

MOST = 1000
"""The longest page to request."""
SAFE_MOST = 100
"""The longest page that every server supports."""
BUDGET = 4_000_000
"""The byte budget of a page, approximate."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a list, in the server's order.

    Attributes:
        rows: the rows.
        bytes: their size; 0 if not counted.
        asked: the number of requested rows, if `fetch` requests fewer than wanted; 0 otherwise.
    """

    rows: Sequence[T]
    bytes: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A number of rows, and whether the list is complete."""

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
    """Yield the new rows of each page.

    Args:
        fetch: requests `limit` rows from an offset, or fewer, which the page then states.
        key: identifies a row.
        limit: the maximum number of rows; None for all.
        offset: the number of rows to skip.
        first: the length of the first page. The length of the others follows the byte budget, where bytes are counted.
        most: the longest page that the server supports.
    """
    left, size = limit, min(first, most)
    seen: set[Hashable] = set()
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        page = await fetch(wanted, offset)
        new = [row for row in page.rows if key(row) not in seen][:left]
        if new:
            yield Page(new, page.bytes)
        if len(page.rows) < min(page.asked or wanted, SAFE_MOST) or not new:
            return
        seen.update(map(key, new))
        offset += len(page.rows)
        left = None if left is None else left - len(new)
        if page.bytes:
            size = max(1, min(most, BUDGET * len(page.rows) // page.bytes))


async def listing(
    fetch: Fetch[T], key: Callable[[T], Hashable], *, limit: int | None, offset: int = 0, most: int = MOST
) -> Listing[T]:
    """Return up to `limit` rows (None for all) from `offset`, and whether there are no more: it requests one row more."""
    wanted = None if limit is None else limit + 1
    rows = [
        row async for page in pages(fetch, key, limit=wanted, offset=offset, first=most, most=most) for row in page.rows
    ]
    return Listing(rows if limit is None else rows[:limit], limit is None or len(rows) <= limit)

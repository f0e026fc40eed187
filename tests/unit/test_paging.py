"""Pages come to an end on any server, nothing comes twice, and nothing is left out of what the server gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lg_magics.server.paging import BUDGET, Page, listing, pages

Serve = Callable[[int, int], list[int]]
ROWS = list(range(2500))


def read(serve: Serve, *, limit: int | None = None, offset: int = 0, bytes: int = 0) -> tuple[list[int], list[int]]:
    """What comes, and the sizes that were asked for."""
    asked: list[int] = []

    async def fetch(limit: int, offset: int) -> Page[int]:
        asked.append(limit)
        assert len(asked) < 100, "it has no end"
        rows = serve(limit, offset)
        return Page(rows, bytes * len(rows))

    async def everything() -> list[int]:
        found = pages(fetch, lambda row: row, limit=limit, offset=offset, first=11 if bytes else 1000)
        return [row async for page in found for row in page.rows]

    return asyncio.run(everything()), asked


SERVERS: dict[str, Serve] = {
    "a good one": lambda limit, offset: ROWS[offset : offset + limit],
    "one that ignores the offset": lambda limit, offset: ROWS[:limit],
    "one that ignores the limit": lambda limit, offset: ROWS[offset:],
    "one that ignores both": lambda limit, offset: ROWS,
    "one that always gives the same": lambda limit, offset: [1] * limit,
    "one that has nothing": lambda limit, offset: [],
}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("limit", [None, 1, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("size", [0, 400])
def test_it_comes_to_an_end_and_gives_nothing_twice(server: str, limit: int | None, size: int) -> None:
    found, _ = read(SERVERS[server], limit=limit, bytes=size)
    assert len(set(found)) == len(found) or server == "one that always gives the same"
    assert limit is None or len(found) <= limit
    if server in ("a good one", "one that ignores the limit", "one that ignores both"):
        assert found == ROWS[:limit]


@pytest.mark.parametrize("count", [99, 100, 250, 300])
def test_a_server_that_gives_shorter_pages_than_it_is_asked_for_gives_all_in_the_end(count: int) -> None:
    found, asked = read(lambda limit, offset: ROWS[:count][offset : offset + min(limit, 100)])
    assert found == ROWS[:count]
    assert len(asked) == count // 100 + 1


def test_rows_that_move_while_pages_are_read_come_once() -> None:
    moved = iter([ROWS[:1000], ROWS[990:1990], ROWS[1980:]])
    assert read(lambda limit, offset: next(moved, []))[0] == ROWS


def test_a_page_fits_the_budget() -> None:
    _, asked = read(SERVERS["a good one"], bytes=BUDGET // 50)
    assert asked[:3] == [11, 50, 50]


@pytest.mark.parametrize("count", [0, 1, 10, 11, 12])
def test_a_listing_knows_whether_there_are_more(count: int) -> None:
    async def fetch(limit: int, offset: int) -> Page[int]:
        return Page(ROWS[:count][offset : offset + limit])

    found = asyncio.run(listing(fetch, lambda row: row, limit=10, offset=1))
    assert found.rows == ROWS[:count][1:11]
    assert found.is_whole == (count <= 11)

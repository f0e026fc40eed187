"""One definition of a call serves both clients: it returns its result, or is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lg_magics.server.calls import Awaited, Direct, M, Resource, call, paged


class Things(Resource[M]):
    closed = False

    @call
    async def get(self, name: str, *, times: int = 1) -> str:
        """A thing."""
        return await self._inner(name) * times

    async def _inner(self, name: str) -> str:
        if not name:
            raise ValueError("no name")
        return name

    @paged
    async def pages(self, count: int) -> AsyncGenerator[int, None]:
        try:
            for number in range(count):
                yield number
        finally:
            self.closed = True

    @call
    async def sleepy(self) -> None:
        await asyncio.sleep(0)


NOWHERE: Any = SimpleNamespace()


@pytest.fixture
def direct() -> Things[Direct]:
    return Things(NOWHERE, is_awaited=False)


@pytest.fixture
def awaited() -> Things[Awaited]:
    return Things(NOWHERE, is_awaited=True)


def test_the_result_is_the_same(direct: Things[Direct], awaited: Things[Awaited]) -> None:
    assert direct.get("a", times=2) == "aa"
    assert asyncio.run(awaited.get("a", times=2)) == "aa"


def test_an_error_is_the_same(direct: Things[Direct], awaited: Things[Awaited]) -> None:
    with pytest.raises(ValueError, match="no name"):
        direct.get("")
    with pytest.raises(ValueError, match="no name"):
        asyncio.run(awaited.get(""))


def test_pages_are_iterated_in_both_ways(direct: Things[Direct], awaited: Things[Awaited]) -> None:
    async def all_of_them() -> list[int]:
        return [number async for number in awaited.pages(3)]

    assert list(direct.pages(3)) == asyncio.run(all_of_them()) == [0, 1, 2]


def test_pages_that_are_left_are_closed(direct: Things[Direct]) -> None:
    pages = direct.pages(3)
    assert isinstance(pages, Iterator)
    assert next(pages) == 0
    pages.close()  # type: ignore[attr-defined]
    assert direct.closed


def test_a_call_that_waits_for_something_else_is_refused(direct: Things[Direct]) -> None:
    with pytest.raises(RuntimeError, match="awaited something else than a request"):
        direct.sleepy()


def test_a_direct_call_works_while_a_loop_is_running(direct: Things[Direct]) -> None:
    async def in_a_cell() -> str:
        return direct.get("a")

    assert asyncio.run(in_a_cell()) == "a"

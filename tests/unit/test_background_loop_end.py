"""The end of the background loop: nothing that was started there is left pending, whenever it was started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from lg_magics.follow.loop import BackgroundLoop, _wind_up


def test_what_is_started_while_the_loop_ends_is_ended_too() -> None:
    loop = BackgroundLoop()
    started = threading.Event()
    kept: set[asyncio.Task[None]] = set()

    async def early() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            kept.add(asyncio.ensure_future(asyncio.sleep(60)))

    loop.start(early())
    assert started.wait(5)
    loop.close()
    assert [task.done() for task in kept] == [True]


def test_what_has_just_been_started_takes_its_first_step_before_it_is_ended() -> None:
    begun: list[str] = []

    async def inner() -> None:
        begun.append("inner")
        await asyncio.sleep(60)

    async def wrapped(work: Coroutine[Any, Any, None]) -> None:
        await work

    async def end_at_once() -> bool:
        new = asyncio.ensure_future(wrapped(inner()))
        await _wind_up(())
        return new.cancelled()

    assert asyncio.run(end_at_once())
    assert begun == ["inner"]

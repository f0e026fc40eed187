"""The end of the background loop: nothing that was started there is left pending, whenever it was started."""

from __future__ import annotations

import asyncio
import threading

from lg_magics.follow.loop import BackgroundLoop


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

"""A loop is kept awake while something is awaited on it, and no longer kept than that."""

from __future__ import annotations

import asyncio
import gc
import weakref

from lg_magics.follow.waiting import POLL_INTERVAL, interruptible_wait


def test_a_loop_that_was_kept_awake_is_let_go() -> None:
    async def waiting() -> weakref.ref[asyncio.AbstractEventLoop]:
        with interruptible_wait("r1", ""):
            await asyncio.sleep(POLL_INTERVAL * 1.5)
        return weakref.ref(asyncio.get_running_loop())

    loop = asyncio.run(waiting())
    gc.collect()
    assert loop() is None

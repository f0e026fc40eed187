"""The threads of scorers: they keep no process from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

from lg_magics.follow.scorer_threads import GIVEN_UP, Returned, ScorerThreads

SCRIPT = """
import asyncio, threading
from lg_magics.follow.scorer_threads import ScorerThreads

begins = threading.Event()

def hangs():
    begins.set()
    threading.Event().wait()

async def score():
    asyncio.ensure_future(ScorerThreads().called("hangs", hangs))
    await asyncio.to_thread(begins.wait)

asyncio.run(score())
print("over")
"""


def test_a_scorer_without_an_end_keeps_no_process_from_ending() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    assert (ended.stdout, ended.stderr) == ("over\n", "")


def test_an_async_scorer_is_not_awaited_when_it_is_given_up_just_after_it_was_called() -> None:
    goes_on = threading.Event()

    async def never() -> None:
        await asyncio.Event().wait()

    def call() -> object:
        goes_on.wait(60)
        return never()

    async def given_up() -> Returned:
        loop, threads = asyncio.get_running_loop(), ScorerThreads()
        called = asyncio.ensure_future(threads.called("never", call))
        await asyncio.sleep(0)
        (source,) = threads._waiting.values()
        source.add_done_callback(lambda _: loop.call_soon_threadsafe(threads.give_up))
        goes_on.set()
        while not source.done():  # the loop stands still: what the thread returned and the end come in one turn
            time.sleep(0.01)
        time.sleep(0.1)
        return await asyncio.wait_for(called, 10)

    assert asyncio.run(given_up()) == (None, GIVEN_UP)

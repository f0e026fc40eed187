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


HANGS = """
import asyncio, threading
from lg_magics.follow.scorer_threads import ScorerThreads

begins = threading.Event()

async def hangs():
    begins.set()
    await asyncio.Event().wait()

async def score():
    asyncio.ensure_future(ScorerThreads().called("hangs", hangs))
    await asyncio.to_thread(begins.wait)

asyncio.run(score())
print("over")
"""


def test_an_async_scorer_without_an_end_keeps_no_process_from_ending_and_prints_nothing() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=120, check=True)
    assert (ended.stdout, ended.stderr) == ("over\n", "")


def test_an_async_scorer_is_cancelled_with_the_wait_for_it_and_others_go_on() -> None:
    begins, is_cancelled, goes_on = threading.Event(), threading.Event(), threading.Event()

    async def hangs() -> None:
        begins.set()
        try:
            await asyncio.Event().wait()
        finally:
            is_cancelled.set()

    async def goes() -> int:
        while not goes_on.is_set():
            await asyncio.sleep(0.01)
        return 7

    async def scored() -> Returned:
        other = asyncio.ensure_future(ScorerThreads().called("goes", goes))
        first = asyncio.ensure_future(ScorerThreads().called("hangs", hangs))
        await asyncio.to_thread(begins.wait, 60)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await asyncio.to_thread(is_cancelled.wait, 10)
        goes_on.set()
        return await asyncio.wait_for(other, 60)

    assert asyncio.run(scored()) == (7, "")
    assert is_cancelled.is_set()


def test_an_exit_in_a_task_of_an_async_scorer_is_its_error_and_others_are_still_called() -> None:
    async def leaves() -> None:
        raise SystemExit(3)

    async def gathers() -> None:
        await asyncio.gather(leaves())

    async def goes() -> int:
        return 7

    async def scored() -> list[Returned]:
        threads = ScorerThreads()
        return [await asyncio.wait_for(threads.called(call.__name__, call), 10) for call in (gathers, goes)]

    assert asyncio.run(scored()) == [(None, "SystemExit: 3"), (7, "")]


def test_an_async_scorer_that_blocks_the_loop_keeps_no_later_one_from_being_called_once_it_is_given_up() -> None:
    begins, goes_on = threading.Event(), threading.Event()

    async def blocks() -> None:
        begins.set()
        goes_on.wait(60)

    async def goes() -> int:
        return 7

    async def scored() -> list[Returned]:
        threads = ScorerThreads()
        blocked = asyncio.ensure_future(threads.called("blocks", blocks))
        await asyncio.to_thread(begins.wait, 60)
        threads.give_up()
        return [await blocked, await asyncio.wait_for(ScorerThreads().called("goes", goes), 10)]

    try:
        assert asyncio.run(scored()) == [(None, GIVEN_UP), (7, "")]
    finally:
        goes_on.set()

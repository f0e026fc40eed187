"""A kernel interrupt of a read, of a cancel and of an `await` is one line about what happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import assistants, batch, deployment, runs, state, threads
from lg_magics.errors import AlreadyEnded, ReadInterrupted, WriteInterrupted
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .pressing import pressed
from .proxy import Proxy

SLOW: dict[str, Any] = {"input": {"steps": 1, "seconds": 30}, "assistant": "workbench", "thread": "new"}


@pytest.fixture
def slow(server: local.LocalServer, session: Session) -> Iterator[Proxy]:
    """What the session is connected to: it answers late, when the test asks for it."""
    with Proxy(server.url) as between:
        deployment.connect(session, between.url)
        runs.run(session, "hello", assistant="agent", thread="new").wait()
        yield between
        between.answer_after = 0.0


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (lambda session: threads.threads(session), "list the threads"),
        (lambda session: session.tracker.runs()[0].messages, "read what the run left"),
        (lambda session: deployment.connect(session, session.connection.url), "connect"),
        (lambda session: state.state(session, thread=["t1"]), "read it"),
        (lambda session: assistants.schemas(session, "workbench"), "read it"),
    ],
)
def test_a_stopped_read_is_one_line(
    slow: Proxy, session: Session, read: Callable[[Session], object], what: str
) -> None:
    slow.answer_after = 2.0
    said = f"Stopped before .* answered: cannot {what}. This request changes no"
    with pressed(), pytest.raises(ReadInterrupted, match=said) as caught:
        read(session)
    assert len(caught.value._render_traceback_()) == 1
    assert caught.value.__suppress_context__


def launched(session: Session, count: int) -> list[Run]:
    return [runs.run(session, **SLOW) for _ in range(count)]


def a_batch(session: Session) -> Callable[[], object]:
    made = batch.batch(session, {"order": [SLOW["input"]]}, input="order", assistant="workbench")
    while not made.counts.get("live"):
        time.sleep(0.05)
    return made.cancel


CANCELS: Mapping[str, Callable[[Session], Callable[[], object]]] = {
    "r2. It may have been done: %lg_runs": lambda session: launched(session, 1)[0].cancel,
    "r2.": lambda session: partial(runs.cancel, session, *launched(session, 1)),
    "r2, r3. It may have been done: %lg_runs": lambda session: partial(runs.cancel, session, launched(session, 2)),
    "the batch. It may have been done: batch.counts": a_batch,
}


@pytest.mark.parametrize("what", CANCELS)
def test_a_stopped_cancel_does_not_hide_that_it_may_be_done(slow: Proxy, session: Session, what: str) -> None:
    cancel = CANCELS[what](session)
    slow.answer_after = 1.0
    with pressed(), pytest.raises(WriteInterrupted) as caught:
        cancel()
    assert f"it is not known whether it could cancel {what}" in str(caught.value)
    slow.answer_after = 0.0
    for live in session.tracker.live():
        with suppress(AlreadyEnded):
            live.cancel()


async def wait_for(run: Run) -> None:
    await run


async def read_all(run: Run) -> None:
    async for _ in run.stream():
        pass


@pytest.mark.parametrize("way", [wait_for, read_all])
def test_an_await_that_was_cancelled_names_the_run_that_goes_on(session: Session, way: Callable[[Run], Any]) -> None:
    async def cancelled() -> str:
        task = asyncio.ensure_future(way(run))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return str(caught.value)

    async def timed_out() -> None:
        await asyncio.wait_for(way(run), 0.3)

    (run,) = launched(session, 1)
    ways = "%lg_wait r1 waits again, %lg_cancel r1 stops it."
    assert asyncio.run(cancelled()) == f"Only the wait was stopped; r1 goes on. {ways}"
    with pytest.raises(TimeoutError):
        asyncio.run(timed_out())
    assert not run.is_settled
    run.cancel()

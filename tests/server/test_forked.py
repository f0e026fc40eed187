"""A process that is forked from a kernel, as multiprocessing does on Linux: it works, or says why not."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lg_magics.commands import runs, threads
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.session import Session

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def in_a_fork(work: Callable[[], Any]) -> Any:
    """What `work` gives in a forked child."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        try:
            sender.send(work())
        except BaseException as problem:  # noqa: BLE001 - the parent sees it
            sender.send(f"{type(problem).__name__}: {problem}")

    process = context.Process(target=child)
    process.start()
    try:
        assert receiver.poll(30), "the child hangs"
        return receiver.recv()
    finally:
        process.kill()
        process.join()


def test_it_reads_and_launches_with_a_loop_of_its_own(session: Session) -> None:
    mine = runs.run(session, "hello", assistant="agent", thread="new").wait()

    def work() -> list[Any]:
        listed = len(threads.threads(session))
        return [listed > 0, runs.run(session, "and in the child", thread="new").wait(25).status]

    assert in_a_fork(work) == [True, "success"]
    # The parent's own sockets and loop are as they were.
    assert runs.run(session, "hello again", thread=mine.thread_id).wait(25).status == "success"
    assert len(threads.threads(session)) > 0


def test_what_the_parent_follows_is_an_error_there_and_no_wait_for_ever(session: Session) -> None:
    live = runs.run(session, input={"steps": 1, "seconds": 100}, assistant="workbench", thread="new")

    async def awaited() -> Run:
        return await live

    for work in (
        live.wait,
        lambda: session.loop.wait(awaited()),
        lambda: live.on_finish(print),
        lambda: list(live.stream()),
    ):
        assert "was forked from the one that follows this run or batch" in str(in_a_fork(work))
    live.cancel()
    assert live.wait_quietly(60).status == "cancelled"
    assert in_a_fork(lambda: live.wait_quietly().status) == "cancelled"  # what is known is known there too


def test_a_stream_is_the_same_error_whether_the_parent_has_read_a_part_of_it_or_not(session: Session) -> None:
    live = runs.run(session, input={"steps": 1, "seconds": 100}, assistant="workbench", thread="new")
    next(live.stream())
    assert "was forked from the one" in str(in_a_fork(lambda: list(live.stream())))
    live.cancel()
    assert live.wait_quietly(60).status == "cancelled"
    assert len(in_a_fork(lambda: [str(each) for each in live.stream()])) > 0  # an ended run's is read again


def test_a_child_does_not_wait_for_a_lock_that_a_thread_of_the_parent_held(session: Session) -> None:
    live = runs.run(session, input={"steps": 1, "seconds": 100}, assistant="workbench", thread="new")
    with ThreadPoolExecutor(1) as other, tracked(live).done._condition:  # as the loop's thread holds it for a moment
        assert "was forked from the one" in str(other.submit(in_a_fork, live.wait).result())
    live.cancel()

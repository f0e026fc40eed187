"""A launch that is interrupted, or whose answer is lost, on the real server: what the deployment has taken is followed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.actions import held_interrupts
from lg_magics.commands import deployment, runs
from lg_magics.commands.runs import stream
from lg_magics.errors import AlreadyEnded, DeploymentError, LaunchInterrupted, UnknownReference, WaitInterrupted
from lg_magics.follow.tracked_run import tracked
from lg_magics.session import Session

from .coming import until
from .lacking import Lacking, lacking_server
from .pressing import pressed
from .proxy import Proxy

ORDER: dict[str, Any] = {"input": {"steps": 1, "seconds": 30}, "assistant": "workbench", "thread": "new"}


@pytest.fixture
def slow(server: local.LocalServer, session: Session) -> Iterator[Proxy]:
    """What the session is connected to: it answers late, when the test asks for it."""
    with Proxy(server.url) as between:
        deployment.connect(session, between.url)
        runs.run(session, **{**ORDER, "input": {"steps": 1}}).wait()  # so that nothing else is asked before a launch
        yield between
        between.answer_after = 0.0


@pytest.fixture
def stopped(slow: Proxy, session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stop button is pressed when the server has the run, and its answer is on its way."""

    def press() -> None:
        until(lambda: len(sdk.threads.search(metadata={"lg_session": session.id})) == 2)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(held_interrupts, "WAIT_SECONDS", 30.0)
    slow.answer_after = 2.0
    pressing = threading.Thread(target=press)
    pressing.start()
    yield
    pressing.join()


@pytest.mark.usefixtures("stopped")
def test_a_run_whose_launch_was_interrupted_goes_on_and_is_known(session: Session) -> None:
    with pytest.raises(LaunchInterrupted, match=r"it goes on as r2\. %lg_wait r2 waits for it, %lg_cancel r2 stops it"):
        runs.run(session, **ORDER)
    (run,) = session.tracker.live()
    runs.cancel(session, mine=True)
    assert (run.number, run.wait(120).status) == ("r2", "cancelled")


@pytest.mark.usefixtures("stopped")
def test_it_is_cancelled_where_that_was_asked_for(session: Session, sdk: SyncLangGraphClient) -> None:
    with pytest.raises(KeyboardInterrupt, match="Stopped watching, and cancelled r2"):
        stream(session, cancel_on_interrupt=True, **ORDER)
    run = session.tracker.runs()[-1]
    assert sdk.runs.get(run.thread_id, run.run_id)["status"] == "interrupted"


def test_an_answer_that_takes_longer_is_not_waited_for_but_heard(
    session: Session, stopped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_interrupts, "WAIT_SECONDS", 0.1)
    with pytest.raises(LaunchInterrupted, match="has not answered yet"):
        runs.run(session, **ORDER)
    with pytest.raises(UnknownReference, match="No run of this session is live"):
        runs.cancel(session, mine=True)
    until(session.tracker.live)
    runs.cancel(session, mine=True)


def test_a_second_interrupt_does_not_wait_for_the_answer(
    slow: Proxy, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_interrupts, "WAIT_SECONDS", 60.0)
    slow.answer_after = 20.0
    with pressed(times=2), pytest.raises(LaunchInterrupted, match="has not answered yet"):
        runs.run(session, **ORDER)
    slow.answer_after = 0.0
    until(session.tracker.live)
    runs.cancel(session, mine=True)


@pytest.mark.parametrize("leave", [deployment.connect, deployment.disconnect])
def test_a_run_whose_launch_was_interrupted_is_followed_where_it_was_launched(
    slow: Proxy,
    session: Session,
    server: local.LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    leave: Callable[..., object],
) -> None:
    monkeypatch.setattr(held_interrupts, "WAIT_SECONDS", 0.1)
    slow.answer_after = 1.5
    with pressed(), pytest.raises(LaunchInterrupted, match="has not answered yet"):
        runs.run(session, **ORDER)
    leave(session, *([server.url] if leave is deployment.connect else []))
    slow.answer_after = 0.0
    until(session.tracker.live)
    (run,) = session.tracker.live()
    assert tracked(run).connection.url == slow.url
    assert session.selection.thread is None
    assert run.cancel().wait(120).status == "cancelled"


def test_an_interrupt_calls_the_handler_that_was_there_and_loses_no_run(slow: Proxy, session: Session) -> None:
    """A handler that raises nothing, as that of asyncio.run, changes nothing for the launch."""
    signals: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: signals.append(number))
    slow.answer_after = 1.0
    try:
        with pressed():
            run = runs.run(session, **ORDER)
    finally:
        signal.signal(signal.SIGINT, before)
        slow.answer_after = 0.0
    assert (signals, run.number) == ([signal.SIGINT], "r2")
    run.cancel()


def test_an_interrupt_before_a_refusal_calls_the_handler_and_stops_code_that_handles_errors(
    slow: Proxy, session: Session
) -> None:
    def refused() -> None:
        slow.answer_after = 1.0
        try:
            with pressed():
                runs.run(session, **{**ORDER, "thread": live.thread_id}, multitask="reject")
        finally:
            slow.answer_after = 0.0

    live = runs.run(session, **ORDER)
    with pytest.raises(LaunchInterrupted, match=r"Stopped\. Rejected: r2 is still"):
        refused()
    signals: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: signals.append(number))
    try:
        with pytest.raises(DeploymentError):
            refused()
    finally:
        signal.signal(signal.SIGINT, before)
    assert signals == [signal.SIGINT]
    live.cancel()


def test_who_presses_twice_is_shown_that_the_cancel_is_not_answered(slow: Proxy, session: Session) -> None:
    def press() -> None:
        until(lambda: printed)
        slow.answer_after = 3.0
        os.kill(os.getpid(), signal.SIGINT)
        until(lambda: session.tracker.runs()[-1].note == "cancelling…")
        os.kill(os.getpid(), signal.SIGINT)

    printed: list[str] = []
    session.write = lambda run, text: printed.append(text)
    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(WaitInterrupted, match=r"whether r2 was cancelled is not known yet. %lg_wait r2 waits for it"):
        stream(session, cancel_on_interrupt=True, **{**ORDER, "input": {"steps": 1, "tokens": 100, "seconds": 30}})
    slow.answer_after = 0.0
    with suppress(AlreadyEnded):  # where the deployment received it
        session.tracker.runs()[-1].cancel()


@pytest.fixture
def lossy(server: local.LocalServer, session: Session) -> Iterator[Lacking]:
    """What the session is connected to: the answer to its first launch is lost."""
    with lacking_server(server.url) as between:
        deployment.connect(session, between.url)
        left = [1]
        between.loses = lambda call: (
            call.startswith("POST") and call.endswith("/runs") and bool(left) and bool(left.pop())
        )
        yield between


@pytest.mark.parametrize("how", [{"thread": "new"}, {"stateless": True}, {"stateless": True, "keep": True}])
def test_a_run_whose_answer_was_lost_is_found_and_launched_once(
    session: Session, lossy: Lacking, sdk: SyncLangGraphClient, how: dict[str, Any]
) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 1}, assistant="workbench", **how)
    assert [row["run_id"] for row in sdk.runs.list(run.thread_id)] == [run.run_id]
    assert run.wait().status == "success"


def test_on_a_thread_that_ran_before_it_is_found_too(
    session: Session, other: Session, lossy: Lacking, sdk: SyncLangGraphClient
) -> None:
    before = runs.run(other, **{**ORDER, "input": {"steps": 1}}).wait()
    run = runs.run(session, input={"steps": 1}, assistant="workbench", thread=before.thread_id).wait()
    assert [row["run_id"] for row in sdk.runs.list(run.thread_id)] == [run.run_id, before.run_id]


def test_a_launch_that_never_arrived_is_said_to_be_lost(session: Session, lossy: Lacking) -> None:
    lossy.instead = lambda call: (502, "text/plain", b"") if call.endswith("/runs") and "POST" in call else None
    with pytest.raises(DeploymentError, match=r"failed to launch the run \(502\)"):
        runs.run(session, **ORDER)
    assert not session.tracker.runs()

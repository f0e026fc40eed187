"""Runs that have no stream of their own, on the real server: how each of them ended is known all the same."""

from __future__ import annotations

import time
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.actions.schema_cache import read_schemas
from lg_magics.commands import runs
from lg_magics.errors import RunDeleted, RunFailed
from lg_magics.follow import stream_pool
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .coming import until
from .listening import requests_of


def streams(monkeypatch: pytest.MonkeyPatch, most: int, for_anybody: int = 0) -> None:
    monkeypatch.setattr(stream_pool, "STREAMS", most)
    monkeypatch.setattr(stream_pool, "STREAMS_FOR_ANYBODY", for_anybody)


@pytest.fixture
def no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has a stream, and nobody is looked at without a reason."""
    streams(monkeypatch, 0)
    monkeypatch.setattr(stream_pool, "CHECK_AGAIN", 1000)


def launched(session: Session, *, thread: str | None = "new", **options: Any) -> Run:
    names = ("steps", "seconds", "tokens", "fail_at")
    value = {"steps": 1, "seconds": 0, "fail_at": None}
    value |= {name: options.pop(name) for name in names if name in options}
    return runs.run(session, input=value, assistant="workbench", thread=thread, **options)


GET, SEARCH, STREAM = "GET /threads/*/runs/*", "POST /threads/search", "GET /threads/*/runs/*/stream"
LIST = "GET /threads/*/runs"


@pytest.mark.usefixtures("no_streams")
def test_every_end_of_a_run_is_reported_as_a_stream_would(session: Session) -> None:
    good = launched(session, steps=2)
    bad = launched(session, fail_at=1)
    asking = runs.run(session, "Plan a trip, ask two questions", assistant="approval", thread="new")
    stopped = launched(session, interrupt_before=["work"])
    cancelled = launched(session, seconds=30)
    until(lambda: cancelled.raw["status"] == "running")
    cancelled.cancel()
    ended = [run.wait_quietly(120) for run in (good, bad, asking, stopped, cancelled)]
    assert [run.status for run in ended] == ["success", "error", "waiting", "waiting", "cancelled"]
    assert (good.result["step"], good.view.steps) == (2, ())
    assert bad.error == "ValueError: asked to fail at step 1"
    with pytest.raises(RunFailed, match="r2 failed: ValueError: asked to fail"):
        bad.wait()
    assert [len(run.interrupts) for run in ended] == [0, 0, 2, 0, 0]
    for run in ended:
        assert run.view.created_at
        assert run.view.ended_at
        assert run.view.ended_at >= run.view.created_at
    assert asking.is_waiting


@pytest.mark.usefixtures("no_streams")
def test_one_poll_serves_all_and_one_request_tells_the_end_of_each_and_then_nothing_is_asked(session: Session) -> None:
    read_schemas(session, "workbench")  # which the first launch would wait for, but not for long
    asked = requests_of(session)
    began = time.monotonic()
    many = [launched(session, card=False) for _ in range(12)]
    for run in many:
        assert run.wait(120).status == "success"
    seconds = time.monotonic() - began
    assert (asked[GET], asked[STREAM], asked[LIST]) == (12, 0, 0)
    assert 1 <= asked[SEARCH] <= seconds / stream_pool.INTERVAL + 1
    until(lambda: not pool_of(session)._polling)
    before = asked.total()
    time.sleep(3 * stream_pool.INTERVAL)  # in which nothing is to happen
    assert asked.total() == before


def pool_of(session: Session) -> stream_pool.StreamPool:
    return session.tracker._pool_of(session.connection)


@pytest.mark.usefixtures("no_streams")
def test_a_card_without_a_stream_has_its_last_words_in_the_end(session: Session) -> None:
    run = runs.run(session, "what's the weather in sf", assistant="agent", thread="new").wait()
    assert run.view.text == run.messages[-1].text
    assert run.view.text.startswith("It is 18°C")


@pytest.mark.usefixtures("no_streams")
def test_runs_that_queue_on_one_thread_are_reported_one_after_the_other(session: Session) -> None:
    first = launched(session, seconds=1)
    failing = launched(session, thread=None, fail_at=1)
    last = launched(session, thread=None, seconds=30)
    assert first.wait(120).status == "success"
    assert failing.wait_quietly(120).error == "ValueError: asked to fail at step 1"
    until(lambda: last.raw["status"] == "running")
    last.cancel()
    assert last.wait(120).status == "cancelled"


@pytest.mark.usefixtures("no_streams")
def test_the_end_is_known_although_somebody_else_goes_on_with_the_thread(session: Session, other: Session) -> None:
    mine = launched(session, seconds=1)
    theirs = launched(other, thread=mine.thread_id, seconds=30)
    assert mine.wait(120).status == "success"
    assert not theirs.is_settled
    theirs.cancel()


@pytest.mark.usefixtures("no_streams")
def test_a_run_behind_one_that_was_cancelled_is_not_taken_to_have_ended(session: Session) -> None:
    """The server calls a thread idle as a queued run of it is cancelled, although another is running there."""
    running = launched(session, seconds=2)
    until(lambda: running.raw["status"] == "running")
    queued = launched(session, thread=None)
    queued.cancel()
    assert queued.status == "cancelled"
    assert not running.is_settled
    assert running.wait(120).status == "success"


@pytest.mark.usefixtures("no_streams")
def test_a_stateless_run_has_its_stream_in_any_case(session: Session) -> None:
    bad = launched(session, thread=None, stateless=True, fail_at=1)
    good = launched(session, thread=None, stateless=True)
    assert bad.wait_quietly(120).error == "ValueError: asked to fail at step 1"
    assert good.wait(120).result["step"] == 1


@pytest.mark.usefixtures("no_streams")
def test_what_is_deleted_is_noticed(
    session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_pool, "CHECK_EVERY", 0.1)
    monkeypatch.setattr(stream_pool, "CHECK_AGAIN", 0.1)
    with_thread, running, alone = (launched(session, seconds=30) for _ in range(3))
    until(lambda: with_thread.status == running.status == "running")
    later = launched(session, after=600)
    sdk.threads.delete(with_thread.thread_id)
    for run in (running, later):
        sdk.runs.cancel(run.thread_id, run.run_id, action="rollback")
    for run in (with_thread, running, later):
        with pytest.raises(RunDeleted):
            run.wait(120)
    assert sdk.threads.get(later.thread_id)["status"] == "busy"  # for good: nobody runs there
    assert not alone.is_settled
    alone.cancel()


def test_a_stream_that_becomes_free_goes_to_the_card_that_waited_longest(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams(monkeypatch, 1)
    asked = requests_of(session)
    first = launched(session, steps=3, seconds=1)
    plain = launched(session, card=False, seconds=30)
    second, third = launched(session, seconds=30), launched(session, seconds=30)
    assert first.wait(120).view.steps
    until(lambda: second.view.steps)
    assert (asked[STREAM], third.view.steps, plain.view.steps) == (2, (), ())
    for run in (plain, second, third):
        run.cancel()


def test_some_runs_without_a_card_have_a_stream_too_but_leave_room_for_cards(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams(monkeypatch, 2, for_anybody=1)
    asked = requests_of(session)
    plain, crowded = launched(session, card=False, seconds=3), launched(session, card=False, seconds=1)
    card = launched(session, seconds=3)
    for run in (plain, crowded, card):
        run.wait(120)
    assert [bool(run.view.steps) for run in (plain, crowded, card)] == [True, False, True]
    assert asked[STREAM] == 2


@pytest.mark.usefixtures("no_streams")
def test_who_iterates_a_run_of_the_crowd_gets_all_of_its_events(session: Session) -> None:
    run = launched(session, steps=2, tokens=5)
    names = [type(event).__name__ for event in run.stream()]
    assert names[0] == "RunStarted"
    assert names.count("MessageStreamed") >= 10
    assert run.wait(120).status == "success"

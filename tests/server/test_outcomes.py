"""Every way a run can end, on the real server: the handle says the true word, and raises where it should."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import batch as batches
from lg_magics.commands import deployment, runs, state
from lg_magics.errors import (
    CommandError,
    LgError,
    NotConnected,
    RunDeleted,
    RunFailed,
    RunTimedOut,
    Unreachable,
    WaitTimedOut,
)
from lg_magics.follow import retry
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.session import Session
from lg_magics.tables.table import Table

from .coming import until
from .test_one_word import words

WORKBENCH: dict[str, Any] = {"assistant": "workbench", "thread": "new"}


def launched(session: Session, **options: Any) -> Run:
    value = {
        name: options.pop(name)
        for name in ("steps", "seconds", "tokens", "fail_at", "grow", "custom")
        if name in options
    }
    return runs.run(session, input=value, **{**WORKBENCH, **options})


def test_success_gives_the_values_that_this_run_left_whatever_ran_since(session: Session) -> None:
    first = runs.run(session, "Plan nothing", assistant="agent", thread="new").wait()
    second = runs.run(session, "what's the weather in sf").wait()
    assert (first.status, second.status) == ("success", "success")
    assert first.thread_id == second.thread_id
    assert len(first.messages) < len(second.messages)
    assert first.raw["status"] == "success"


def test_an_error_raises_with_the_node_and_the_message_and_a_later_run_does_not_change_that(session: Session) -> None:
    good = launched(session, steps=1).wait()
    bad = runs.run(session, input={"steps": 2, "fail_at": 2}, assistant="workbench")
    with pytest.raises(RunFailed, match="failed in work: ValueError: asked to fail at step 2"):
        bad.wait()
    assert (good.status, good.result["step"]) == ("success", 1)
    with pytest.raises(RunFailed):
        _ = bad.result


@pytest.mark.parametrize(
    ("text", "questions"), [("Plan a trip", 1), ("Plan a trip, ask plainly", 1), ("Plan a trip, ask two questions", 2)]
)
def test_a_run_that_pauses_for_a_person_waits_and_says_what_for(session: Session, text: str, questions: int) -> None:
    run = runs.run(session, text, assistant="approval", thread="new").wait()
    assert run.status == "waiting"
    assert run.raw["status"] == "success"
    assert len(run.view.interrupts) == questions
    assert len(state.state(session).interrupts) == questions


def test_new_input_on_a_thread_that_waits_is_refused_and_the_question_stays(session: Session) -> None:
    runs.run(session, "Plan a trip", assistant="approval", thread="new").wait()
    with pytest.raises(LgError, match="waits for an answer"):
        runs.run(session, "Plan another")
    assert len(state.state(session).interrupts) == 1
    assert runs.run(session, "Plan another, without asking", discard_interrupt=True).wait_quietly().is_settled


def test_cancelled_while_running(session: Session) -> None:
    run = launched(session, seconds=30, steps=2)
    until(lambda: run.view.steps and run.view.steps[-1].node == "work")
    run.cancel()
    assert (run.status, run.view.steps[-1].state) == ("cancelled", "cancelled")
    with pytest.raises(LgError, match="already ended: cancelled"):
        run.cancel()


def test_cancelled_while_pending(session: Session) -> None:
    first = launched(session, seconds=30, steps=1)
    until(lambda: first.status == "running")
    queued = runs.run(session, input={"steps": 1}, assistant="workbench")
    assert queued.note == f"queued behind {first.number}"
    queued.cancel()
    assert (queued.status, queued.view.steps) == ("cancelled", ())
    first.cancel()


def test_a_run_that_is_rolled_back_is_gone(session: Session) -> None:
    run = launched(session, seconds=30, steps=2)
    until(lambda: run.status == "running")
    run.cancel(rollback=True)
    until(lambda: run.is_settled)
    assert run.status == "rolled back"
    with pytest.raises(RunDeleted):
        run.wait()


def test_deleted_by_somebody_else(session: Session) -> None:
    run = launched(session, seconds=1, steps=30)
    until(lambda: run.status == "running")
    client = session.connection.sync
    client.runs.cancel(run.thread_id, run.run_id, action="rollback")
    with pytest.raises(RunDeleted, match="is gone"):
        run.wait(10)


def test_timed_out_by_the_server_is_said_with_one_word_everywhere(
    session: Session, other: Session, tmp_path: Path
) -> None:
    demo = Path(local.__file__).parent / "demo" / "langgraph.json"
    config = json.loads(demo.read_text(encoding="utf-8"))
    config.update(dependencies=[str(demo.parent)], env={"BG_JOB_TIMEOUT_SECS": "2"})
    (tmp_path / "langgraph.json").write_text(json.dumps(config), encoding="utf-8")
    short = local.start(config=tmp_path / "langgraph.json", private=True)
    try:
        deployment.connect(session, short.url)
        run = launched(session, seconds=30)
        with pytest.raises(RunTimedOut, match="time limit"):
            run.wait(120)
        assert run.status == "timeout"
        deployment.connect(other, short.url)
        for each in (session, other):
            assert set(words(each, run).values()) == {"timeout"}
    finally:
        local.stop(short, force=True)


def test_a_server_killed_in_mid_run_is_noticed_and_nothing_is_made_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "LOOPBACK_RETRY_SECONDS", 4.0)
    doomed = local.start(private=True)
    deployment.connect(session, doomed.url)
    run = launched(session, seconds=30)
    until(lambda: run.status == "running")
    os.kill(doomed.pid, signal.SIGKILL)
    until(lambda: run.note == "connection lost, trying again")
    with pytest.raises(Unreachable, match="is not known"):
        run.wait(120)
    assert run.status == "unknown"


def test_a_server_that_is_not_there_is_known_soon() -> None:
    session = Session()
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"No deployment answers at http://127\.0\.0\.1:9.*Is it running"):
        deployment.connect(session, "http://127.0.0.1:9")
    assert time.monotonic() - began < 10
    with pytest.raises(NotConnected, match="%lg_connect local"):
        runs.run(session, "hello")
    session.close()


def test_waiting_has_a_limit_and_the_run_goes_on(session: Session) -> None:
    run = launched(session, seconds=2, steps=1)
    with pytest.raises(WaitTimedOut, match=r"still (pending|running) after 0\.1 s"):
        run.wait(0.1)
    assert run.wait().status == "success"


def test_a_stateless_run_has_its_result_although_it_vanishes(session: Session) -> None:
    run = runs.run(session, "what's the weather in sf", assistant="agent", stateless=True).wait()
    assert run.status == "success"
    assert run.result["messages"][-1]["content"][0]["text"].startswith("It is 18°C")
    assert session.selection.thread is None
    bad = runs.run(session, input={"fail_at": 1}, assistant="workbench", stateless=True)
    with pytest.raises(RunFailed, match="asked to fail"):
        bad.wait()


def test_a_run_without_a_card_asks_for_less_and_says_the_same(session: Session) -> None:
    run = launched(session, steps=3, card=False).wait()
    assert run.raw["kwargs"]["stream_mode"] == ["updates"]
    assert [step.node for step in run.view.steps] == ["plan", "work", "work", "work"]


def test_past_its_budget_a_run_is_followed_without_the_inputs_of_its_nodes(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.follow.replay.TASKS", 20_000)
    run = launched(session, steps=60, grow=2000)
    follower = tracked(run).follower
    run.wait()
    assert follower._modes == ("updates", "messages-tuple", "custom")
    nodes = [step.node for step in run.view.steps]
    assert nodes == ["plan", *["work"] * 60]
    assert {step.state for step in run.view.steps} == {"done"}


def test_the_events_of_a_run_can_be_read_again_from_its_beginning(session: Session) -> None:
    run = launched(session, steps=2, tokens=5).wait()
    names = [type(event).__name__ for event in run.stream()]
    assert names[0] == "RunStarted"
    assert names.count("MessageStreamed") >= 10


def test_on_finish_is_called_once_on_a_thread_of_its_own(session: Session) -> None:
    run = launched(session, steps=1)
    called: list[tuple[str, str]] = []
    run.on_finish(lambda ended: called.append((ended.status, threading.current_thread().name)))
    run.wait()
    until(lambda: called)
    assert called == [("success", f"on_finish {run.number}")]


def test_what_cannot_be_called_at_the_end_is_refused_at_once(session: Session) -> None:
    run = launched(session, steps=1)
    with pytest.raises(CommandError, match="on_finish needs a function, got an int"):
        run.on_finish(3)  # type: ignore[arg-type]

    async def nobody_awaits(ended: Run) -> None:
        raise AssertionError

    class Counting:
        async def __call__(self, ended: Run) -> None:
            raise AssertionError

    for function in (nobody_awaits, Counting()):
        with pytest.raises(CommandError, match="needs a plain function"):
            run.on_finish(function)


@pytest.mark.parametrize("forever", [float("inf"), 1e10, 10**20])
def test_a_time_longer_than_any_is_waited_for(session: Session, forever: float) -> None:
    run, second = launched(session, steps=1), launched(session, steps=1)
    assert run.wait(forever).status == "success"
    runs.wait(session, run, second, timeout=forever)
    batch = batches.batch(session, [{"x": "hi"}], input="x", assistant="agent")
    assert isinstance(batch, Batch)
    assert batch.wait(forever).status == "success"


@pytest.mark.parametrize("timeout", [-1, float("nan"), "3", True])
def test_what_is_no_time_is_refused(session: Session, timeout: Any) -> None:
    run = launched(session, steps=1)
    with pytest.raises(CommandError, match="timeout"):
        run.wait(timeout)
    with pytest.raises(CommandError, match="timeout"):
        runs.wait(session, run, launched(session, steps=1), timeout=timeout)
    runs.wait(session, all=True)


async def awaited(run: Run) -> Run:
    return await run


def test_a_run_can_be_awaited(session: Session) -> None:
    import asyncio

    run = launched(session, steps=1)
    assert asyncio.run(awaited(run)) is run
    assert run.status == "success"


def test_twenty_runs_of_one_minute_are_distinguished_and_all_end_well(session: Session) -> None:
    launches = [launched(session, steps=1, card=n % 2 == 0) for n in range(20)]
    table = runs.wait(session, launches)
    assert isinstance(table, Table)
    assert [row["status"] for row in table] == ["success"] * 20
    assert len({run.info.shown for run in launches}) == 20


def test_the_code_on_the_card_runs(session: Session) -> None:
    text = """what's the "weather" in {sf}?"""
    run = runs.run(session, text, assistant="agent", thread="new", configurable={"user_id": "T"}).wait()
    done = subprocess.run([sys.executable, "-c", run.info.code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("success\n")
    assert repr(text) in done.stdout


def test_the_outcome_is_known_soon_after_the_server_has_written_it(session: Session) -> None:
    """A sanity check of the order of magnitude; the benchmark measures it."""
    lags = []
    for fail_at in (None, 1) * 3:
        run = launched(session, steps=1, fail_at=fail_at).wait_quietly()
        lags.append(time.time() - (run.view.ended_at or 0))
    assert statistics.median(lags) < 1.0

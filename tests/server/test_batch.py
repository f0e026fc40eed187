"""A run for each row of a frame, on the real server: in order, so many at a time, none hidden by another."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from typing import cast

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, deployment, runs
from lg_magics.errors import (
    AlreadyEnded,
    LgError,
    Unreachable,
    WaitInterrupted,
    WaitTimedOut,
)
from lg_magics.follow import retry
from lg_magics.follow.batch import Batch
from lg_magics.model.records import RunRecord
from lg_magics.session import Session

from .batches import begun, most_at_a_time, orders, plan_of, runs_of, until
from .pressing import pressed

CITIES = pd.DataFrame({"city": ["Paris", "Tokyo", "London"], "n": [3, 1, 2]}, index=["p", "t", "l"])


def test_the_rows_come_back_in_their_order_for_each_assistant_with_what_became_of_them(session: Session) -> None:
    made = begun(session, CITIES, "weather in {city}", assistant=["agent", "workbench"]).wait(180)
    frame = made.df
    assert list(frame.columns)[:2] == ["city", "n"]
    assert list(frame.index) == ["p", "p", "t", "t", "l", "l"]
    assert list(frame["city"]) == ["Paris", "Paris", "Tokyo", "Tokyo", "London", "London"]
    assert list(frame["assistant"]) == ["agent", "workbench"] * 3
    assert set(frame["status"]) == {"success"}
    assert [text.partition(" in ")[2].partition(" now")[0] for text in frame["output"][::2]] == list(CITIES["city"])
    assert list(frame["output"][1::2]) == ["Done: 3 steps."] * 3
    assert frame["tokens"][::2].min() > 0
    assert frame["tokens"][1::2].isna().all()
    assert frame["seconds"].between(0.001, 60).all()
    assert len(set(frame["thread_id"])) == len(set(frame["run_id"])) == 6
    assert (made.status, made.counts, len(made)) == ("success", {"success": 6}, 6)
    assert frame.attrs["batch"] == made.id
    assert session.tracker.runs() == []


def test_the_order_is_that_of_the_rows_not_of_the_ends(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}, {"seconds": 0}, {"seconds": 0.5})).wait(180)
    assert [entry.row for entry in made.entries] == [0, 1, 2]
    assert [entry.output["seconds"] for entry in made.entries] == [1.5, 0, 0.5]


def test_so_many_run_at_a_time_and_no_more(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders(*[{"seconds": 0.2}] * 7), concurrency=3).wait(180)
    runs = [run for of_thread in runs_of(sdk, made) for run in of_thread]
    assert len(runs) == 7
    assert 2 <= most_at_a_time(runs) <= 3


def test_a_row_that_fails_is_refused_or_cannot_be_sent_stops_no_other(session: Session) -> None:
    frame = [*orders({}, {"fail_at": 1}), {"order": [1, 2]}, {"order": None}, {"order": {"x": object()}}, *orders({})]
    made = begun(session, frame).wait(180)
    assert [entry.status for entry in made.entries] == ["success", "error", "error", "error", "error", "success"]
    errors = [entry.error for entry in made.entries]
    assert errors[1] == "ValueError: asked to fail at step 1"
    assert errors[2].startswith("InvalidUpdateError: Expected dict, got [1, 2]")
    assert errors[3] == "Not sent: the cell of 'order' is empty."
    assert errors[4] == "Not sent: input.x cannot be sent as JSON: it is an object."
    assert made.status == "error"
    assert (made.view.failed, made.can_retry) == (4, 2)


def test_an_assistant_that_is_gone_refuses_its_rows_and_the_other_goes_on(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    gone = sdk.assistants.create("workbench", name="to be deleted")["assistant_id"]
    assistants.assistants(session)
    sdk.assistants.delete(gone)
    made = begun(session, orders({}, {}), assistant=["workbench", gone]).wait(180)
    assert [entry.status for entry in made.entries] == ["success", "error"] * 2
    assert "NotFound" in made.entries[1].error
    assert made.df["run_id"].notna().tolist() == [True, False] * 2


def test_retry_does_again_what_failed_on_a_new_thread_and_nothing_else(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders({}, {"fail_at": 1})).wait(180)
    before = made.entries
    assert made.retry() is made
    after = made.wait(180).entries
    assert after[0] == before[0]
    assert (after[1].attempt, after[1].status) == (2, "error")
    assert after[1].thread_id != before[1].thread_id
    assert sorted(len(each) for each in runs_of(sdk, made)) == [1, 1, 1]
    with pytest.raises(LgError, match="No run to retry"):
        made.retry("cancelled")
    with pytest.raises(LgError, match="'live' is no status that can be retried"):
        made.retry("live")


def test_a_failure_names_its_repetition(session: Session) -> None:
    made = begun(session, orders({"fail_at": 1}), repeat=2).wait(180)
    assert [each.assistant for each in made.view.failures] == ["workbench · 1", "workbench · 2"]


def test_cancel_stops_what_is_live_launches_no_more_and_can_be_gone_on_from(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"seconds": 2}] * 4), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    runs.cancel(session, made)
    made.wait(120)
    assert (made.status, made.counts) == ("cancelled", {"cancelled": 2, "not started": 2})
    assert sum(map(len, runs_of(sdk, made))) == 2
    with pytest.raises(AlreadyEnded):
        made.cancel()
    made.retry("cancelled", "not started").wait(180)
    assert made.counts == {"success": 4}


def test_waiting_has_a_limit_and_the_batch_goes_on(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}))
    with pytest.raises(WaitTimedOut, match=r"not over after 0\.1 s"):
        made.wait(0.1)
    assert runs.wait(session, made) is made
    assert made.status == "success"


def test_a_kernel_interrupt_stops_the_waiting_and_not_the_batch(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}))
    with pressed(), pytest.raises(WaitInterrupted, match="the batch goes on"):
        made.wait(180)
    assert made.wait(180).status == "success"


def test_a_batch_can_be_awaited(session: Session) -> None:
    async def awaited() -> Batch:
        return await begun(session, orders({}))

    assert asyncio.run(awaited()).status == "success"


def test_an_await_that_was_cancelled_says_that_the_batch_goes_on(session: Session) -> None:
    async def awaited() -> None:
        await made

    async def cancelled() -> str:
        task = asyncio.ensure_future(awaited())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as stopped:
            await task
        return str(stopped.value)

    made = begun(session, orders({"seconds": 1}))
    ways = "batch.wait() waits again, batch.cancel() stops it."
    assert asyncio.run(cancelled()) == f"Only the wait was stopped; the batch goes on. {ways}"
    assert made.wait(180).status == "success"


def test_a_batch_whose_start_did_not_wait_long_enough_is_returned_by_attaching_to_it(session: Session) -> None:
    with pytest.raises(WaitTimedOut) as stopped:
        begun(session, orders({"seconds": 1}), wait=True, timeout=0.1)
    (made,) = session.tracker.batches()
    assert stopped.value.hint == f"%lg_wait --all waits again, %lg_batch --attach {made.id} returns it."
    assert begun(session, attach=made.id) is made
    assert made.wait(180).status == "success"


def test_a_row_that_asks_a_person_waits(session: Session) -> None:
    frame = {"trip": ["Plan a trip"]}
    made = begun(session, frame, "trip", assistant="approval").wait(180)
    assert (made.status, made.counts) == ("waiting", {"waiting": 1})
    assert made.df["output"].iloc[0] == "I will book the flight to Hong Kong for 640 USD."


def test_a_row_that_stops_at_a_breakpoint_waits_too(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({})).wait(180)
    thread_id = sdk.threads.create()["thread_id"]
    row = RunRecord(sdk.runs.create(thread_id, "workbench", input={"steps": 1}, interrupt_before=["work"]))
    assert session.loop.wait(made._work._calls.end(row), 30).status == "waiting"


def test_a_server_that_dies_is_reported_and_nothing_is_made_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "LOOPBACK_RETRY_SECONDS", 1.0)
    doomed = local.start(private=True)
    deployment.connect(session, doomed.url)
    made = begun(session, orders(*[{"seconds": 60}] * 4), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    os.kill(doomed.pid, signal.SIGKILL)
    with pytest.raises(Unreachable, match=f"--attach {made.id}"):
        made.wait(180)
    assert made.counts == {"unknown": 2, "not started": 2}
    assert made.status == "stopped"


def test_a_row_whose_thread_is_deleted_says_that_it_is_gone(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({"seconds": 20}))
    until(lambda: made.view.count("live"))
    sdk.threads.delete(made.entries[0].thread_id)
    assert made.wait(120).counts == {"deleted": 1}
    assert made.entries[0].error == "It is gone: deleted, rolled back, or lost with its server."


def test_what_nobody_expected_is_told_to_who_waits(session: Session) -> None:
    plan = replace(plan_of(orders({})), concurrency=cast("int", 1.5))
    made = Batch(plan, session.connection, session.loop, headers={})
    made.start()
    with pytest.raises(LgError, match=r"could not be followed: TypeError: 'float' object .* --attach test-"):
        made.wait(120)

    async def awaited() -> Batch:
        return await made

    with pytest.raises(LgError, match="could not be followed"):
        asyncio.run(awaited())
    assert made.status == "stopped"


def test_what_would_wait_for_itself_on_the_background_loop_is_refused(session: Session) -> None:
    made = begun(session, orders({"seconds": 20}))
    until(lambda: made.view.count("live"))

    async def called(name: str) -> object:
        return getattr(made, name)()

    for name in ("cancel", "retry", "wait"):
        with pytest.raises(LgError, match=rf"batch\.{name}\(\) cannot be called on the background loop"):
            session.loop.wait(called(name), 10)
    assert made.cancel().wait(120).counts == {"cancelled": 1}


def test_a_row_whose_thread_is_deleted_meanwhile_is_gone(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({"seconds": 20}, {}))
    until(lambda: made.view.count("live") == 1 and made.view.count("success") == 1)
    sdk.threads.delete(made.entries[0].thread_id)
    assert made.wait(180).counts == {"success": 1, "deleted": 1}
    assert made.entries[0].error == "It is gone: deleted, rolled back, or lost with its server."

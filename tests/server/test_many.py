"""Several runs at once, on the real server: waited for, gathered and cancelled, and no one hides another."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import attach, deployment, runs
from lg_magics.commands import batch as batches
from lg_magics.errors import (
    AlreadyEnded,
    LgError,
    NotFound,
    RunDeleted,
    RunError,
    RunFailed,
    UnknownReference,
    Unreachable,
    WaitInterrupted,
    WaitTimedOut,
)
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.model.cell import Cell
from lg_magics.session import Session
from lg_magics.tables.table import Table

from .coming import until
from .proxy import Proxy


def launched(session: Session, *, thread: str | None = "new", **options: Any) -> Run:
    names = ("steps", "seconds", "fail_at")
    value = {"steps": 1, "seconds": 0, "fail_at": None}
    value |= {name: options.pop(name) for name in names if name in options}
    return runs.run(session, input=value, assistant="workbench", thread=thread, card=False, **options)


def table(found: object) -> list[dict[str, Any]]:
    assert isinstance(found, Table)
    return list(found)


# -- waiting ----------------------------------------------------------------------------------------------------


def test_a_failed_run_hides_no_other_and_the_table_of_all_is_shown_before_the_error(session: Session) -> None:
    bad, slow, worse = launched(session, fail_at=1), launched(session, seconds=1), launched(session, fail_at=1)
    shown: list[object] = []
    session.announce = shown.append
    with pytest.raises(RunFailed, match="2 of 3 runs did not end well") as raised:
        runs.wait(session, bad, "r2", [worse])
    assert slow.status == "success"
    assert f"{bad.number} failed: ValueError: asked to fail at step 1" in str(raised.value)
    assert f"{worse.number} failed" in str(raised.value)
    assert [row["status"] for row in table(shown[0])] == ["error", "success", "error"]


def test_of_one_that_failed_among_several_its_own_error_is_raised(session: Session) -> None:
    with pytest.raises(RunFailed, match=r"^r2 failed: ValueError: asked to fail at step 1$"):
        runs.wait(session, launched(session), launched(session, fail_at=1))


def test_the_error_of_many_is_short_and_of_the_kind_that_they_have_in_common(session: Session) -> None:
    many = [launched(session, fail_at=1) for _ in range(12)]
    gone = launched(session, seconds=30)
    until(lambda: gone.status == "running")
    gone.cancel(rollback=True)
    with pytest.raises(RunError, match="13 of 13 runs did not end well") as raised:
        runs.wait(session, many, gone)
    assert (type(raised.value), str(raised.value).count("\n")) == (RunError, 11)
    assert str(raised.value).endswith("and 3 more")


def test_all_live_runs_are_waited_for_and_those_are_all(session: Session, other: Session) -> None:
    theirs = launched(other, seconds=30)
    ended = launched(session).wait()
    live = [launched(session, seconds=2), launched(session, seconds=2)]
    rows = table(runs.wait(session, all=True))
    assert [row["run_id"] for row in rows] == [run.run_id for run in live]
    assert ended.run_id not in [row["run_id"] for row in rows]
    assert not theirs.is_settled
    with pytest.raises(UnknownReference, match="No run of this session is live"):
        runs.wait(session, all=True)
    theirs.cancel()


def test_what_is_given_is_what_is_meant_once_each_and_nothing_is_nothing(session: Session) -> None:
    first, second = launched(session), launched(session)
    assert runs.wait(session, [first]) is first
    assert len(table(runs.wait(session, (run for run in (first, second, first)), "r1"))) == 2
    assert table(runs.wait(session, [])) == []
    live = launched(session, seconds=30)
    assert table(runs.cancel(session, [])) == []
    assert not live.is_settled
    live.cancel()


def test_a_time_limit_and_a_kernel_interrupt_say_how_many_are_still_live(session: Session) -> None:
    ended, live, also = launched(session).wait(), launched(session, seconds=30), launched(session, seconds=30)
    with pytest.raises(WaitTimedOut, match=r"2 of 3 runs are still live \(r2, r3\) after 0\.2 s"):
        runs.wait(session, ended, live, also, timeout=0.2)
    printed: list[str] = []

    def note(words: str) -> None:
        printed.append(words)
        if len(printed) == 2:
            signal.raise_signal(signal.SIGINT)

    session.progress = note
    with pytest.raises(WaitInterrupted, match=r"Stopped waiting\. 2 of 3 runs are still live \(r2, r3\)"):
        runs.wait(session, ended, live, also)
    assert printed[0].startswith("1 of 3 runs have ended · ")
    assert printed[-1] == ""
    assert not live.is_settled
    runs.cancel(session, live, also)


async def gathered(many: list[Run], *, return_exceptions: bool = False) -> list[Any]:
    return list(await asyncio.gather(*many, return_exceptions=return_exceptions))


def test_runs_can_be_gathered_and_the_failed_ones_among_them_too(session: Session) -> None:
    good, bad, slow = launched(session), launched(session, fail_at=1), launched(session, seconds=2)
    with pytest.raises(RunFailed):
        asyncio.run(gathered([good, bad, slow]))
    found = asyncio.run(gathered([good, bad, slow], return_exceptions=True))
    assert found[0] is good
    assert isinstance(found[1], RunFailed)
    assert (found[2] is slow, slow.status) == (True, "success")


# -- cancelling -------------------------------------------------------------------------------------------------


def test_of_several_those_that_live_are_cancelled_and_the_others_named(session: Session) -> None:
    ended, bad = launched(session).wait(), launched(session, fail_at=1).wait_quietly()
    live = [launched(session, seconds=30) for _ in range(2)]
    found = runs.cancel(session, ended, live[0], bad, live[1])
    assert isinstance(found, Table)
    assert found.note == "Had ended before: r1 success, r2 error."
    assert [row["status"] for row in found] == ["success", "cancelled", "error", "cancelled"]
    with pytest.raises(AlreadyEnded, match=r"nothing to cancel\. Had ended before: r1 success, r2 error"):
        runs.cancel(session, [ended, bad])
    with pytest.raises(AlreadyEnded, match="r1 has already ended: success"):
        runs.cancel(session, "r1")


def test_mine_are_mine_and_nobody_elses(session: Session, other: Session) -> None:
    theirs = [launched(other, seconds=30), launched(other, seconds=30)]
    on_my_thread = launched(session, seconds=30)
    theirs.append(launched(other, thread=on_my_thread.thread_id, seconds=30))
    mine = [on_my_thread, launched(session, seconds=30), launched(session, thread=on_my_thread.thread_id)]
    rows = table(runs.cancel(session, mine=True))
    assert {row["run_id"] for row in rows} == {run.run_id for run in mine}
    assert {run.wait(120).status for run in mine} == {"cancelled"}
    assert {run.raw["status"] for run in theirs} <= {"pending", "running"}
    runs.cancel(other, mine=True)
    assert {run.wait(120).status for run in theirs} == {"cancelled"}


def test_a_run_of_somebody_else_that_is_only_followed_here_is_not_mine(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    session.cell = lambda: Cell("mine.ipynb·123456", "b")
    theirs, mine = launched(other, seconds=30), launched(session, seconds=30)
    tags = [
        Cell("mine.ipynb·123456", "a").tags,
        {"lg_session": session.id},
    ]  # an earlier kernel's, and a cron's of ours
    rows = [sdk.runs.create(mine.thread_id, "workbench", input={"steps": 1}, metadata=each) for each in tags]
    for thread_id, run_id in [(row["thread_id"], row["run_id"]) for row in rows] + [(theirs.thread_id, theirs.run_id)]:
        attach.attach(session, run_id, thread=thread_id)
    own = {mine.run_id, *(row["run_id"] for row in rows)}
    assert {row["run_id"] for row in runs.runs(session, mine=True)} == own
    assert {row["run_id"] for row in table(runs.cancel(session, mine=True, rollback=True))} == own
    until(lambda: all(run.is_settled for run in session.tracker.runs() if run.run_id in own))
    with pytest.raises(UnknownReference, match="No run of this session is live"):
        runs.wait(session, all=True)
    with pytest.raises(UnknownReference, match="No run of this session is live"):
        runs.cancel(session, mine=True)
    assert theirs.raw["status"] in ("pending", "running")
    theirs.cancel()


def test_a_batch_of_mine_is_mine_too(session: Session) -> None:
    batch = batches.batch(session, [{"steps": 1, "seconds": 30}] * 3, input="steps", assistant="workbench")
    assert isinstance(batch, Batch)
    run = launched(session, seconds=30)
    found = runs.cancel(session, mine=True)
    assert isinstance(found, Table)
    assert found.note.startswith(f"Batch {batch.id}: ")
    assert (run.wait(120).status, batch.wait(120).status) == ("cancelled", "cancelled")


def test_a_batch_that_cannot_be_cancelled_keeps_no_other_thing_alive(
    session: Session, server: local.LocalServer, sdk: SyncLangGraphClient
) -> None:
    with Proxy(server.url) as between:
        deployment.connect(session, between.url)
        lost, other = (_long_batch(session) for _ in range(2))
        deployment.connect(session, server.url)
        theirs, run = _long_batch(session), launched(session, seconds=30)
        until(lambda: run.status == "running" and all(each.counts.get("live") for each in (lost, other, theirs)))
    with pytest.raises(
        Unreachable, match=rf"2 of 4 runs and batches could not be cancelled, batch {lost.id} the first"
    ):
        runs.cancel(session, mine=True)
    until(lambda: run.status == "cancelled" and theirs.counts.get("cancelled") == 1)
    for row in sdk.threads.search(metadata={"lg_batch": lost.id}) + sdk.threads.search(metadata={"lg_batch": other.id}):
        sdk.threads.delete(row["thread_id"])


def _long_batch(session: Session) -> Batch:
    begun = batches.batch(session, [{"order": {"steps": 1, "seconds": 30}}], input="order", assistant="workbench")
    assert isinstance(begun, Batch)
    return begun


def test_a_queue_is_cancelled_at_once_and_none_of_it_begins(session: Session, sdk: SyncLangGraphClient) -> None:
    first = launched(session, seconds=30)
    until(lambda: first.status == "running")
    queue = [first, *(launched(session, thread=None, seconds=30) for _ in range(5))]
    runs.cancel(session, mine=True)
    assert {run.wait(120).status for run in queue} == {"cancelled"}
    history = sdk.threads.get_history(first.thread_id, limit=100)
    assert {(checkpoint["metadata"] or {}).get("run_id") for checkpoint in history} == {first.run_id}


def test_several_are_rolled_back(session: Session) -> None:
    many = [launched(session, seconds=30) for _ in range(3)]
    queued = launched(session, thread=None, seconds=30)
    until(lambda: {run.status for run in many} == {"running"})
    runs.cancel(session, many, queued, rollback=True)
    for run in many:
        with pytest.raises(RunDeleted):
            run.wait(120)
    queued.wait_quietly(120)
    assert queued.status in ("rolled back", "cancelled")  # of one that never began, this server may keep the row


def test_a_hundred_are_cancelled_although_they_share_nothing(session: Session) -> None:
    many = [launched(session, seconds=30) for _ in range(100)]
    runs.cancel(session, mine=True)
    assert {run.wait(180).status for run in many} == {"cancelled"}


# -- when it has ended ------------------------------------------------------------------------------------------


def test_an_error_in_on_finish_is_shown_once_and_kills_nothing(
    session: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    run = launched(session)
    called: list[str] = []

    def failing(ended: Run) -> None:
        called.append(threading.current_thread().name)
        raise NotFound("no such file")

    def leaving(ended: Run) -> None:
        called.append(ended.status)
        raise SystemExit(3)

    run.on_finish(failing).on_finish(leaving).on_finish(lambda ended: called.append(ended.number))
    run.wait()
    until(lambda: len(called) == 3)
    shown = ""

    def said() -> str:
        nonlocal shown
        shown += capfd.readouterr().err
        return shown

    until(lambda: said().count("on_finish r1 failed.") == 2)
    assert sorted(called) == ["on_finish r1", "r1", "success"]
    assert shown.count("NotFound: no such file") == 1
    assert "callbacks.py" not in shown
    assert launched(session).wait().status == "success"


def test_on_finish_of_a_run_that_has_ended_is_called_at_once_and_on_another_thread(session: Session) -> None:
    run = launched(session, fail_at=1).wait_quietly()
    called: list[tuple[str, bool]] = []
    here = threading.current_thread()
    run.on_finish(lambda ended: called.append((ended.status, threading.current_thread() is here)))
    until(lambda: called)
    assert called == [("error", False)]


def test_a_run_is_not_waited_for_nor_cancelled_on_the_loop_that_follows_it(session: Session) -> None:
    run = launched(session, seconds=30)

    async def on_the_loop(call: Callable[[], object]) -> None:
        call()

    for call in (run.wait, run.cancel):
        with pytest.raises(LgError, match="background loop"):
            session.loop.wait(on_the_loop(call))
    run.cancel()

"""Batches among the runs that are waited for and cancelled, on the real server."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.commands.batch import batch as batch_of
from lg_magics.errors import AlreadyEnded, CommandError, DeploymentError, RunFailed, WaitTimedOut
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

from .batches import until
from .lacking import lacking_server


def begun(session: Session, rows: int, seconds: float) -> Batch:
    order = {"steps": 1, "seconds": seconds, "fail_at": None}
    batch = batch_of(session, [{"order": order}] * rows, input="order", assistant="workbench")
    assert isinstance(batch, Batch)
    return batch


def launched(session: Session, **value: Any) -> Run:
    order = {"steps": 1, "seconds": 0, "fail_at": None, **value}
    return runs.run(session, input=order, assistant="workbench", thread="new", card=False)


def test_batches_are_waited_for_and_cancelled_among_runs(session: Session) -> None:
    quick, run, bad = begun(session, 2, 0), launched(session), launched(session, fail_at=1)
    found = runs.wait(session, quick, run)
    assert isinstance(found, Table)
    assert (quick.is_settled, run.status, found.note) == (True, "success", f"Batch {quick.id}: 2 success.")
    slow = [begun(session, 2, 1), begun(session, 3, 1)]
    with pytest.raises(RunFailed):
        runs.wait(session, bad, *slow)
    assert [batch.counts for batch in slow] == [{"success": 2}, {"success": 3}]

    live, other_live = begun(session, 2, 30), begun(session, 2, 30)
    with pytest.raises(WaitTimedOut):
        runs.wait(session, quick, live, other_live, timeout=0.2)
    told = runs.cancel(session, quick, [live, other_live])
    assert isinstance(told, Facts)
    assert (live.wait(120).status, other_live.wait(120).status) == ("cancelled", "cancelled")
    assert told.title == "3 batches"
    assert dict(told.facts)["had ended before"] == f"batch {quick.id}"
    with pytest.raises(AlreadyEnded, match="nothing to cancel"):
        runs.cancel(session, quick, live, run)


def test_a_batch_that_is_refused_does_not_end_the_wait_for_others(session: Session, server: local.LocalServer) -> None:
    with lacking_server(server.url) as poor:
        deployment.connect(session, poor.url)
        poor.judges = lambda call, sent: (403, "no threads for you") if call == "POST /threads" else None
        bad = begun(session, 1, 0)
        until(lambda: bad.is_settled)
        poor.judges = lambda call, sent: None
        good = begun(session, 2, 1)
        with pytest.raises(DeploymentError, match="no threads for you"):
            runs.wait(session, bad, good)
        assert good.counts == {"success": 2}


def test_all_that_is_live_are_the_batches_too(session: Session) -> None:
    batch, run = begun(session, 2, 1), launched(session, seconds=1)
    runs.wait(session, all=True)
    assert (batch.is_settled, run.status) == (True, "success")
    alone = begun(session, 2, 1)
    assert runs.wait(session, all=True) is alone
    assert alone.counts == {"success": 2}


def test_what_does_not_fit_together_cancels_nothing(session: Session) -> None:
    batch, run = begun(session, 2, 30), launched(session)
    with pytest.raises(CommandError, match="not both"):
        runs.cancel(session, run, mine=True)
    with pytest.raises(CommandError, match="A batch is not rolled back"):
        runs.cancel(session, batch, rollback=True)
    assert batch.status in ("preparing", "running")
    batch.cancel()


def test_a_batch_is_mine_by_whichever_handle_it_goes_on(session: Session) -> None:
    first = begun(session, 2, 30)
    until(lambda: first.counts.get("live") == 2)
    first.cancel().wait(120)
    second = batch_of(session, attach=first.id)
    assert isinstance(second, Batch)
    second.wait(120)
    first.retry("cancelled", "not started")
    runs.cancel(session, mine=True)
    assert first.wait(120).status == "cancelled"

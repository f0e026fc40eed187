"""A deployment that is away for longer than retries last, or hangs: what was lost lives again, and nobody waits for minutes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Timer
from urllib.parse import urlsplit

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.actions.connect import connect_local
from lg_magics.commands import attach, deployment, runs
from lg_magics.errors import DeploymentError, LgError, RunDeleted, Unreachable
from lg_magics.follow import retry
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.server import connection, ping
from lg_magics.session import Session

from .coming import until
from .lacking import lacking_server


def launched(session: Session, seconds: float = 30, *, thread: str | None = "new", stateless: bool = False) -> Run:
    return runs.run(
        session,
        input={
            "steps": 1,
            "seconds": seconds,
            "tokens": int(seconds * 10),
        },  # a stream that is cut breaks at its next part
        assistant="workbench",
        thread=thread,
        stateless=stateless,
    )


@pytest.fixture
def session() -> Iterator[Session]:
    new = Session()
    yield new
    new.close()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries end sooner in tests."""
    monkeypatch.setattr(retry, "RETRY_SECONDS", 0.5)
    monkeypatch.setattr(retry, "LOOPBACK_RETRY_SECONDS", 0.5)


@contextmanager
def away(session: Session, server: local.LocalServer, *seconds: float) -> Iterator[list[Run]]:
    """Runs that were lost while their deployment was away; inside, it is there again."""
    with lacking_server(server.url) as between:
        deployment.connect(session, between.url)
        lost = [launched(session, each) for each in seconds]
        until(lambda: all(run.status == "running" for run in lost))
        between.instead = lambda call: (503, "text/plain", b"away")
        between.cut_streams()
        until(lambda: all(run.is_settled for run in lost))
        assert {run.status for run in lost} == {"unknown"}
        between.instead = lambda call: None
        yield lost


@pytest.mark.usefixtures("soon")
def test_a_run_that_was_lost_lives_again_when_it_is_attached_to(session: Session, server: local.LocalServer) -> None:
    with away(session, server, 4, 4) as (run, also):
        with pytest.raises(
            Unreachable, match=rf"The outcome of {run.number} is not known.*%lg_attach {run.number} tries"
        ):
            run.wait()
        assert attach.attach(session, run.number) is run
        attach.attach(session, mine=True)
        assert run.wait(120).status == also.wait(120).status == "success"
        assert run not in session.tracker.live()


@pytest.mark.usefixtures("soon")
def test_a_run_is_followed_again_while_the_listeners_of_its_end_are_still_called(
    session: Session, server: local.LocalServer
) -> None:
    goes_on, is_late = Event(), []

    def slow(run: Run) -> None:
        if run.status == "unknown":
            is_late.append(not goes_on.wait(60))

    session.events.subscribe("run", slow)
    with away(session, server, 3) as (run,):
        attach.attach(session, run)
        goes_on.set()
        assert run.wait(120).status == "success"
        assert is_late == [False]


@pytest.mark.usefixtures("soon")
def test_a_run_that_was_lost_is_not_taken_for_one_that_has_ended_and_can_be_cancelled(
    session: Session, server: local.LocalServer, sdk: SyncLangGraphClient
) -> None:
    with away(session, server, 30, 30, 30) as (run, by_handle, by_row):
        (row,) = runs.runs(session, thread=run.thread_id)
        assert (row["run"], row["status"]) == (run.info.shown, "running")
        with pytest.raises(LgError, match=f"{run.number} is still live. Nothing was deleted."):
            runs.delete(session, run)
        assert attach.attach(session, by_handle) is by_handle
        assert not by_handle.is_settled
        with pytest.raises(LgError, match=f"{by_row.number} is still live. Nothing was deleted."):
            runs.delete(session, next(iter(runs.runs(session, thread=by_row.thread_id))))
        assert not by_row.is_settled
        sdk.runs.cancel(by_row.thread_id, by_row.run_id, wait=True)
        assert runs.delete(session, by_row).title == f"Deleted {by_row.number}."
        runs.cancel(session, [run, by_handle])
        assert run.wait(120).status == by_handle.wait(120).status == "cancelled"


def test_a_stateless_run_that_was_lost_with_its_server_is_not_called_a_success(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        retry, "LOOPBACK_RETRY_SECONDS", 120.0
    )  # a busy machine needs its time to start the server again
    first = local.start(private=True)
    deployment.connect(session, first.url)
    stateless = launched(session, thread=None, stateless=True)
    kept = launched(session)
    until(lambda: stateless.status == kept.status == "running")
    local.stop(first, force=True)
    again = local.start(private=True, port=urlsplit(first.url).port)
    try:
        with pytest.raises(RunDeleted):
            kept.wait(120)
        with pytest.raises(Unreachable, match="is not known"):
            stateless.wait(120)
    finally:
        local.stop(again, force=True)


@pytest.mark.usefixtures("soon")
def test_a_server_that_hangs_holds_nobody_for_long(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "POLL_SECONDS", {**connection.POLL_SECONDS, "read": 1.0})
    monkeypatch.setattr(connection, "STREAM_SECONDS", {**connection.STREAM_SECONDS, "read": 1.0})
    hung = local.start(private=True)
    deployment.connect(session, hung.url)
    run = launched(session)
    until(lambda: run.status == "running")
    os.kill(hung.pid, signal.SIGSTOP)
    try:
        with pytest.raises(DeploymentError, match="cannot cancel"):
            run.cancel()
        run.wait_quietly(120)
        assert run.status == "unknown"
    finally:
        os.kill(hung.pid, signal.SIGCONT)
        local.stop(hung, force=True)


def test_the_embedded_server_may_be_slow_to_answer_where_the_machine_is_busy(
    session: Session, server: local.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ping, "PING_SECONDS", 0.5)
    monkeypatch.setattr(local, "start", lambda **_: replace(server, adopted=True))
    os.kill(server.pid, signal.SIGSTOP)
    going_on = Timer(2, os.kill, (server.pid, signal.SIGCONT))
    going_on.start()
    try:
        with pytest.raises(Unreachable, match=r"within 0\.5 s"):
            deployment.connect(session, server.url)
        assert "Connected" in connect_local(session).title
    finally:
        going_on.join()


def test_a_session_that_ends_says_nothing_of_the_ends_of_runs(server: local.LocalServer) -> None:
    session = Session()
    deployment.connect(session, server.url)
    run = launched(session, 20)
    until(lambda: run.status == "running")
    called: list[str] = []
    run.on_finish(lambda ended: called.append(ended.status))
    session.close()
    with pytest.raises(Unreachable, match="this session follows it no more"):
        run.wait(5)
    with pytest.raises(LgError, match=r"has ended\. %load_ext lg_magics"):
        run.cancel()
    with pytest.raises(LgError, match=r"has ended\. %load_ext lg_magics"):
        tracked(run).follow_again()
    with pytest.raises(Unreachable, match="this session follows it no more"):
        run.wait(5)
    time.sleep(0.2)
    assert called == []
    with connected(server) as other:
        found = attach.attach(other, run.run_id, thread=run.thread_id)
        assert isinstance(found, Run)
        assert found.cancel().wait(10).status == "cancelled"


@contextmanager
def connected(server: local.LocalServer) -> Iterator[Session]:
    session = Session()
    deployment.connect(session, server.url)
    yield session
    session.close()


def test_connecting_again_to_the_same_opens_nothing_new(session: Session, server: local.LocalServer) -> None:
    deployment.connect(session, server.url)
    first = session.connection
    launched(session, 0).wait()
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        deployment.connect(session, server.url)
        launched(session, 0).wait()
    assert session.connection is first
    assert len(os.listdir("/dev/fd")) <= before + 2
    deployment.connect(session, server.url, header={"x-team": "two"})
    assert session.connection is not first

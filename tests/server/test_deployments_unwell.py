"""Runs on a deployment that refuses, is too busy, ends or comes back: what is said of them is true, and is said soon."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from langgraph_sdk import get_sync_client

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import RunDeleted, Unreachable
from lg_magics.follow import retry, stream_pool
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .coming import until

# Refuses what `refused.txt` says, `search 429`; asked for each call again.
GUARD = """
from pathlib import Path
from langgraph_sdk import Auth

auth = Auth()

@auth.authenticate
async def anybody() -> str:
    return "anybody"

@auth.on.threads.search
async def search(ctx, value):
    word = Path({path!r}).read_text().strip()
    if word:
        raise Auth.exceptions.HTTPException(status_code=int(word), detail="not now")
"""


def launched(session: Session, seconds: float = 30, *, card: bool = True, after: int | None = None) -> Run:
    work = {"steps": 1, "seconds": seconds}
    return runs.run(session, input=work, assistant="workbench", thread="new", card=card, after=after)


@contextmanager
def serving(session: Session, config: Path | None = None) -> Iterator[local.LocalServer]:
    """A server that this test may do anything to."""
    running = local.start(private=True, config=config)
    try:
        deployment.connect(session, running.url)
        yield running
    finally:
        session.close()
        local.stop(running, force=True)


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries end sooner in tests."""
    monkeypatch.setattr(retry, "LOOPBACK_RETRY_SECONDS", 1.5)


@pytest.fixture
def few_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_pool, "STREAMS", 5)
    monkeypatch.setattr(stream_pool, "STREAMS_FOR_ANYBODY", 2)


def twenty(session: Session) -> list[Run]:
    """Twenty live runs: some with a stream, some in the pool, some in the server's queue, two without a thread."""
    many = [launched(session, card=number % 2 == 0) for number in range(18)]
    many += [runs.run(session, input={"seconds": 30}, assistant="workbench", stateless=True) for _ in range(2)]
    until(lambda: sum(run.status == "running" for run in many) >= 5)
    return many


# -- it ends ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("soon", "few_streams")
def test_killed_under_twenty_runs_and_nothing_is_made_up(session: Session) -> None:
    with serving(session) as doomed:
        many = twenty(session)
        os.kill(doomed.pid, signal.SIGKILL)
        until(lambda: all(run.note == "connection lost, trying again" for run in many if not run.is_settled))
        with pytest.raises(Unreachable, match="20 of 20 runs did not end well"):
            runs.wait(session, many)
        assert {run.status for run in many} == {"unknown"}
        assert all("No deployment answers" in str(run.error) or "was lost" in str(run.error) for run in many)


@pytest.mark.usefixtures("soon", "few_streams")
def test_terminated_under_twenty_runs_what_is_said_is_what_the_server_said_last(session: Session) -> None:
    """It drains: it may end runs, put them back into its queue, or just go."""
    with serving(session) as doomed:
        many = twenty(session)
        os.kill(doomed.pid, signal.SIGTERM)
        for run in many:
            run.wait_quietly(180)
        printed = {run.status for run in many}
        assert printed <= {"unknown", "cancelled", "error", "deleted"}, printed


@pytest.mark.usefixtures("few_streams")
def test_a_server_that_comes_back_without_the_runs_says_that_they_are_gone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        retry, "LOOPBACK_RETRY_SECONDS", 120.0
    )  # a busy machine needs its time to start the server again
    with serving(session) as first:
        many = [launched(session) for _ in range(8)]
        until(lambda: any(run.status == "running" for run in many))
        local.stop(first, force=True)
        again = local.start(private=True, port=urlsplit(first.url).port)
        try:
            for run in many:
                with pytest.raises(RunDeleted):
                    run.wait(120)
        finally:
            local.stop(again, force=True)


# -- it refuses -------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(session: Session, tmp_path: Path) -> Iterator[Path]:
    """A server that refuses to search threads with the status that the file holds."""
    refused = tmp_path / "refused.txt"
    refused.write_text("")
    demo = Path(local.__file__).parent / "demo" / "langgraph.json"
    config = json.loads(demo.read_text(encoding="utf-8"))
    (tmp_path / "guard.py").write_text(GUARD.format(path=str(refused)))
    config.update(dependencies=[str(demo.parent)], env={}, auth={"path": f"{tmp_path}/guard.py:auth"})
    (tmp_path / "langgraph.json").write_text(json.dumps(config), encoding="utf-8")
    with serving(session, config=tmp_path / "langgraph.json"):
        yield refused


@pytest.mark.usefixtures("few_streams")
def test_where_threads_cannot_be_searched_every_run_has_a_stream(session: Session, guarded: Path) -> None:
    guarded.write_text("403")
    many = [launched(session, seconds=0.5, card=False) for _ in range(8)]
    for run in many:
        assert run.wait(120).status == "success"
        assert run.view.steps
    assert launched(session, seconds=0.1, card=False).wait(120).view.steps


@pytest.mark.usefixtures("few_streams")
def test_what_was_deleted_while_nobody_could_look_is_noticed_as_soon_as_one_can(
    session: Session, guarded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_pool, "CHECK_AGAIN", 1000)
    many = [launched(session, seconds=0, card=False, after=600) for _ in range(4)]
    guarded.write_text("503")
    until(lambda: many[-1].note == "connection lost, trying again")
    with get_sync_client(url=session.connection.url, api_key=None) as sdk:
        sdk.runs.cancel(many[-1].thread_id, many[-1].run_id, action="rollback")
        assert sdk.threads.get(many[-1].thread_id)["status"] == "busy"
    guarded.write_text("")
    with pytest.raises(RunDeleted):
        many[-1].wait(120)
    assert [run.is_settled for run in many] == [False, False, False, True]
    runs.cancel(session, mine=True)


@pytest.mark.usefixtures("few_streams")
def test_a_rate_limit_is_waited_for(session: Session, guarded: Path) -> None:
    guarded.write_text("429")
    many = [launched(session, seconds=0.5, card=False) for _ in range(6)]
    until(lambda: many[-1].note == "connection lost, trying again")
    with get_sync_client(url=session.connection.url, api_key=None) as sdk:
        until(lambda: sdk.runs.get(many[-1].thread_id, many[-1].run_id)["status"] == "success")
    assert not many[-1].is_settled
    guarded.write_text("")
    assert many[-1].wait(120).status == "success"
    assert many[-1].note == ""

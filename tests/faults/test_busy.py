"""A deployment that is too busy, for a moment or for long: requests of the background loop wait too, and nothing is guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from re import fullmatch

import pandas as pd
import pytest

from lg_magics.commands import deployment, people, runs, state, store, threads
from lg_magics.errors import DeploymentError
from lg_magics.follow.run import Run
from lg_magics.server import calls
from lg_magics.session import Session
from lg_magics.tables.table import Table

from .faulty import FAULTS, SLOW_FAULTS, Faulty, answers

BUSY = answers(429, b"slowly", "text/plain", retry_after="1")
RUNS = "GET /threads/[^/]+/runs"
STATE = "GET /threads/[^/]+/state"


def once(pattern: str) -> Callable[[str], bool]:
    return lambda call: bool(fullmatch(pattern, call))


@pytest.fixture
def cancelled(session: Session) -> Run:
    """A run that was cancelled: the server calls its thread `interrupted`, as one that waits."""
    run = runs.run(session, input={"steps": 2, "seconds": 30}, assistant="workbench", thread="new")
    next(run.stream())
    run.cancel()
    return run.wait_quietly(30)


def test_many_writes_wait_until_the_deployment_takes_them(faulty: Faulty, session: Session) -> None:
    faulty.set(BUSY, once("PUT /store/items"), times=3)
    frame = pd.DataFrame({"key": [f"k{n}" for n in range(12)], "n": range(12)})
    store.load(session, "busy", frame, key="key")
    assert (faulty.count, len(store.search(session, "busy", all=True))) == (3, 12)
    assert len([call for call in faulty.calls if call == "PUT /store/items"]) == 15


def test_the_states_of_several_threads_are_waited_for(faulty: Faulty, session: Session) -> None:
    made = [threads.new(session).thread_id for _ in range(2)]
    faulty.set(BUSY, once(STATE), times=1)
    assert isinstance(found := state.state(session, thread=made), Table)
    assert len(found) == 2
    assert faulty.count == 1


def test_the_status_of_a_thread_is_true_although_the_deployment_was_busy(
    faulty: Faulty, session: Session, cancelled: Run
) -> None:
    faulty.set(BUSY, once(RUNS), times=1)
    (row,) = [row for row in threads.threads(session, limit=20) if row["thread_id"] == cancelled.thread_id]
    assert (faulty.count, row["status"]) == (1, "cancelled")
    faulty.set(BUSY, once(RUNS), times=1)
    assert cancelled.thread_id not in [row["thread_id"] for row in people.inbox(session, all=True)]


@pytest.mark.parametrize("name", ["429 for a minute", "502", "503"])
def test_no_status_is_guessed_while_the_deployment_answers_nobody(
    name: str, faulty: Faulty, session: Session, cancelled: Run
) -> None:
    faulty.set(FAULTS[name], once(RUNS))
    with pytest.raises(DeploymentError, match=f"\\({name[:3]}\\)"):
        threads.threads(session, limit=20)
    with pytest.raises(DeploymentError, match=f"\\({name[:3]}\\)"):
        people.inbox(session, all=True)


def test_a_thread_that_alone_cannot_be_read_hides_no_other(faulty: Faulty, session: Session, cancelled: Run) -> None:
    faulty.set(FAULTS["500"], once(RUNS))
    assert cancelled.thread_id in [row["thread_id"] for row in threads.threads(session, limit=20)]


def test_a_stream_is_not_asked_for_again_by_the_transport(faulty: Faulty, session: Session) -> None:
    """The follower does it, at its own pace."""
    faulty.set(answers(429, b"slowly", "text/plain", retry_after="9"), lambda call: call.endswith("/stream"), times=1)
    began = time.monotonic()
    assert runs.run(session, "hello", assistant="agent", thread="new").wait(60).status == "success"
    assert faulty.count == 1
    assert time.monotonic() - began < 8


def test_a_document_that_does_not_arrive_delays_the_connection_by_a_moment(faulty: Faulty, session: Session) -> None:
    calls._documents.clear()
    faulty.set(SLOW_FAULTS["silent"], once("GET /openapi.json"))
    began = time.monotonic()
    connecting = Session()
    deployment.connect(connecting, faulty.url, timeout=20)
    threads.threads(connecting)
    connecting.close()
    assert faulty.count >= 1
    assert time.monotonic() - began < 8

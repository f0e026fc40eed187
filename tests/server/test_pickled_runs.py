"""A run's handle can be pickled, and goes on in a session of another process that is connected to the same deployment."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lg_magics.actions.attached import continued
from lg_magics.commands import deployment, runs
from lg_magics.errors import LgError, NotConnected, RunDeleted
from lg_magics.follow.run import PickledRun, Run, continue_unpickled_with
from lg_magics.follow.tracked_run import TrackedRun, tracked
from lg_magics.session import Session

from .coming import until

PUBLIC = [
    "cancel",
    "data_of",
    "error",
    "freeze",
    "info",
    "interrupts",
    "is_settled",
    "is_waiting",
    "messages",
    "note",
    "number",
    "on_finish",
    "raise_for_status",
    "raw",
    "result",
    "run_id",
    "status",
    "steps",
    "stream",
    "thread_id",
    "view",
    "wait",
    "wait_quietly",
]
ELSEWHERE = """
import pickle, sys
run = pickle.loads(sys.stdin.buffer.read())
assert run.status == {status!r}, run.status
try:
    run.wait().result
except Exception as problem:
    print(type(problem).__name__, problem)
import lg_magics as lg
lg.connect({url!r})
print(run.wait().status, run.number, len(run.messages), run is lg.wait(run))
"""


@pytest.fixture
def after(other: Session) -> Iterator[Session]:
    """A session that unpickled handles go on in, as another process has one."""

    def follow(handle: Run, pickled: PickledRun) -> TrackedRun:
        return continued(other, handle, pickled)

    continue_unpickled_with(follow)
    yield other
    continue_unpickled_with(None)


def again(run: Run) -> Run:
    found = pickle.loads(pickle.dumps(run))
    assert isinstance(found, Run)
    return found


def test_a_person_finds_on_a_run_what_a_person_uses() -> None:
    assert [name for name in dir(Run) if not name.startswith("_")] == PUBLIC


def test_an_ended_run_has_its_result_in_another_session(session: Session, after: Session) -> None:
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    found = again(run)
    assert (found.status, found.run_id, found.view) == ("success", run.run_id, run.view)
    assert found.result == run.result
    assert found.raw == run.raw
    assert found.messages == run.messages
    assert found.number == after.tracker.run_numbers.number(run.run_id)
    assert runs.wait(after, found) is found
    assert after.tracker.run_called(found.number) is found


def test_a_live_run_is_followed_again(session: Session, after: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    found = again(run)
    until(lambda: found.status == "running")
    assert tracked(found).connection is after.connection
    found.cancel()
    assert found.wait(30).status == "cancelled"
    assert run.wait(30).status == "cancelled"


def test_a_run_that_waited_is_read_again_and_may_have_gone_on(session: Session, after: Session) -> None:
    run = runs.run(session, "plain", assistant="approval", thread="new").wait()
    found = again(run)
    assert found.is_waiting
    assert found.interrupts == run.interrupts
    later = again(run)
    runs.run(session, "x", assistant="approval", thread=run.thread_id, discard_interrupt=True).wait()
    assert later.run_id == run.run_id


def test_a_run_that_ended_meanwhile_says_how(session: Session, after: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 1}, assistant="workbench", thread="new")
    kept = pickle.dumps(run)
    run.wait()
    assert pickle.loads(kept).status == "success"


def test_a_handle_that_comes_back_to_its_session_is_the_run_that_is_known_there(session: Session) -> None:
    continue_unpickled_with(lambda handle, pickled: continued(session, handle, pickled))
    try:
        run = runs.run(session, "hello", assistant="agent", thread="new")
        assert tracked(again(run)) is tracked(run)
        assert copy.copy(run) is run
        assert copy.deepcopy([run])[0] is run
    finally:
        continue_unpickled_with(None)


def test_a_stateless_run_keeps_what_it_left(session: Session) -> None:
    run = runs.run(session, "hello", assistant="agent", stateless=True).wait()
    assert again(run).result == run.result
    assert again(again(run)).result == run.result


def test_no_header_is_in_what_is_pickled(session: Session) -> None:
    run = runs.run(session, "hello", assistant="agent", thread="new", header={"x-lg-token": "SECRET123"})
    assert run.wait().info.launch is not None
    assert b"SECRET123" not in pickle.dumps(run)


def test_without_its_deployment_a_handle_says_what_it_needs(session: Session, after: Session) -> None:
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    url = session.connection.url
    found, gone = again(run), again(run)
    after.disconnect()
    assert (found.status, found.error) == ("success", None)
    assert repr(found) == f"<Run {run.number} of {url}: success on agent>"
    with pytest.raises(NotConnected, match=f"{run.number} runs on {url}") as caught:
        found.result  # noqa: B018
    assert caught.value.hint == f"%lg_connect {url}"
    continue_unpickled_with(None)
    with pytest.raises(NotConnected, match="this process has no session"):
        found.wait().result  # noqa: B018
    continue_unpickled_with(lambda handle, pickled: continued(after, handle, pickled))
    deployment.connect(after, url)
    assert found.result == run.result
    session.connection.threads.delete(run.thread_id)
    assert gone.status == "success"


def test_on_another_deployment_a_handle_names_its_own(session: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    held = pickle.loads(pickle.dumps(run))
    continue_unpickled_with(lambda handle, pickled: continued(session, handle, pickled))
    try:
        found = Run(replace(pickled_of(held), url="http://elsewhere:1"))
        assert found.status in ("pending", "running")
        with pytest.raises(LgError, match="runs on http://elsewhere:1, and this session is on"):
            found.wait()
        lost = pickled_of(held)
        lost = replace(lost, info=replace(lost.info, id="00000000-0000-4000-8000-000000000000"))
        with pytest.raises(RunDeleted):
            Run(lost).wait()
    finally:
        continue_unpickled_with(None)
        run.cancel()


def pickled_of(run: Run) -> PickledRun:
    held = run._held
    assert isinstance(held, PickledRun)
    return held


def test_another_process_goes_on_with_it(session: Session, tmp_path: Path) -> None:
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    code = ELSEWHERE.format(status="success", url=session.connection.url)
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(run),
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    first, *_, last = done.stdout.decode().splitlines()
    url = session.connection.url
    assert first == f"NotConnected r1 runs on {url}, and this process has no session. %lg_connect {url}"
    assert last == f"success r1 {len(run.messages)} True"

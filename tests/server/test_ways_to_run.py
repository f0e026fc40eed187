"""Every way to launch a run, on the real server: double texting, later, webhook, durability, headers, stateless and kept."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment, runs, state
from lg_magics.errors import (
    CommandError,
    Conflict,
    InvalidRequest,
    NotFound,
    SettingsError,
    UnknownReference,
    WaitTimedOut,
)
from lg_magics.follow import follower
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.session import Session
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree

from .coming import until
from .listening import requests_of


def slow(session: Session, seconds: float = 30, **options: Any) -> Run:
    """A run that is live for as long as a test needs."""
    run = runs.run(session, input={"steps": 1, "seconds": seconds}, assistant="workbench", **options)
    until(lambda: run.status == "running")
    return run


def quick(session: Session, **options: Any) -> Run:
    return runs.run(session, input={"steps": 1, "seconds": 0, "fail_at": None}, assistant="workbench", **options)


def test_a_launch_returns_before_its_run_is_followed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(follower, "HEAD_START", 0.5)
    monkeypatch.setattr(session.connection, "open_background", lambda: begun.append(True))
    run = quick(session, thread="new")
    assert not begun
    assert run.wait().status == "success"
    assert begun


def test_a_run_is_awaited_while_somebody_waits_for_it_and_when_it_ended_so(session: Session) -> None:
    awaited, in_a_list, left = (quick(session, thread="new") for _ in range(3))
    awaited.wait()
    runs.wait(session, in_a_list, awaited)
    streamed = runs.stream(session, input={"steps": 1, "seconds": 0}, assistant="workbench", thread="new")
    until(lambda: left.is_settled)
    assert (tracked(awaited).is_awaited, tracked(in_a_list).is_awaited, tracked(left).is_awaited) == (True, True, False)
    assert tracked(streamed).is_awaited
    going_on = slow(session, thread="new")
    with pytest.raises(WaitTimedOut):
        going_on.wait(0.01)
    assert not tracked(going_on).is_awaited
    with tracked(going_on).being_awaited():
        assert tracked(going_on).is_awaited
        going_on.cancel()
    assert tracked(going_on).is_awaited


# -- double texting ---------------------------------------------------------------------------------------------


def test_a_rejected_run_says_which_run_is_in_the_way_and_how_to_stop_it(session: Session) -> None:
    first = slow(session, thread="new")
    with pytest.raises(Conflict, match=f"Rejected: {first.number} is still running on t1") as raised:
        quick(session, multitask="reject")
    assert f"%lg_cancel {first.number}" in str(raised.value.hint)
    assert len(session.tracker.runs()) == 1
    first.cancel()


def test_a_run_of_somebody_else_that_is_in_the_way_is_named_by_its_id(session: Session, other: Session) -> None:
    theirs = slow(other, thread="new")
    with pytest.raises(Conflict, match=f"Rejected: ·{theirs.run_id[-5:]} is still running") as raised:
        quick(session, thread=theirs.thread_id, multitask="reject")
    assert "%lg_attach" in str(raised.value.hint)
    theirs.cancel()


def test_of_several_runs_in_the_way_the_one_that_runs_is_named(session: Session, other: Session) -> None:
    first = slow(session, thread="new")
    theirs = quick(other, thread=first.thread_id)
    quick(session)
    with pytest.raises(Conflict, match=f"Rejected: {first.number} is still running on t1") as raised:
        quick(session, multitask="reject")
    assert f"%lg_cancel {first.number} stops it" in str(raised.value.hint)
    runs.cancel(session, mine=True)
    until(lambda: theirs.is_settled)
    later, latest = quick(other, after=300, thread=first.thread_id), quick(session, after=300)
    with pytest.raises(Conflict, match=f"Rejected: ·{later.run_id[-5:]} is still pending on t1"):
        quick(session, multitask="reject")
    later.cancel()
    latest.cancel()


def test_a_queued_run_says_behind_which_and_runs_after_it(session: Session) -> None:
    first = slow(session, seconds=1, thread="new")
    second = quick(session, multitask="enqueue")
    assert second.note == f"queued behind {first.number}"
    first.wait()
    assert second.wait().status == "success"
    assert second.note == ""


def test_an_interrupted_run_is_cancelled_and_says_by_which(session: Session) -> None:
    first = slow(session, thread="new")
    second = quick(session, multitask="interrupt")
    assert second.wait().status == "success"
    first.wait(120)
    assert (first.status, first.note) == ("cancelled", f"interrupted by {second.number}")


def test_a_run_that_a_person_cancelled_a_moment_before_was_ended_by_no_other(session: Session) -> None:
    first = slow(session, thread="new")
    cancelling = session.loop.start(cancel_runs([first]))
    until(lambda: tracked(first).is_cancelling)
    second = quick(session, multitask="interrupt")
    assert (first.wait(120).status, first.note) == ("cancelled", "")
    second.wait()
    assert cancelling.result(10).problems == []


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_rolled_back_run_states_which_run_rolled_it_back(
    session: Session, sdk: SyncLangGraphClient, status: str
) -> None:
    """The server keeps the row of one that was joined before it began, and calls it interrupted: its thread decides."""
    asked = requests_of(session)
    first = runs.run(session, input={"steps": 60, "seconds": 0.5}, assistant="workbench", thread="new")
    until(lambda: any(each.endswith("/stream") for each in asked))
    until(lambda: first.status in (status, "running"))
    second = quick(session, multitask="rollback")
    assert second.wait().status == "success"
    first.wait_quietly(120)
    assert (first.status, first.note) == ("rolled back", f"by {second.number}")
    left: list[Any] = sdk.threads.get_history(second.thread_id)
    assert {entry["metadata"]["run_id"] for entry in left} == {second.run_id}
    table = runs.runs(session)
    assert {row["run_id"]: row["status"] for row in table if row["status"] != "rolled back"} == {
        second.run_id: "success"
    }


def test_a_run_in_the_queue_behind_one_that_is_rolled_back_does_not_wait_to_be_gone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had not begun: the server cancels it, or deletes it at once, and its thread holds nothing of it."""
    slow(session, thread="new")
    monkeypatch.setattr(follower, "ROLLBACK_BACKOFF", (60,))
    queued = runs.run(session, input={"steps": 1, "seconds": 20}, assistant="workbench")
    time.sleep(0.3)
    second = quick(session, multitask="rollback")
    queued.wait_quietly(120)
    assert (queued.status, queued.note) == ("rolled back", f"by {second.number}")


def test_several_assistants_take_turns_on_one_thread(session: Session) -> None:
    runs.run(session, "Plan nothing", assistant="agent", thread="new").wait()
    second = quick(session).wait()
    third = runs.run(session, "what's the weather in sf", assistant="agent").wait()
    assert second.thread_id == third.thread_id
    assert [run.info.assistant for run in session.tracker.runs()] == ["agent", "workbench", "agent"]
    assert len(third.messages) > 3


# -- when, where from, how kept ---------------------------------------------------------------------------------


def test_a_run_starts_later_and_says_so_while_it_waits(session: Session) -> None:
    launched_at = time.time()
    run = quick(session, thread="new", after=2)
    assert (run.status, run.note) == ("pending", "starts 2 s after its launch")
    run.wait()
    assert run.view.started_at is not None
    assert run.view.started_at - launched_at >= 1.9  # both clocks are this machine's


def test_a_run_goes_on_from_a_checkpoint_and_leaves_the_other_branch(session: Session) -> None:
    runs.run(session, "Plan nothing", assistant="agent", thread="new").wait()
    runs.run(session, "what's the weather in sf", assistant="agent").wait()
    run = runs.run(session, "what's the weather in nyc", assistant="agent", checkpoint="step:1").wait()
    asked = [message.text for message in run.messages if message.role == "human"]
    assert asked == ["Plan nothing", "what's the weather in nyc"]
    branches = state.history(session, all=True).df["branch"]
    assert set(branches) == {"b1", "b2"}


def test_a_checkpoint_that_is_not_there_launches_nothing(session: Session) -> None:
    quick(session, thread="new").wait()
    with pytest.raises(UnknownReference, match="No step 99"):
        quick(session, checkpoint="step:99")
    with pytest.raises(NotFound, match="No checkpoint"):
        quick(session, checkpoint="00000000-0000-0000-0000-000000000000")
    with pytest.raises(CommandError, match="new thread has no checkpoint"):
        quick(session, thread="new", checkpoint="step:1")
    assert len(session.tracker.runs()) == 1


def test_durability_exit_keeps_the_end_alone(session: Session) -> None:
    run = quick(session, thread="new", durability="exit").wait()
    assert run.raw["kwargs"]["durability"] == "exit"
    assert len(state.history(session, all=True).df) == 1


def test_the_demo_keeps_headers_from_the_graph_that_it_excludes_or_does_not_include(session: Session) -> None:
    run = quick(session, thread="new", header={"x-lg-team": "blue", "x-lg-internal": "a", "x-other": "b"}).wait()
    configurable = run.raw["kwargs"]["config"]["configurable"]
    assert configurable["x-lg-team"] == "blue"
    assert {"x-lg-internal", "x-other"} & set(configurable) == set()


def test_a_header_reaches_the_graph_and_its_value_is_shown_nowhere(session: Session) -> None:
    run = quick(session, thread="new", header={"x-user-id": "lance", "x-lg-token": "sesame"}).wait()
    assert run.info.launch is not None
    assert "sesame" not in run.info.code + repr(run.info)
    configurable = run.raw["kwargs"]["config"]["configurable"]
    assert configurable["x-user-id"] == "lance"
    assert configurable["x-lg-token"] == "[redacted]"
    assert "sesame" not in json.dumps(run.raw)
    with pytest.raises(SettingsError, match="The header x-api-key cannot be set by hand"):
        quick(session, header={"x-api-key": "k"})


def test_metadata_that_looks_secret_is_shown_nowhere(session: Session) -> None:
    run = quick(session, thread="new", metadata={"api_token": "sesame", "author": "Lance"}).wait()
    shown = [run.info, run.info.code, run.raw, run_tree(CardMaker(run.info).card(run.view, settled=True))]
    assert "sesame" not in repr(shown)
    assert run.raw["metadata"] == {**run.raw["metadata"], "api_token": "[redacted]", "author": "Lance"}


def test_a_stateless_run_is_kept_where_it_is_asked_for(session: Session) -> None:
    run = runs.run(session, "what's the weather in sf", assistant="agent", stateless=True, keep=True).wait()
    assert session.selection.thread is None
    kept = state.state(session, thread=run.thread_id)
    assert len(kept.messages) == len(run.messages) == 4
    with pytest.raises(CommandError, match="--keep belongs to --stateless"):
        quick(session, keep=True)


# -- webhooks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def calls() -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """A server that notes what it is sent, and its address."""
    received: Queue[dict[str, Any]] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ended", received
    server.shutdown()
    server.server_close()


def test_a_webhook_is_called_when_the_run_has_ended(session: Session, calls: tuple[str, Queue[dict[str, Any]]]) -> None:
    url, received = calls
    run = quick(session, thread="new", webhook=url).wait()
    called = received.get(timeout=20)
    assert (called["run_id"], called["status"]) == (run.run_id, "success")


def test_a_server_that_calls_no_loopback_says_how_to_allow_it(tmp_path: Path) -> None:
    (tmp_path / "graph.py").write_text(
        "from langgraph.graph import START, MessagesState, StateGraph\n"
        "graph = StateGraph(MessagesState).add_node('n', lambda s: {}).add_edge(START, 'n').compile()\n"
    )
    running = local.start(graph=f"{tmp_path}/graph.py:graph", private=True)
    session = Session()
    try:
        deployment.connect(session, running.url)
        with pytest.raises(InvalidRequest, match="loopback") as raised:
            runs.run(session, "hello", webhook="http://127.0.0.1:9/ended")
        assert "disable_loopback" in str(raised.value.hint)
        with pytest.raises(CommandError, match=r"must be an address, got 'example\.com'"):
            runs.run(session, "hello", webhook="example.com")
    finally:
        session.close()
        local.stop(running)


# -- what cannot go together ------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"checkpoint": "step:1"}, {"rewind": True}, {"multitask": "reject"}])
def test_a_stateless_run_takes_nothing_that_is_about_a_thread(session: Session, options: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="stateless"):
        quick(session, stateless=True, **options)
    assert session.tracker.runs() == []


def test_cards_of_several_runs_on_one_thread_stay_true(session: Session, sdk: SyncLangGraphClient) -> None:
    first = slow(session, seconds=2, thread="new")
    queued = [quick(session) for _ in range(3)]
    failing = runs.run(session, input={"steps": 1, "fail_at": 1}, assistant="workbench")
    last = quick(session)
    for run in [first, *queued, failing, last]:
        run.wait_quietly(180)
    assert [run.status for run in [first, *queued, failing, last]] == ["success"] * 4 + ["error", "success"]
    rows = sdk.runs.list(first.thread_id)
    assert [row["status"] for row in reversed(rows)] == ["success"] * 4 + ["error", "success"]
    assert runs.wait(session, last) is last

"""Back to a run from another kernel, on the real server: by its id, or by the notebook that launched it."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import attach, runs, threads
from lg_magics.errors import CommandError, NotFound, RunFailed, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.model.cell import Cell
from lg_magics.session import Session
from lg_magics.tables.table import Table

from .coming import until
from .inputs import input_from_text


def launched(session: Session, **value: Any) -> Run:
    return runs.run(session, input={"steps": 1, **value}, assistant="workbench", thread="new")


def one(session: Session, *arguments: Any, **options: Any) -> Run:
    found = attach.attach(session, *arguments, **options)
    assert isinstance(found, Run)
    return found


def test_a_live_run_is_followed_again_with_what_it_said_before(session: Session, other: Session) -> None:
    theirs = launched(session, tokens=400, seconds=4)
    until(lambda: len(theirs.view.text) > 100)
    threads.use(other, theirs.thread_id)
    run = one(other, f"·{theirs.run_id[-5:]}")
    assert (run.info.assistant, run.info.thread.id) == ("workbench", theirs.thread_id)
    assert run.wait().status == "success"
    assert run.view.text == theirs.wait().view.text == " ".join(f"w{number}" for number in range(400))
    assert [step.node for step in run.view.steps] == ["plan", "work"]


def test_a_run_that_ended_meanwhile_shows_its_outcome(session: Session, other: Session) -> None:
    theirs = runs.run(session, "what's the weather in sf", assistant="agent", thread="new").wait()
    run = one(other, thread=theirs.thread_id).wait()
    assert (run.status, run.messages) == ("success", theirs.messages)
    assert run.view.text == theirs.messages[-1].text
    bad = launched(session, fail_at=1)
    bad.wait_quietly()
    failed = one(other, bad.run_id, thread=bad.thread_id)
    with pytest.raises(RunFailed, match="asked to fail"):
        failed.wait()


def test_a_run_that_has_ended_is_never_called_pending(session: Session, other: Session) -> None:
    theirs = runs.run(session, "what's the weather in sf", assistant="agent", thread="new").wait()
    run = one(other, theirs.run_id, thread=theirs.thread_id)
    assert (run.status, run.messages[-1].text) == ("success", theirs.messages[-1].text)


def test_a_run_that_is_running_is_called_so_before_its_stream_says_it(session: Session, other: Session) -> None:
    theirs = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    next(event for event in theirs.stream() if theirs.status == "running")
    assert one(other, theirs.run_id, thread=theirs.thread_id).status == "running"
    theirs.cancel()


def test_why_a_run_failed_is_known_although_its_thread_went_on(session: Session, other: Session) -> None:
    bad = runs.run(session, input={"fail_at": 1}, assistant="workbench", card=False).wait_quietly()
    runs.run(session, input={"steps": 1, "fail_at": None}, assistant="workbench").wait()
    found = one(other, bad.run_id, thread=bad.thread_id).wait_quietly(120)
    assert found.error == bad.error == "ValueError: asked to fail at step 1"


def test_a_run_that_the_raw_sdk_launched_without_a_stream_to_replay_is_followed_to_its_end(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    thread_id = sdk.threads.create()["thread_id"]
    row = sdk.runs.create(thread_id, "agent", input=input_from_text("hello"))
    run = one(session, row["run_id"], thread=thread_id).wait()
    assert (run.status, run.view.text) == ("success", run.messages[-1].text)


def test_what_this_session_follows_already_is_not_followed_twice(session: Session) -> None:
    run = launched(session).wait()
    assert one(session) is one(session, run.number) is one(session, run.run_id) is one(session, run) is run
    assert len(session.tracker.runs()) == 1


def test_the_runs_of_a_notebook_are_found_by_a_new_kernel(session: Session, other: Session) -> None:
    def in_cell(of: Session, cell: str, notebook: str = "mine.ipynb·123456") -> Session:
        of.cell = lambda: Cell(notebook, cell)
        return of

    older = launched(in_cell(session, "a")).wait()
    ended = runs.run(session, input={"steps": 1}, assistant="workbench").wait()
    live = launched(in_cell(session, "b"), seconds=30)
    strange = launched(in_cell(session, "c", "other.ipynb·654321")).wait()
    shown: list[object] = []
    other.announce = shown.append
    table = attach.attach(in_cell(other, "z"), mine=True)
    assert isinstance(table, Table)
    found = dict(zip(table.df["run_id"], table.df["status"], strict=True))
    assert found[ended.run_id] == "success"
    assert found[live.run_id] in ("pending", "running")
    assert older.run_id not in found
    assert strange.run_id not in found
    assert [run.run_id for run in shown if isinstance(run, Run)] == [live.run_id]
    assert other.selection.thread is not None
    runs.cancel(session, live)
    mine = other.tracker.run(live.run_id)
    assert mine is not None
    assert mine.wait().status == "cancelled"


def test_a_run_of_this_notebook_is_found_by_its_id_before_there_is_a_thread(session: Session, other: Session) -> None:
    for of in (session, other):
        of.cell = lambda: Cell("found.ipynb·111111", "a")
    first, second = launched(session).wait(), launched(session).wait()
    assert one(other, second.run_id).thread_id == second.thread_id
    threads.use(other, second.thread_id)
    assert one(other, f"·{first.run_id[-8:]}").thread_id == first.thread_id
    assert other.selection.thread is not None
    assert other.selection.thread.id == second.thread_id
    with pytest.raises(UnknownReference, match=r"No run 'r999' of this notebook.*-t THREAD"):
        attach.attach(other, "r999")


def test_what_cannot_be_attached_to_is_named(session: Session) -> None:
    with pytest.raises(UnknownReference, match="No thread yet"):
        attach.attach(session)
    with pytest.raises(UnknownReference, match=r"No run '00000000-.*' of this session.*-t THREAD"):
        attach.attach(session, "00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFound, match="No thread"):
        attach.attach(session, thread="00000000-0000-0000-0000-000000000000")
    threads.new(session)
    with pytest.raises(UnknownReference, match="Nothing has run on t1 yet"):
        attach.attach(session)
    run = launched(session).wait()
    with pytest.raises(UnknownReference, match="No run 'zzzzz'"):
        attach.attach(session, "zzzzz")
    with pytest.raises(UnknownReference, match="A run is needed, got an int"):
        attach.attach(session, 3)
    with pytest.raises(CommandError, match="not both"):
        attach.attach(session, run, mine=True)
    for reference in (run, run.number):
        with pytest.raises(UnknownReference, match=f"{run.number} is on t2.*, and not on t1"):
            attach.attach(session, reference, thread="t1")

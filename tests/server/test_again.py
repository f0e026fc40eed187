"""A cell that runs again, on the real server: attach to its live run, or start where it started; and what its card says."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.actions import cell_rerun
from lg_magics.commands import people, runs, state, threads
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.cell import Cell
from lg_magics.session import Session

from .coming import until

NOTEBOOK = "course.ipynb·0a1b2c"


def in_cell(session: Session, cell: str) -> Session:
    session.cell = lambda: Cell(NOTEBOOK, cell)
    return session


def say(session: Session, cell: str, text: str, **options: Any) -> Run:
    return runs.run(in_cell(session, cell), text, assistant="agent", **options).wait()


def humans(session: Session) -> list[str]:
    return [message.text for message in state.state(session).messages if message.role == "human"]


def three_cells(session: Session, **options: Any) -> None:
    """A notebook of three cells, run from top to bottom."""
    say(session, "a", "one", **options)
    say(session, "b", "two", **options)
    say(session, "c", "three", **options)


def test_a_notebook_run_twice_with_rewind_holds_as_many_messages_as_once(session: Session) -> None:
    three_cells(session, rewind=True)
    once = len(state.state(session).messages)
    three_cells(session, rewind=True)
    assert humans(session) == ["one", "two", "three"]
    assert len(state.state(session).messages) == once == 6


def test_without_rewind_the_conversation_grows(session: Session) -> None:
    three_cells(session)
    three_cells(session)
    assert humans(session) == ["one", "two", "three"] * 2


def test_rewind_leaves_the_old_answer_as_a_branch_and_counts_the_later_cells(session: Session) -> None:
    three_cells(session)
    run = say(session, "a", "uno", rewind=True)
    until(lambda: tracked(run).rerun)
    rerun = tracked(run).rerun
    assert rerun is not None
    assert rerun.words == "second run of this cell on this thread · 2 later cells are on the old branch"
    assert (rerun.number, len(rerun.run_ids), rerun.is_rewound) == (2, 2, True)
    assert humans(session) == ["uno"]
    assert set(state.history(session, all=True).df["branch"]) == {"b1", "b2"}
    third = say(session, "a", "ein", rewind=True)
    until(lambda: tracked(third).rerun)
    rerun = tracked(third).rerun
    assert rerun is not None
    assert rerun.words == "third run of this cell on this thread"
    assert humans(session) == ["ein"]


def test_a_cell_in_the_middle_goes_back_to_where_it_started(session: Session) -> None:
    three_cells(session)
    say(session, "b", "zwei", rewind=True)
    assert humans(session) == ["one", "zwei"]
    say(session, "c", "drei", rewind=True)  # its earlier run is on the branch that was left: it goes on at the head
    assert humans(session) == ["one", "zwei", "drei"]


def test_another_kernel_finds_the_cells_earlier_run(session: Session, other: Session) -> None:
    three_cells(session)
    assert session.selection.thread is not None
    threads.use(other, session.selection.thread.id)
    say(other, "c", "drei", rewind=True)
    assert humans(other) == ["one", "two", "drei"]


def test_a_second_run_of_a_cell_says_so_and_another_notebooks_cell_is_another(session: Session) -> None:
    say(session, "a", "one")
    second = say(session, "a", "two")
    until(lambda: tracked(second).rerun)
    rerun = tracked(second).rerun
    assert rerun is not None
    assert rerun.words == "second run of this cell on this thread"
    session.cell = lambda: Cell("other.ipynb·ffffff", "a")
    elsewhere = runs.run(session, "three", assistant="agent", rewind=True).wait()
    assert humans(session) == ["one", "two", "three"]
    assert tracked(elsewhere).rerun is None


def test_once_attaches_to_the_cells_live_run(session: Session, other: Session) -> None:
    work = {"steps": 1, "seconds": 30}
    first = runs.run(in_cell(session, "a"), input=work, assistant="workbench", thread="new")
    assert runs.run(session, input=work, assistant="workbench", once=True) is first
    again = runs.run(in_cell(other, "a"), input=work, assistant="workbench", once=True)
    assert again.run_id == first.run_id
    until(lambda: again.status == "running")
    runs.cancel(session, first)
    until(lambda: again.is_settled)
    assert again.status == "cancelled"
    new = runs.run(session, input={"steps": 1, "seconds": 0}, assistant="workbench", once=True).wait()
    assert new.run_id != first.run_id


def test_once_attaches_to_a_run_without_a_thread_whatever_is_current(session: Session, other: Session) -> None:
    say(session, "z", "so that there is a current thread")
    order: dict[str, Any] = {"input": {"steps": 1, "seconds": 30}, "assistant": "workbench", "stateless": True}
    first = runs.run(in_cell(session, "a"), once=True, **order)
    assert runs.run(session, once=True, **order) is first
    say(other, "z", "likewise")
    assert runs.run(in_cell(other, "a"), once=True, **order).run_id == first.run_id
    runs.cancel(session, first)


def test_a_thread_that_vanishes_while_one_looks_has_no_live_run(session: Session) -> None:
    gone = session.tracker.thread("00000000-0000-0000-0000-000000000000")
    assert cell_rerun.live_run_of(session, Cell(NOTEBOOK, "a"), gone) is None


def test_while_the_earlier_run_is_live_the_card_says_so_and_rewind_is_refused(session: Session) -> None:
    work = {"steps": 1, "seconds": 30}
    first = runs.run(in_cell(session, "a"), input=work, assistant="workbench", thread="new")
    with pytest.raises(LgError, match=f"{first.number}, the earlier run of this cell, is still"):
        runs.run(session, input=work, assistant="workbench", rewind=True)
    second = runs.run(session, input=work, assistant="workbench")
    until(lambda: tracked(second).rerun)
    rerun = tracked(second).rerun
    assert rerun is not None
    assert f"{first.number}, an earlier one, has not ended (--once attaches to it)" in rerun.words
    assert second.note == f"queued behind {first.number}"
    runs.cancel(session, first, second)


def test_a_cell_that_waits_for_a_person_can_be_run_again_from_its_start(session: Session) -> None:
    first = runs.run(in_cell(session, "a"), "Book a table for two", assistant="approval", thread="new")
    first.wait()
    assert first.status == "waiting"
    second = runs.run(session, "Book a table for three", assistant="approval", rewind=True).wait()
    assert (first.note, second.status) == ("left unanswered", "waiting")
    people.resume(session, accept=True)
    assert humans(session) == ["Book a table for three"]


def test_outside_a_notebook_there_is_no_cell_to_run_again(session: Session) -> None:
    with pytest.raises(CommandError, match="--rewind needs a running cell"):
        runs.run(session, "hello", assistant="agent", rewind=True)
    with pytest.raises(CommandError, match="--once needs a running cell"):
        runs.run(session, "hello", assistant="agent", once=True)
    assert session.tracker.runs() == []

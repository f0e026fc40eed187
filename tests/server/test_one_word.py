"""One word for one status: a handle, its card, the runs, the threads and the panel say the same, in a new session too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lg_magics.commands import runs, threads
from lg_magics.commands.people import resume
from lg_magics.follow.run import Run
from lg_magics.panel import lists, sections
from lg_magics.resolve.thread_status import ThreadStatus
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

from .waiting_runs import asked, seeing, stopped


def cancelled(session: Session) -> Run:
    run = runs.run(session, input={"steps": 2, "seconds": 30}, assistant="workbench", thread="new")
    next(run.stream())
    return run.cancel()


def answered(session: Session) -> Run:
    run = asked(session, "plain")
    resume(session, "no").wait()
    return run


MADE: dict[str, tuple[Callable[[Session], Run], str, ThreadStatus]] = {
    "a success": (lambda s: runs.run(s, "plain", assistant="agent", thread="new").wait(), "success", "idle"),
    "a question": (lambda s: asked(s, "plain"), "waiting", "waiting"),
    "a breakpoint": (stopped, "waiting", "waiting"),
    "a cancelled one": (cancelled, "cancelled", "cancelled"),
    "a failed one": (
        lambda s: runs.run(s, input={"fail_at": 1}, assistant="workbench", thread="new").wait_quietly(),
        "error",
        "error",
    ),
    "an answered one": (answered, "success", "idle"),
}


def words(session: Session, run: Run) -> dict[str, str]:
    """What each place calls the run, or its thread."""
    of_thread = {row["thread_id"]: row["status"] for row in threads.threads(session, limit=50)}
    of_run = {row["run_id"]: row["status"] for row in runs.runs(session, thread=run.thread_id)}
    in_panel = {row.id: row.state for row in lists.threads(session, 100).rows}
    known = {row.id: row.state for row in sections.runs(session, 100).rows}
    shown = threads.show(session, run.thread_id)
    assert isinstance(shown, Facts)
    return {
        "%lg_runs": of_run[run.run_id],
        "panel's runs": known.get(run.run_id, of_run[run.run_id]),
        "%lg_threads": of_thread[run.thread_id],
        "panel's threads": in_panel[run.thread_id],
        "%lg_thread show": dict(shown.facts)["status"],
    }


@pytest.mark.parametrize("what", MADE)
def test_every_place_says_the_same_word_in_every_session(session: Session, other: Session, what: str) -> None:
    make, of_run, of_thread = MADE[what]
    run = make(session)
    assert run.status == of_run
    for each in (session, other):
        found = words(each, run)
        assert found == dict(zip(found, [of_run] * 2 + [of_thread] * 3, strict=True))
    listed = threads.threads(other, status=of_thread, limit=50)
    assert run.thread_id in {row["thread_id"] for row in listed}
    assert {row["status"] for row in listed} == {of_thread}


def test_a_live_run_is_running_on_a_running_thread(session: Session, other: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    next(event for event in run.stream() if run.status == "running")
    for each in (session, other):
        assert set(words(each, run).values()) == {"running"}
    run.cancel()


def test_what_was_answered_elsewhere_is_reported_by_each_list(session: Session, other: Session) -> None:
    for look in (
        lambda run: runs.runs(session, thread=run.thread_id),
        lambda run: threads.threads(session, limit=50),
        lambda run: lists.threads(session, 100),
    ):
        run = asked(session, "plain")
        resume(seeing(other, run), "no", thread=run.thread_id).wait()
        assert run.is_waiting  # nobody has told this session
        look(run)
        assert (run.status, run.note, run.is_waiting) == ("success", "went on elsewhere", False)

"""Breakpoints, threads that wait for nothing, and what others did meanwhile: nothing is sent that was not meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lg_magics.commands import runs, state, threads
from lg_magics.commands.people import inbox, resume
from lg_magics.errors import LgError, NotConnected, NotFound, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.session import Defaults, Session

from .waiting_runs import asked, count_runs, given, said, seeing, status, stopped


@pytest.mark.parametrize(
    "where", [{"interrupt_before": ["work"]}, {"interrupt_after": ["plan"], "interrupt_before": ()}]
)
def test_a_breakpoint_goes_on_without_an_answer(session: Session, where: Any) -> None:
    stopped(session, **where)
    assert resume(session).wait().result["step"] == 2


def test_it_can_stop_again(session: Session) -> None:
    stopped(session)
    assert resume(session, interrupt_before=["work"]).wait().status == "waiting"
    assert resume(session, wait=True).status == "success"


def test_an_answer_at_a_breakpoint_is_refused(session: Session) -> None:
    stopped(session)
    with pytest.raises(LgError, match="asks nothing: it stopped before work"):
        resume(session, "yes")
    assert count_runs(session) == 1


def test_a_run_that_was_cancelled_goes_on_from_its_unfinished_node(session: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 3}, assistant="workbench", thread="new")
    while not (run.view.steps and run.view.steps[-1].node == "work"):
        next(run.stream())
    run.cancel()
    assert [step.node for step in resume(session).wait().view.steps] == ["work"]


@pytest.mark.parametrize("answer", [None, "yes"])
def test_a_thread_that_waits_for_nothing_is_reported(session: Session, answer: str | None) -> None:
    runs.run(session, "what's the weather in sf", assistant="agent", thread="new").wait()
    with pytest.raises(LgError, match=r"Nothing to resume: t1 .* waits for nothing"):
        resume(session, answer)
    assert count_runs(session) == 1


def test_a_fresh_thread_waits_for_nothing(session: Session) -> None:
    threads.new(session)
    with pytest.raises(LgError, match="Nothing to resume"):
        resume(session)


def test_a_busy_thread_gets_no_answer(session: Session, other: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 5}, assistant="workbench", thread="new")
    with pytest.raises(LgError, match=f"is busy: {run.number} is still"):
        resume(session, "yes")
    with pytest.raises(LgError, match="is busy"):
        resume(seeing(other, run), "yes", thread=run.thread_id)
    assert count_runs(session) == 1
    run.cancel()


def test_without_a_deployment_or_a_thread_it_says_so(session: Session) -> None:
    alone = Session()
    with pytest.raises(NotConnected):
        resume(alone, "yes")
    alone.close()
    with pytest.raises(UnknownReference, match="No thread yet"):
        resume(session, "yes")
    with pytest.raises(NotFound):
        resume(session, "yes", thread="01a1fadd-543b-7396-a102-7704fb607a2a")


def test_a_thread_that_others_put_in_error_can_still_be_answered(session: Session) -> None:
    run = asked(session, "two")
    raw = session.connection.sync
    wrong = raw.runs.create(run.thread_id, "approval", command={"resume": "yes"})
    raw.runs.join(run.thread_id, wrong["run_id"])
    assert status(session) == "error"
    yes = [{"type": "accept", "args": None}]
    assert given(resume(session, {"approve": yes, "approve_hotel": yes})) == [yes, yes]


def test_a_question_that_has_changed_is_shown_and_not_answered(session: Session, other: Session) -> None:
    run = asked(session, "plain")
    thread = run.thread_id
    resume(seeing(other, run), "no", thread=thread).wait()
    runs.run(other, "Plan a trip", assistant="approval", thread=thread).wait()
    with pytest.raises(LgError, match=r"(?s)The question has changed, and nothing was sent\..*book_flight\("):
        resume(session, "yes")
    assert (status(session), count_runs(session)) == ("interrupted", 3)
    assert given(resume(session, accept=True))[-1] == [{"type": "accept", "args": None}]


def test_what_the_state_shows_counts_as_seen(session: Session, other: Session) -> None:
    run = asked(session, "plain")
    resume(seeing(other, run), "no", thread=run.thread_id).wait()
    runs.run(other, "plain", assistant="approval", thread=run.thread_id).wait()
    state.state(session)
    assert given(resume(session, "yes"))[-1] == "yes"


@pytest.mark.parametrize("show", [state.state, inbox])
def test_new_input_does_not_discard_a_question_of_somebody_else_that_was_shown(
    session: Session, other: Session, show: Callable[[Session], object]
) -> None:
    run = asked(session, "plain")
    resume(session, "no").wait()
    runs.run(other, "plain", assistant="approval", thread=run.thread_id).wait()
    show(session)
    with pytest.raises(LgError, match="waits for an answer, which new input would throw away"):
        runs.run(session, "hello", assistant="approval")
    assert (status(session), count_runs(session)) == ("interrupted", 3)
    resume(session, "yes").wait()
    assert not session.tracker.may_wait(session.connection, run.thread_id)


def test_a_question_that_was_answered_elsewhere_is_reported(session: Session, other: Session) -> None:
    run = asked(session, "plain")
    resume(seeing(other, run), "no", thread=run.thread_id).wait()
    with pytest.raises(LgError, match=r"The question has changed: .* waits for no answer any more"):
        resume(session, "yes")
    with pytest.raises(LgError, match="Nothing to resume"):
        resume(session, "yes")


def test_one_of_two_questions_can_be_answered_when_the_other_was(session: Session, other: Session) -> None:
    run = asked(session, "two")
    resume(seeing(other, run), accept=True, interrupt="approve", thread=run.thread_id).wait()
    assert said(resume(session, ignore=True, interrupt="approve_hotel")).endswith("Not done: book_hotel.")


def configured(run: Run) -> dict[str, Any]:
    return {key: value for key, value in run.raw["kwargs"]["config"]["configurable"].items() if key in ("user_id", "x")}


def test_it_goes_on_with_the_assistant_and_the_config_that_it_waited_with(session: Session, other: Session) -> None:
    run = asked(session, "plain", configurable={"user_id": "Test", "x": 1}, config={"tags": ["seen"]})
    session.select(assistant="agent")
    answered = resume(session, "no").wait()
    assert (answered.info.assistant, configured(answered)) == ("approval", {"user_id": "Test", "x": 1})
    assert answered.raw["kwargs"]["config"]["tags"] == ["seen"]
    runs.run(session, "plain", assistant="approval", context={"user_id": "Else"}).wait()
    other.select(defaults=Defaults(configurable={"user_id": "Mine", "x": 2}))
    answered = resume(seeing(other, run), "no", thread=run.thread_id).wait()
    assert (answered.info.assistant, configured(answered)) == ("approval", {"user_id": "Else", "x": 2})


def test_the_run_that_waited_says_that_it_was_answered(session: Session) -> None:
    run = asked(session, "plain")
    assert run.is_waiting
    resume(session, "no").wait()
    assert not run.is_waiting
    assert run.note == "answered"


def test_the_sdk_code_of_an_answer_names_its_question(session: Session) -> None:
    run = asked(session, "plain")
    code = resume(session, "no").info.code
    assert f"command={{'resume': {{'{run.interrupts[0].id}': 'no'}}}}" in code

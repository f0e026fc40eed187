"""Answers from a card, on the real server: any JSON may come, and only what fits the question shown is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lg_magics import local
from lg_magics.actions.answer_card import answer_card
from lg_magics.commands import deployment, runs
from lg_magics.commands.people import resume
from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .waiting_runs import asked, count_runs, given, seeing, status, stopped


@pytest.fixture
def session(server: local.LocalServer) -> Iterator[Session]:
    """A session that is connected to the server of all tests."""
    new = Session()
    deployment.connect(new, server.url)
    yield new
    new.close()


@pytest.fixture
def other(server: local.LocalServer) -> Iterator[Session]:
    """Somebody else, on the same server."""
    new = Session()
    deployment.connect(new, server.url)
    yield new
    new.close()


def says(run: Run, *said: tuple[str, Any]) -> dict[str, dict[str, Any]]:
    """What the card's form sends: kind and value for each question, in their order."""
    return {question.id: _filled(*each) for question, each in zip(run.interrupts, said, strict=True)}


def _filled(kind: str, value: Any) -> dict[str, Any]:
    if kind in ("text", "json"):
        return {"text": value, "json": kind == "json"}
    return {"0": {"way": kind, kind: value}}


def test_both_questions_are_answered_with_one_run(session: Session) -> None:
    run = asked(session, "two")
    next_run, lines = answer_card(session, run, says(run, ("accept", None), ("edit", '{"nights": 2}')))
    edited = {"type": "edit", "args": {"action": "book_hotel", "args": {"nights": 2}}}
    assert given(next_run) == [[{"type": "accept", "args": None}], [edited]]
    assert [line.partition(" ")[0] for line in lines] == ["approve", "approve_hotel"]
    assert (run.is_waiting, run.note) == (False, "answered")


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "yes",
        [None],
        [{"kind": "delete"}],
        {"x": {"text": "yes"}},
        [("text", "yes")],
        [("text", " ")],
        [("json", "{")],
        [("edit", "[]")],
        [("respond", None)],
    ],
)
def test_what_does_not_fit_is_not_sent_and_the_card_goes_on_waiting(session: Session, said: Any) -> None:
    run = asked(session, "Plan a trip")
    if isinstance(said, list) and said and isinstance(said[0], tuple):
        said = says(run, *said)
    with pytest.raises(LgError):
        answer_card(session, run, said)
    assert (count_runs(session), status(session), run.is_waiting) == (1, "interrupted", True)


@pytest.mark.parametrize("blank", ["", "  \n", None])
def test_a_blank_is_no_answer_to_a_plain_question(session: Session, blank: str | None) -> None:
    run = asked(session, "plain")
    with pytest.raises(LgError, match="No answer yet"):
        answer_card(session, run, says(run, ("text", blank)))
    assert count_runs(session) == 1


def test_a_card_of_a_question_that_has_changed_sends_nothing_and_ends(session: Session, other: Session) -> None:
    run = asked(session, "plain")
    resume(seeing(other, run), "no", thread=run.thread_id).wait()
    runs.run(other, "Plan a trip", assistant="approval", thread=run.thread_id).wait()
    with pytest.raises(LgError, match="The question has changed"):
        answer_card(session, run, says(run, ("text", "yes")))
    assert (count_runs(session), run.is_waiting, run.note) == (3, False, "asks something else now")


def test_a_card_at_a_breakpoint_that_others_have_left_sends_nothing(session: Session, other: Session) -> None:
    run = stopped(session)
    resume(other, thread=run.thread_id, interrupt_before=["work"]).wait()
    with pytest.raises(LgError, match="waits for no answer any more"):
        answer_card(session, run, [])
    assert (count_runs(session), run.note) == (2, "went on elsewhere")


def test_a_card_of_another_deployment_sends_nothing(session: Session) -> None:
    run = asked(session, "plain")
    elsewhere = local.start(private=True)
    try:
        deployment.connect(session, elsewhere.url)
        with pytest.raises(LgError, match="waits on another deployment"):
            answer_card(session, run, says(run, ("text", "yes")))
        assert run.is_waiting
    finally:
        local.stop(elsewhere, force=True)

"""The inbox on the real server: all threads that wait, of any client, and nothing else."""

from __future__ import annotations

import json

import pytest

from lg_magics.actions.inbox import decide, waiting_threads
from lg_magics.commands import runs
from lg_magics.commands.deployment import home
from lg_magics.commands.people import inbox, resume
from lg_magics.errors import LgError
from lg_magics.model.interrupts import Interrupt
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .waiting_runs import asked, stopped


def test_the_inbox_lists_what_waits_and_nothing_else(session: Session, other: Session) -> None:
    waiting = [asked(session, "Plan a trip"), asked(session, "plain"), asked(session, "two"), stopped(session)]
    cancelled = runs.run(session, input={"steps": 2, "seconds": 30}, assistant="workbench", thread="new")
    next(cancelled.stream())
    cancelled.cancel()
    failed = runs.run(session, input={"fail_at": 1}, assistant="workbench", thread="new").wait_quietly()
    found = {row["thread_id"]: row for row in inbox(other, all=True)}
    assert [found[run.thread_id]["asks"] for run in waiting] == [
        'approve: book_flight(destination="Hong Kong", price_usd=640)',
        "approve: Book the flight for 640 USD?",
        '2 questions · 1 approve: book_flight(destination="Hong Kong", price_usd=640)'
        ' · 2 approve_hotel: book_hotel(city="Hong Kong", nights=4, price_usd=420)',
        "stopped before work",
    ]
    assert {cancelled.thread_id, failed.thread_id} & set(found) == set()
    assert found[waiting[0].thread_id]["takes"] == "accept, edit, respond, ignore"
    assert found[waiting[0].thread_id]["title"] == "Plan a trip"
    assert inbox(session, all=True)[-1]["thread"].startswith("t")


def test_the_inbox_says_what_was_cut_and_gives_a_frame(session: Session) -> None:
    for _ in range(2):
        asked(session, "plain")
    short = inbox(session, limit=1)
    assert (len(short), short.is_whole) == (1, False)
    frame = inbox(session, limit=2).df
    assert json.loads(frame["questions"][0])[0]["value"] == "Book the flight for 640 USD?"
    assert str(frame["since"].dtype).endswith("UTC]")
    assert frame.attrs["truncated"] in (True, False)


def test_what_the_inbox_shows_counts_as_seen(session: Session, other: Session) -> None:
    run = asked(session, "plain")
    inbox(other, all=True)
    resume(session, "no").wait()
    runs.run(session, "Plan a trip", assistant="approval").wait()
    with pytest.raises(LgError, match="The question has changed"):
        resume(other, "yes", thread=run.thread_id)


def test_a_thread_that_became_busy_is_reported_and_the_others_are_decided_on(session: Session, other: Session) -> None:
    first, second = asked(session, "Plan a trip"), asked(session, "Plan a trip")
    chosen = [
        each for each in waiting_threads(other, None)[0] if each.row.thread_id in (first.thread_id, second.thread_id)
    ]
    live = runs.run(
        session,
        input={"steps": 1, "seconds": 30},
        assistant="workbench",
        thread=second.thread_id,
        discard_interrupt=True,
    )
    sent = decide(other, chosen, "approve")
    live.cancel()
    assert [each["thread_id"] for each in sent] == [first.thread_id]
    assert "Not sent, t" in sent.note
    assert "is busy" in sent.note


def test_home_says_what_waits_and_how_to_answer_until_it_is_answered(session: Session) -> None:
    run = asked(session, "plain")
    facts = home(session)
    assert ("run", f"{run.number} waiting on approval, t1: Book the flight for 640 USD?") in facts.facts
    assert facts.lines[0][0] == "%lg_resume -t t1"
    resume(session, "no").wait()
    assert "waiting" not in str(home(session).facts)


def test_the_inbox_shows_hostile_questions_as_text(session: Session) -> None:
    asked(session, "<img src=x onerror=alert(1)> plain")
    shown = bundle(inbox(session, limit=1))["text/html"]
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_an_interrupt_says_its_ways_and_its_arguments() -> None:
    request = {"action_request": {"action": "pay", "args": {"usd": 5}}, "config": {"allow_edit": True}}
    assert (Interrupt([request]).ways, dict(Interrupt([request]).args)) == (("edit",), {"usd": 5})
    assert (Interrupt("why?").ways, dict(Interrupt("why?").args)) == ((), {})
    assert Interrupt([{**request, "config": None}]).ways == ("accept", "edit", "respond", "ignore")

"""The demo's travel agent on a server of its own: it asks as LangChain's middleware does, and does what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lg_magics import local
from lg_magics.commands import runs
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .waiting_runs import said


@pytest.fixture(scope="module")
def session_server() -> Iterator[local.LocalServer]:
    running = local.start(private=True)
    yield running
    local.stop(running)


def asked(session: Session, text: str) -> Run:
    run = runs.run(session, text, assistant="approval", thread="new").wait()
    assert run.status == "waiting"
    return run


def test_it_asks_before_it_books_what_was_asked_for(session: Session) -> None:
    run = asked(session, "Book a flight to Oslo for 300 USD, please")
    assert run.interrupts[0].detail == 'book_flight(destination="Oslo", price_usd=300)'
    assert said(resume(session, approve=True)) == "Booked the flight to Oslo for 300 USD."
    asked(session, "Fly me to New York")
    assert said(resume(session, "price_usd=500", edit=True)) == "Booked the flight to New York for 500 USD."
    asked(session, "Fly me to Oslo")
    assert said(resume(session, "too dear", reject=True)) == "Not done: book_flight. You said: too dear"


def test_several_actions_are_asked_about_at_once(session: Session) -> None:
    run = asked(session, "Book a flight to Oslo, a hotel for 3 nights, and mail Ann")
    assert [each.call for each in run.interrupts[0].actions] == [
        'book_flight(destination="Oslo", price_usd=440)',
        'book_hotel(city="Oslo", nights=3, price_usd=315)',
        'send_mail(to="ann@example.com", subject="Oslo")',
    ]
    with pytest.raises(CommandError, match="Action 2 does not allow respond"):
        resume(session, "x", respond=True)
    done = "Booked the flight to Oslo for 440 USD. Booked the hotel in Oslo for 3 nights, 315 USD. "
    assert said(resume(session, approve=True)) == f"{done}Sent “Oslo” to ann@example.com."


def test_a_plain_and_a_typed_question_on_request(session: Session) -> None:
    assert asked(session, "A flight to Oslo, and ask me in a plain way").interrupts[0].question == (
        "Book the flight to Oslo for 440 USD?"
    )
    assert said(resume(session, "yes")) == "Booked the flight to Oslo for 440 USD."
    asked(session, "plain: to Oslo")
    assert said(resume(session, "not today")) == "Nothing is booked. You said: not today"
    assert asked(session, "Let me choose a seat to Oslo").interrupts[0].shape == "typed"
    with pytest.raises(CommandError, match="row: 41 is greater"):
        resume(session, "row=41 side=aisle")
    assert said(resume(session, "row=3 side=aisle")) == "Reserved row 3, aisle, to Oslo."


def test_without_a_place_it_asks_for_one(session: Session) -> None:
    assert (
        runs.run(session, "hello", assistant="approval", thread="new").wait().messages[-1].text.startswith("Where to?")
    )

"""A graph with an error handler: its node is shown in words, and what it asks is answered."""

from __future__ import annotations

import pytest

from lg_magics.actions.answer_card import answer_card
from lg_magics.commands import graph, runs, state
from lg_magics.commands.people import resume
from lg_magics.errors import LgError
from lg_magics.session import Session
from lg_magics.views.card_text import card_text
from lg_magics.views.graph import graph_text
from lg_magics.views.run_card import CardMaker


def test_the_handler_of_a_node_is_named_by_it_on_cards_and_drawings(odd: Session) -> None:
    run = runs.run(odd, input={"said": []}, assistant="handled", thread="new").wait()
    assert "\n  work · error handler  wrote said" in card_text(CardMaker(run.info).card(run.view, settled=True))
    drawn = graph.graph(odd, run=run.number)
    assert drawn.note == ""
    assert "\n  work · error handler" in graph_text(drawn)


def test_what_a_handler_asks_is_answered_by_the_session_that_was_asked(odd: Session) -> None:
    run = runs.run(odd, input={"said": []}, assistant="asks_after", thread="new").wait()
    assert "work · error handler asks: Go on without it?" in card_text(CardMaker(run.info).card(run.view, settled=True))
    answered = resume(odd, "yes", interrupt="work · error handler").wait()
    assert answered.result["said"] == ["yes"]
    with pytest.raises(LgError, match="waits for nothing"):
        resume(odd, "again")


def test_what_a_handler_asks_is_answered_on_its_card(odd: Session) -> None:
    run = runs.run(odd, input={"said": []}, assistant="asks_after", thread="new").wait()
    went_on, lines = answer_card(odd, run, {run.interrupts[0].id: {"text": "no"}})
    assert went_on.wait().result["said"] == ["no"]
    assert lines == ["work · error handler asked: Go on without it? Answered: no"]
    assert state.state(odd).next == ()

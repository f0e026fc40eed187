"""What a server holds moves no cursor and colours no terminal, wherever it is told as plain text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from card_samples import TRIP, view

from lg_magics.errors import CommandError, UnknownReference
from lg_magics.model.answer_words import questions_listed
from lg_magics.model.answers import Answer, question_named, reply_to
from lg_magics.model.batch import Failure
from lg_magics.model.interrupts import Interrupt
from lg_magics.server.errors import detail_of
from lg_magics.views.batch_card import batch_text
from lg_magics.views.card_text import card_text
from lg_magics.views.run_card import CardMaker

from .batch_samples import SAMPLES
from .batch_samples import card as batch_sample

ESCAPE = "\x1b[2J\x1b]0;title\x07"
QUESTION = Interrupt(f"Send it?{ESCAPE}", f"id-{ESCAPE}abc", f"node{ESCAPE}")


def refused() -> str:
    response = httpx.Response(422, json={"detail": ESCAPE}, request=httpx.Request("POST", "http://h"))
    problem = httpx.HTTPStatusError("", request=response.request, response=response)
    vars(problem)["body"] = response.json()  # as the SDK does
    return detail_of(problem)


def asked() -> str:
    with pytest.raises(UnknownReference) as raised:
        question_named("nobody", [QUESTION])
    return str(raised.value)


def unfit() -> str:
    with pytest.raises(CommandError) as raised:
        reply_to(QUESTION, Answer(how="accept"))
    return str(raised.value)


def run_card() -> str:
    info = replace(TRIP, assistant=ESCAPE)
    seen = view("error", 1, (ESCAPE, "failed", 1), text=ESCAPE, error=ESCAPE, interrupts=(QUESTION,))
    return card_text(CardMaker(info).card(seen, note=ESCAPE, settled=True, answered=[ESCAPE]))


def a_batch() -> str:
    shown = batch_sample(next(iter(SAMPLES)))
    return batch_text(replace(shown, source=ESCAPE, failures=(Failure(1, ESCAPE, ESCAPE),)))


@pytest.mark.parametrize("told", [refused, asked, unfit, lambda: questions_listed([QUESTION]), run_card, a_batch])
def test_a_text_of_the_server_is_inert(told: Callable[[], str]) -> None:
    said = told()
    assert "␛[2J" in said
    assert not set(said) & {"\x1b", "\x07"}

"""What a graph asks of a person, in words and within bounds: for a card, and for a row of the panel. Pure; draws nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.bounds import fitted
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.tool_calls import Action
from lg_magics.model.visible_text import visible_json

__all__ = ["MOST_ASKED", "CardAction", "CardQuestion", "card_questions", "question_texts", "questions_from_texts"]

MOST_ASKED = 20
LONGEST_ARGS = 20_000  # what a person can edit on a page


@dataclass(frozen=True, slots=True)
class CardAction:
    """A call to decide on: `call` is it in words, `about` what the graph says of it, `args` its arguments as JSON."""

    call: str
    about: str
    args: str


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """What is asked of a person, by which node.

    Attributes:
        interrupt: the question.
        number: which of several it is; 0 where it is the only one.
        node: the node that asks.
        question: it in words.
        detail: what the graph gives with it.
        actions: the calls to decide on; none for a question.
    """

    interrupt: Interrupt
    number: int
    node: str
    question: str
    detail: str
    actions: tuple[CardAction, ...]


def card_questions(asked: Sequence[Interrupt], largest: int, rest: str) -> tuple[CardQuestion, ...]:
    """Questions in about `largest` bytes; `rest` is what to type for all of them."""
    return tuple(questions_from_texts(asked, fitted(question_texts(asked), largest, rest)))


def question_texts(asked: Sequence[Interrupt]) -> list[dict[str, Any]]:
    """The texts of questions, to be cut together with others."""
    return [_question(each) for each in asked[:MOST_ASKED]]


def _question(interrupt: Interrupt) -> dict[str, Any]:
    """A question's texts."""
    actions = interrupt.actions
    return {
        "node": interrupt.node,
        "question": interrupt.question,
        "detail": "" if actions else interrupt.detail,
        "actions": [{"call": each.call, "about": each.description, "args": _args(each)} for each in actions],
    }


def _args(action: Action) -> str:
    """The arguments as JSON; those that are too long to edit on a page are left out."""
    args = visible_json(json.dumps(dict(action.args), ensure_ascii=False, indent=2)) if action.args else ""
    return args if len(args) <= LONGEST_ARGS else ""


def questions_from_texts(asked: Sequence[Interrupt], texts: Sequence[Mapping[str, Any]]) -> Iterator[CardQuestion]:
    """Questions with these texts, numbered where there are several."""
    for number, each, said in zip(numbers_of(asked), asked, texts, strict=False):
        actions = tuple(CardAction(**action) for action in said["actions"])
        yield CardQuestion(each, number, said["node"], said["question"], said["detail"], actions)

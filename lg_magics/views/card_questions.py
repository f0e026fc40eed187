"""The interrupts of a graph as bounded text, for a card and for a row of the panel. Pure; renders nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.bounds import fitted
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import MOST_ASKED, numbers_of
from lg_magics.model.tool_calls import Action
from lg_magics.model.visible_text import visible_json

__all__ = ["CardAction", "CardQuestion", "card_questions", "question_texts", "questions_from_texts"]

LONGEST_ARGS = 20_000  # characters that a user can edit on a page


@dataclass(frozen=True, slots=True)
class CardAction:
    """A tool call to decide on: `call` in words, `about` as the graph describes it, `args` as JSON."""

    call: str
    about: str
    args: str


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """One interrupt, and the node that raised it.

    Attributes:
        interrupt: the interrupt.
        number: its number; 0 if it is the only one.
        node: the node that raised it, as shown.
        question: its question.
        detail: further values of the interrupt.
        actions: the tool calls to decide on; empty for a plain question.
    """

    interrupt: Interrupt
    number: int
    node: str
    question: str
    detail: str
    actions: tuple[CardAction, ...]


def card_questions(asked: Sequence[Interrupt], largest: int, rest: str) -> tuple[CardQuestion, ...]:
    """Return interrupts in about `largest` bytes; `rest` is the line that shows them whole."""
    return tuple(questions_from_texts(asked, fitted(question_texts(asked), largest, rest)))


def question_texts(asked: Sequence[Interrupt]) -> list[dict[str, Any]]:
    """Return the texts of interrupts, to be cut together with others."""
    return [_question(each) for each in asked[:MOST_ASKED]]


def _question(interrupt: Interrupt) -> dict[str, Any]:
    """Return the texts of one interrupt."""
    actions = interrupt.actions
    return {
        "node": interrupt.asker,
        "question": interrupt.question,
        "detail": "" if actions else interrupt.detail,
        "actions": [{"call": each.call, "about": each.description, "args": _args(each)} for each in actions],
    }


def _args(action: Action) -> str:
    """Return the arguments as JSON; "" if they are too long to edit on a page."""
    args = visible_json(json.dumps(dict(action.args), ensure_ascii=False, indent=2)) if action.args else ""
    return args if len(args) <= LONGEST_ARGS else ""


def _action_from_texts(action: Action, text: Mapping[str, str]) -> CardAction:
    """Return a tool call with these texts. Arguments that were cut are left out: nobody can edit them."""
    return CardAction(text["call"], text["about"], text["args"] if text["args"] == _args(action) else "")


def questions_from_texts(asked: Sequence[Interrupt], texts: Sequence[Mapping[str, Any]]) -> Iterator[CardQuestion]:
    """Yield interrupts with these texts, numbered if there are several."""
    for number, each, text in zip(numbers_of(asked), asked, texts, strict=False):
        actions = tuple(map(_action_from_texts, each.actions, text["actions"]))
        yield CardQuestion(each, number, text["node"], text["question"], text["detail"], actions)

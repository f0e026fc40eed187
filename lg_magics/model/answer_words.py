"""Describe interrupts in words: what is asked, what to type, and what was answered. Pure.

The lines that answer with given values are in model.answer_line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.model.decisions import cut_line, takes
from lg_magics.model.form import FormField
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.replies import form_of_question
from lg_magics.model.visible_text import visible_text

__all__ = ["answered_line", "how_to_answer", "how_to_recover", "questions_listed"]

TAIL = 6
MOST_FIELDS = 6


def answered_line(question: Interrupt, reply: Any) -> str:
    """Return an interrupt and its reply on one line, for the card of the next run."""
    return f"{question.asker or 'It'} asked: {cut_line(question.summary)} Answered: {cut_line(_reply_words(question, reply))}"


def _reply_words(question: Interrupt, reply: Any) -> str:
    """Return a reply in words."""
    if question.shape == "batched" and isinstance(reply, Mapping):
        return " · ".join(map(_decision_words, reply.get("decisions") or ()))
    if question.actions:
        return " · ".join(map(_decision_words, reply if isinstance(reply, list) else [reply]))
    if isinstance(reply, str):
        return reply
    if isinstance(reply, Mapping):
        return " ".join(f"{name}={_text(value)}" for name, value in reply.items())
    return _json(reply)


def _decision_words(decision: Any) -> str:
    if not isinstance(decision, Mapping):
        return _json(decision)
    edited = decision.get("edited_action") or decision.get("args")
    args = edited.get("args") if isinstance(edited, Mapping) else None
    words = decision.get("message") or (edited if isinstance(edited, str) else "" if args is None else _json(args))
    return " ".join(part for part in (str(decision.get("type")), str(words)) if part)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


# -- what is asked ----------------------------------------------------------------------------------------------


def questions_listed(pending: Sequence[Interrupt]) -> str:
    """Return a line for each interrupt, with its number if there are several; several actions have a line each."""
    lines = []
    for number, each in zip(numbers_of(pending), pending, strict=True):
        place = f"{number}  " if number else ""
        name = f"  {place}{cut_line(each.asker) or 'asked'} ·{each.id[-TAIL:]}  "
        actions = each.actions
        if len(actions) == 1:
            lines.append(f"{name}{cut_line(actions[0].call)}{_ways(each, 0)}")
        else:
            lines.append(f"{name}{cut_line(each.question if actions else each.summary)}")
            calls = (f"{n}  {cut_line(action.call)}{_ways(each, n - 1)}" for n, action in enumerate(actions, 1))
            lines += [f"      action {call}" for call in calls]
    return visible_text("\n".join(lines))


def _ways(question: Interrupt, place: int) -> str:
    ways = question.actions[place].ways
    return f"  ({', '.join(f'--{way}' for way in ways)})" if ways else ""


def how_to_answer(questions: Sequence[Interrupt]) -> str:
    """Return what to type for a run that waits, also at a breakpoint."""
    match list(questions):
        case []:
            return "stopped at a breakpoint: %lg_resume goes on"
        case [only]:
            return _how(only)
        case several:
            ways = [each.ways for each in several]
            shared = [way for way in ways[0] if way != "edit" and all(way in each for each in ways)]
            together = f"%lg_resume --{shared[0]} for all, or " if shared else ""
            return f"{together}%lg_resume --interrupt N ANSWER"


def _how(question: Interrupt) -> str:
    actions = question.actions
    if len(actions) == 1:
        return f"%lg_resume {' | '.join(takes(question, actions[0])) or '--json JSON'}"
    if actions:
        shared = [way for way in actions[0].ways if way != "edit" and all(way in each.ways for each in actions)]
        together = f"%lg_resume --{shared[0]} for all, or " if shared else ""
        return f"{together}%lg_resume --action N {' | '.join(f'--{way}' for way in question.ways)}"
    form = form_of_question(question)
    if form is None:
        return "%lg_resume ANSWER"
    alternatives = form.inside if form.kind == "options" else ()
    if any(each.kind == "object" for each in alternatives):
        return cut_line(f"%lg_resume {' | '.join(map(_typed, alternatives))}")
    return cut_line(f"%lg_resume {_typed(form)}")


def _typed(form: FormField) -> str:
    """Return how an answer is typed: `seat=… meal=…`, with the value of a field that has only one, or `ANSWER (a number)`."""
    if form.kind != "object":
        return f"ANSWER ({form.words})"
    fixed = {each.name: _text(each.choices[0]) for each in form.inside if each.is_fixed}
    wanted = [each.name for each in form.inside if each.is_fixed or not each.may_be_empty]
    wanted = wanted or [each.name for each in form.inside[:1]]
    more = " …" if len(wanted) > MOST_FIELDS else ""
    return " ".join(f"{name}={fixed.get(name, '…')}" for name in wanted[:MOST_FIELDS]) + more


def how_to_recover(questions: Sequence[Interrupt]) -> str:
    """Return what to type after an answer that made the graph fail; "" if none did."""
    failed = [each.failed for each in questions if each.failed is not None]
    if not failed:
        return ""
    others = list(dict.fromkeys(name for each in failed if each.is_kept for name in each.others))
    if others:
        names = cut_line(", ".join(others))
        return f"The question is still open. %lg_resume --again ANSWER answers it again, and runs {names} again."
    return "The question is still open: %lg_resume ANSWER answers it again."

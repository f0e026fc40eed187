"""Match answers to interrupts. Pure: knows interrupts and replies; sends nothing.

A reply goes to its interrupt by id, `{"resume": {id: reply}}`, also where there is only one: the server then
drops a reply to a missing interrupt, while a bare value with two open interrupts puts the thread in error. Several interrupts
are numbered; each keeps its number when others are answered (model.interrupts.QuestionNumbers).
"""

from __future__ import annotations

import hashlib
import json
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from lg_magics.errors import CommandError, UnknownReference
from lg_magics.model.answer_words import how_to_answer, questions_listed
from lg_magics.model.decisions import Decision, cut_line, decision_for
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.replies import checked_reply, reply_from_decisions, reply_from_text
from lg_magics.model.run_input import json_from_text
from lg_magics.model.tool_calls import Way

__all__ = [
    "Answer",
    "How",
    "decisions_in",
    "has_changed",
    "mark_of",
    "question_named",
    "replies_from",
    "reply_to",
    "resume_value",
]

How = Literal["plain", "json", Way]

SHORTEST_PART = 4
NO_DECISIONS: Mapping[int, Decision] = MappingProxyType({})
NONE_KEPT: Mapping[str, Mapping[int, Decision]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A user's answer, and how to read it.

    Attributes:
        value: A text, or any object.
        how: `plain` for a text as it is, `json` for a text to parse as JSON, or a kind of decision on an action.
        action: The number of the action, from 1; None for each of them.
    """

    value: Any = None
    how: How = "plain"
    action: int | None = None


def reply_to(question: Interrupt, answer: Answer, kept: Mapping[int, Decision] = NO_DECISIONS) -> Any:
    """Return the graph's value for an answer to an interrupt.

    A decision answers the actions on which no decision is kept.

    Raises:
        CommandError: the interrupt does not accept this kind of answer, the answer lacks a part, or a field does not fit.
    """
    value = answer.value
    if answer.how == "json":
        return checked_reply(question, json_from_text(value) if isinstance(value, str) else value)
    if answer.how == "plain":
        return reply_from_text(question, value) if isinstance(value, str) else checked_reply(question, value)
    if not kept:
        return reply_from_decisions(question, decisions_in(question, answer))
    others = [place for place in range(len(question.actions)) if place not in kept]
    decided = [decisions_in(question, replace(answer, action=place + 1)) for place in others]
    return reply_from_decisions(question, dict(ChainMap(dict(kept), *decided)))


def decisions_in(question: Interrupt, answer: Answer) -> dict[int, Decision]:
    """Return the decisions of an answer, by the index of the action.

    Raises:
        CommandError: the interrupt has no actions, or one of them does not allow the decision.
    """
    actions = question.actions
    if not actions:
        raise CommandError(
            f"--{answer.how} decides on an action, and this asks for none: {cut_line(question.summary)}",
            hint=how_to_answer([question]),
        )
    if answer.action is not None and not 1 <= answer.action <= len(actions):
        raise CommandError(
            f"There is no action {answer.action}: {len(actions)} to decide on.", hint="The first one is --action 1."
        )
    if answer.how == "edit" and answer.action is None and len(actions) > 1:
        raise CommandError(
            f"The question has {len(actions)} actions: --edit needs --action N.",
            hint="%lg_resume --action 1 --edit name=value",
        )
    places = range(len(actions)) if answer.action is None else [answer.action - 1]
    return {place: decision_for(question, place, answer.how, answer.value) for place in places}


# -- which question ---------------------------------------------------------------------------------------------


def replies_from(
    answer: Answer,
    pending: Sequence[Interrupt],
    named: str | None = None,
    kept: Mapping[str, Mapping[int, Decision]] = NONE_KEPT,
) -> dict[str, Any]:
    """Return replies by interrupt id.

    Args:
        answer: the user's answer; a mapping keyed by interrupts answers several at once.
        pending: the open interrupts.
        named: the interrupt to answer: its number, an id, a unique part of one, or a node.
        kept: earlier decisions on some actions: interrupt id → index of the action → decision.

    Raises:
        CommandError: there are several interrupts and none is named, or the answer does not fit.
        UnknownReference: no interrupt, or more than one, matches the name.
    """
    if len(pending) > 1 and not all(each.id for each in pending):
        raise CommandError(
            f"The deployment gives its {len(pending)} questions no ids: none of them can be answered alone.",
            hint="%lg_fork goes back to before they were asked.",
        )
    if named is not None:
        chosen = question_named(named, pending)
        return {chosen.id: reply_to(chosen, answer, kept.get(chosen.id, NO_DECISIONS))}
    by_name = _answers_by_name(answer, pending)
    if by_name is not None:
        return by_name
    if len(pending) > 1:
        if answer.how not in ("plain", "json", "edit") and all(each.actions for each in pending):
            return {each.id: reply_to(each, answer, kept.get(each.id, NO_DECISIONS)) for each in pending}
        first = numbers_of(pending)[0]
        raise CommandError(
            f"{len(pending)} questions are open:",
            listing=questions_listed(pending),
            hint=f'Name one, %lg_resume --interrupt {first} ANSWER, or answer all: %lg_resume --json {{"{first}": ANSWER, …}}',
        )
    return {pending[0].id: reply_to(pending[0], answer, kept.get(pending[0].id, NO_DECISIONS))}


def resume_value(replies: Mapping[str, Any]) -> Any:
    """Return the value that resumes a run: replies by id; the bare reply if a deployment gives its interrupt no id."""
    return replies[""] if "" in replies else dict(replies)


def _answers_by_name(answer: Answer, pending: Sequence[Interrupt]) -> dict[str, Any] | None:
    """Return the replies of a mapping from interrupts to answers; None for a mapping that is an answer itself.

    Where only one interrupt is open, the mapping must have its full id; if it is the last of several, its keys may be numbers or
    its node too, so that a line of an answered question is refused here.
    """
    if answer.how not in ("plain", "json"):
        return None
    value = json_from_text(answer.value) if answer.how == "json" and isinstance(answer.value, str) else answer.value
    if not isinstance(value, Mapping) or not value or not all(isinstance(name, str | int) for name in value):
        return None
    if len(pending) == 1:
        only = pending[0]
        if set(value) == {only.id}:
            return {only.id: reply_to(only, Answer(value[only.id]))}
        if not only.number or not all(_is_number(str(name)) or name in (only.id, only.node) for name in value):
            return None
    replies = {question_named(str(name), pending).id: reply for name, reply in value.items()}
    if len(replies) < len(value):
        raise CommandError("Two of these answers are for the same question.")
    return {each.id: reply_to(each, Answer(replies[each.id])) for each in pending if each.id in replies}


def _is_number(name: str) -> bool:
    """Return whether a name can be an interrupt's number: a longer one is a part of an id."""
    return name.isdecimal() and len(name) < SHORTEST_PART


def question_named(name: str, pending: Sequence[Interrupt]) -> Interrupt:
    """Return the interrupt that `name` means: its number, its id, a unique prefix or suffix of it, or the node that raised it.

    Raises:
        UnknownReference: no interrupt, or more than one, matches this name.
    """
    text = name.strip().lstrip("·…")
    found = [each for each in pending if name.strip() in (each.id, each.node, each.asker)]
    if not found and _is_number(text):
        number = int(text)
        found = [each for each, its in zip(pending, numbers_of(pending), strict=True) if number == (its or 1)]
    if not found and len(text) >= SHORTEST_PART:
        found = [each for each in pending if each.id.startswith(text) or each.id.endswith(text)]
    if len(found) == 1:
        return found[0]
    problem = f"'{name}' could be {len(found)} questions" if found else f"No open question '{name}'"
    raise UnknownReference(f"{problem}. Open are:", listing=questions_listed(pending))


def has_changed(shown: Sequence[Interrupt] | None, pending: Sequence[Interrupt]) -> bool:
    """Return whether the open interrupts differ from those last shown (None: none were), by ids and values."""
    return shown is not None and _key(shown) != _key(pending)


def mark_of(questions: Sequence[Interrupt], stopped_before: Sequence[str] = ()) -> str:
    """Return a token of what a thread waits for: equal while its interrupts, or the nodes of its breakpoint, are the same."""
    text = json.dumps([_key(questions), sorted(stopped_before)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _key(questions: Sequence[Interrupt]) -> dict[str, str]:
    return {each.id: json.dumps(each.value, sort_keys=True, default=str) for each in questions}

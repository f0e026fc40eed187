"""Convert a user's answer to the value for the graph, checked before anything is sent. Pure.

batched     {"decisions": [decision, …]}, one for each action, in their order
per call    decision
inbox       [decision], as in the Agent Inbox
typed       a value that fits the `response_schema`
free        the answer unchanged
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.answer_check import answer_problem
from lg_magics.model.changes import ABSENT
from lg_magics.model.decisions import (
    Decision,
    checked_decision,
    cut_line,
    decision_for,
    form_of_action,
    refuse,
    takes,
)
from lg_magics.model.filled import filled_value, pairs_in, value_of_pairs
from lg_magics.model.form import FormField, form_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.prefilled import edited_values
from lg_magics.model.run_input import json_from_text

__all__ = ["checked_reply", "form_of_question", "reply_from_decisions", "reply_from_form", "reply_from_text"]


def reply_from_decisions(question: Interrupt, decisions: Mapping[int, Decision]) -> Any:
    """Return the graph's value for a decision on each action.

    Raises:
        CommandError: One is missing.
    """
    missing = [place for place in range(len(question.actions)) if place not in decisions]
    if missing:
        action = question.actions[missing[0]]
        hint = f"%lg_resume --action {missing[0] + 1} {takes(question, action)[0] if action.ways else '--json'}"
        raise CommandError(f"No decision yet on action {missing[0] + 1}: {cut_line(action.call)}", hint=hint)
    ordered = [decisions[place] for place in range(len(question.actions))]
    match question.shape:
        case "batched":
            return {"decisions": ordered}
        case "inbox":
            return ordered
    return ordered[0]


def checked_reply(question: Interrupt, value: Any) -> Any:
    """Check a whole reply, given as JSON or as an object, and return it in the graph's format.

    Raises:
        CommandError: It does not fit the interrupt; the message names the problem.
    """
    value = _plain(value)
    match question.shape:
        case "batched":
            return {"decisions": _checked_decisions(question, _decisions_in(question, value))}
        case "per call":
            return checked_decision(question, 0, value)
        case "typed":
            refuse(answer_problem(question.response_schema, value))
    return value


def _plain(value: Any) -> Any:
    """Return models and data classes as JSON."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def _decisions_in(question: Interrupt, value: Any) -> list[Any]:
    """Return the decisions of a reply: a single one, or a list of them, also counts as a reply."""
    if isinstance(value, Mapping) and "decisions" in value:
        value = value["decisions"]
    found = [value] if isinstance(value, Mapping) else value
    count = len(question.actions)
    if not isinstance(found, list | tuple) or len(found) != count:
        given = f"{len(found)} given" if isinstance(found, list | tuple) else "none given"
        raise CommandError(
            f"{count} {'decision is' if count == 1 else 'decisions are'} required, one for each action; {given}.",
            hint='%lg_resume --json {"decisions": [{"type": "approve"}, …]}',
        )
    return list(found)


def _checked_decisions(question: Interrupt, decisions: Sequence[Any]) -> list[Decision]:
    return [checked_decision(question, place, each) for place, each in enumerate(decisions)]


# -- from a line ------------------------------------------------------------------------------------------------


def reply_from_text(question: Interrupt, text: str) -> Any:
    """Return the graph's value for a line of text: unchanged, or parsed by the schema.

    Raises:
        CommandError: It does not fit.
    """
    if actions := question.actions:
        ways = takes(question, actions[0])
        which = ", with --action N for one of several" if len(actions) > 1 else ""
        hint = f"It takes {' or '.join(ways)}{which}." if ways else "It takes --json only."
        raise CommandError(f"A text is no answer to this request: {cut_line(question.summary)}", hint=hint)
    if question.shape != "typed":
        return text
    form = form_of_question(question)
    assert form is not None
    if form.nullable and form.kind != "text" and text.strip() == "null":
        value = None
    elif form.kind == "object":
        is_json = text.lstrip().startswith("{")
        names = tuple(each.name for each in form.inside)
        value = json_from_text(text) if is_json else value_of_pairs(form, pairs_in(text, names))
    else:
        value = _read(question, form, text)
    return checked_reply(question, value)


def _read(question: Interrupt, form: FormField, text: str) -> Any:
    """Parse a line as the value of a form without field names."""
    if form.kind == "boolean":
        return filled_value(dataclasses.replace(form, kind="choice", choices=(True, False)), text)
    if form.kind != "options":
        return filled_value(form, text)
    try:
        return json_from_text(text)
    except CommandError:
        return _alternative(question, form, text)


def _alternative(question: Interrupt, form: FormField, text: str) -> Any:
    """Return the value of the first alternative with names that a line fits; the text itself if another alternative accepts it.

    Raises:
        CommandError: It fits no alternative; the problem is that of the alternative that the line names, by `kind=card`.
    """
    problems = []
    for each in form.inside:
        if each.kind == "object":
            try:
                pairs = pairs_in(text, tuple(field.name for field in each.inside))
                return checked_reply(question, value_of_pairs(each, pairs))
            except CommandError as problem:
                problems.append((_is_named(each, text), problem))
    if len(problems) == len(form.inside):
        raise next((problem for is_named, problem in problems if is_named), problems[0][1])
    return text


def _is_named(alternative: FormField, text: str) -> bool:
    """Return whether a line holds a value that only this alternative has: `kind=card`."""
    fixed = [f" {each.name}={each.choices[0]} " for each in alternative.inside if each.is_fixed]
    return any(each in f" {' '.join(text.split())} " for each in fixed)


# -- from a page ------------------------------------------------------------------------------------------------


def form_of_question(question: Interrupt) -> FormField | None:
    """Return the form of a typed interrupt; None for others."""
    return form_of(question.response_schema or {}) if question.shape == "typed" else None


def reply_from_form(question: Interrupt, given: object) -> Any:
    """Return the graph's value for a form filled in on a page, which may be any JSON.

    Raises:
        CommandError: A field is missing, or does not fit.
    """
    held = given if isinstance(given, Mapping) else {}
    if question.actions:
        places = range(len(question.actions))
        return reply_from_decisions(question, {n: _from_form(question, n, held.get(str(n))) for n in places})
    form = form_of_question(question)
    if form is not None and "v" in held:
        value = filled_value(form, held["v"])
        return checked_reply(question, None if value is ABSENT else value)
    text = held.get("text")
    if not isinstance(text, str) or not text.strip():
        raise CommandError(f"No answer yet to: {cut_line(question.question)}")
    return (
        checked_reply(question, json_from_text(text)) if held.get("json") is True else reply_from_text(question, text)
    )


def _from_form(question: Interrupt, place: int, given: object) -> Decision:
    held, action = (given if isinstance(given, Mapping) else {}), question.actions[place]
    way = held.get("way")
    if not isinstance(way, str) or way not in action.ways:
        raise CommandError(f"No decision yet on {cut_line(action.call)}")
    value = held.get(way)
    if way == "edit" and (form := form_of_action(action)) is not None and "args" in held:
        value = edited_values(form, action.args, held.get("args"))
    return decision_for(question, place, way, value if value != "" or way == "respond" else None)

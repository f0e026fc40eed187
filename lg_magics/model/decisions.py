"""Turn a user's decision on a tool call into the graph's format, checked before anything is sent. Pure.

LangChain's middleware accepts {"type": "approve"}, {"type": "edit", "edited_action": {"name", "args"}}, {"type": "reject",
"message"?} or {"type": "respond", "message"}; the Agent Inbox accepts langgraph's `HumanResponse`, {"type": "accept" | "edit" |
"response" | "ignore", "args": …}.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.answer_check import answer_problem
from lg_magics.model.filled import FieldError, pairs_in, value_of_pairs
from lg_magics.model.form import FormField, form_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.run_input import json_from_text
from lg_magics.model.schema_check import Problem
from lg_magics.model.tool_calls import DECISIONS, Action, Way, decision_schema
from lg_magics.model.visible_text import visible_text

__all__ = [
    "Decision",
    "checked_decision",
    "cut_line",
    "decision_for",
    "form_of_action",
    "refuse",
    "takes",
]

Decision = dict[str, Any]

LONGEST_LINE = 160
TAKES: Mapping[str, str] = {"edit": "--edit JSON", "respond": "--respond TEXT", "reject": "--reject [WHY]"}
SAME: Mapping[str, str] = {"approve": "accept", "accept": "approve", "reject": "ignore", "ignore": "reject"}
"""Names of the middleware and the Agent Inbox for the same decision."""


def cut_line(text: str) -> str:
    """Return a text on one line, shortened, with every character visible."""
    words = visible_text(" ".join(text.split()))
    return words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…"


def takes(question: Interrupt, action: Action) -> list[str]:
    """Return the options that decide on an action: `--approve`, `--edit price=…`."""
    edit = (
        f"--edit {cut_line(next(iter(action.args)))}=…" if question.shape != "inbox" and action.args else TAKES["edit"]
    )
    return [edit if way == "edit" else TAKES.get(way, f"--{way}") for way in action.ways]


# -- decisions --------------------------------------------------------------------------------------------------


def _decision_name(question: Interrupt, how: str, action: Action, place: int | None = None) -> Way:
    """Return the decision's name in this request.

    Raises:
        CommandError: The request does not allow it.
    """
    own = DECISIONS if question.shape != "inbox" else ("accept", "edit", "respond", "ignore")
    way = how if how in own else SAME.get(how, how)
    if way in action.ways:
        return way
    who = f"Action {place}" if place is not None and len(question.actions) > 1 else "This request"
    hint = f"It takes {' or '.join(takes(question, action))}." if action.ways else "It takes --json only."
    raise CommandError(f"{who} does not allow {how}: {cut_line(action.call)}", hint=hint)


def decision_for(question: Interrupt, place: int, how: str, value: Any) -> Decision:
    """Return the decision on one action, by its index from 0.

    Raises:
        CommandError: It is not allowed, lacks a part, or its arguments do not fit the tool's schema.
    """
    action = question.actions[place]
    way = _decision_name(question, how, action, place + 1)
    made = _inbox_decision(action, way, value) if question.shape == "inbox" else _decision(action, way, value)
    return checked_decision(question, place, made) if question.shape != "inbox" else made


def _decision(action: Action, way: Way, value: Any) -> Decision:
    match way:
        case "edit":
            return {"type": "edit", "edited_action": {"name": action.name, "args": _new_args(action, value)}}
        case "respond":
            return {"type": "respond", "message": _text(way, value)}
        case "reject" if value not in (None, ""):
            return {"type": "reject", "message": _text(way, value)}
    _reject_text(way, value)
    return {"type": way}


def _inbox_decision(action: Action, way: Way, value: Any) -> Decision:
    match way:
        case "edit":
            return {"type": "edit", "args": {"action": action.name, "args": _new_args(action, value)}}
        case "respond":
            return {"type": "response", "args": _text(way, value)}
    _reject_text(way, value)
    return {"type": way, "args": None}


def _reject_text(way: Way, value: Any) -> None:
    if value not in (None, ""):
        raise CommandError(f"--{way} takes no text.", hint="%lg_resume --respond TEXT answers with a text.")


def _text(way: Way, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CommandError(f"--{way} needs a text.", hint=f"%lg_resume --{way} TEXT")
    return value


def _new_args(action: Action, value: Any) -> dict[str, Any]:
    """Return the new arguments: a mapping, JSON, or `name=value` pairs over the old ones."""
    args = value
    if isinstance(value, str) and value.strip():
        is_json = value.lstrip().startswith(("{", "["))
        args = json_from_text(value) if is_json else _args_of_line(action, value)
    if not isinstance(args, Mapping):
        shown = json.dumps(dict(action.args), ensure_ascii=False, default=str)
        raise CommandError(
            "--edit takes name=value, or all of the action's arguments, as a JSON object or a $mapping.",
            hint=f"They are {visible_text(shown)}" if len(shown) <= LONGEST_LINE else "%lg_state shows them.",
        )
    return dict(args)


def _args_of_line(action: Action, text: str) -> dict[str, Any]:
    """Return the arguments with those of a line in place of the old ones; one that the line leaves empty may be left out."""
    form = form_of_action(action)
    if form is not None and form.kind == "object":
        pairs = pairs_in(text, tuple(each.name for each in form.inside))
        new = value_of_pairs(form, pairs)
    else:
        pairs = pairs_in(text, tuple(action.args))
        new = {name: _like(name, given, action.args[name]) for name, given in pairs.items()}
    return {name: value for name, value in {**action.args, **new}.items() if name in new or name not in pairs}


def _like(name: str, given: str, old: Any) -> Any:
    """Convert a value to the type of the old one, where no schema gives a type."""
    if isinstance(old, str):
        return given
    try:
        new = json_from_text(given)
    except CommandError:
        new = given
    is_other = isinstance(new, bool) != isinstance(old, bool) or isinstance(new, str)
    if isinstance(old, bool | int | float) and is_other:
        wanted = "true or false" if isinstance(old, bool) else "a number"
        raise FieldError(f"{name} must be {wanted}, got {json.dumps(given, ensure_ascii=False)[:80]}.")
    return new


def checked_decision(question: Interrupt, place: int, decision: Any) -> Decision:
    """Check a decision in the graph's format, and return it as it will be sent.

    Raises:
        CommandError: it is not a decision, is not allowed, or does not fit the schema.
    """
    action = question.actions[place]
    way = decision.get("type") if isinstance(decision, Mapping) else None
    if isinstance(decision, Mapping) and not action.ways:  # an unknown kind of request: the graph checks the decision
        return dict(decision)
    if not isinstance(decision, Mapping) or not isinstance(way, str) or way not in DECISIONS:
        raise CommandError(
            f"A decision needs a type: {', '.join(action.ways)}.", hint='%lg_resume --json {"type": "approve"}'
        )
    _decision_name(question, way, action, place + 1)
    given = dict(decision)
    if way == "edit":
        _check_edit(question, action, given.get("edited_action"))
    if (way == "respond" or "message" in given) and not isinstance(given.get("message"), str):
        raise CommandError(f"The message of {way} must be a text.")
    if question.response_schema is not None and question.shape == "per call":
        schema = decision_schema(question.response_schema, way) or question.response_schema
        refuse(answer_problem(schema, given, "edited_action.args"))
    return given


def _check_edit(question: Interrupt, action: Action, edited: Any) -> None:
    if not isinstance(edited, Mapping) or not isinstance(edited.get("name"), str):
        raise CommandError('edited_action must be {"name": …, "args": {…}}.')
    if edited["name"] not in {each.name for each in question.actions}:  # an agent without that tool fails for good
        raise CommandError(
            f"An edit changes the arguments of {cut_line(action.name)}, and not the tool: {cut_line(edited['name'])}."
        )
    if not isinstance(edited.get("args"), Mapping):
        raise CommandError("The args of edited_action must be a mapping.")
    if action.schema is not None and edited["name"] == action.name:
        refuse(answer_problem(action.schema, edited["args"], subject="the call"))


def refuse(problem: Problem | None) -> None:
    """Raise a CommandError for a problem, if there is one."""
    if problem is not None:
        words = problem.words[:1].upper() + problem.words[1:] if problem.words.startswith("the ") else problem.words
        raise FieldError(f"{words}.", hint=problem.hint)


def form_of_action(action: Action) -> FormField | None:
    """Return the form of an action's arguments, with their values as defaults; None if the schema is unknown."""
    if action.schema is None:
        return None
    form = form_of(action.schema)
    if form.kind != "object" or not set(action.args) <= {each.name for each in form.inside}:
        return None
    inside = tuple(dataclasses.replace(each, default=action.args.get(each.name, each.default)) for each in form.inside)
    return dataclasses.replace(form, inside=inside)

"""Render the interrupts of a graph as a tree with a form. Depends on the card and on nodes.

Buttons decide on a tool call; an edit has a field for each argument where the tool's schema is known. An interrupt with a
schema has a field for each property. Free text has no default, no key press sends, and one button sends all answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lg_magics.model.answer_words import how_to_answer, how_to_recover
from lg_magics.model.bounds import fair_share, saved_size
from lg_magics.model.changes import ABSENT
from lg_magics.model.decisions import form_of_action
from lg_magics.model.form import FormField
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.prefilled import shown_value
from lg_magics.model.replies import form_of_question
from lg_magics.views.card_questions import CardAction, CardQuestion
from lg_magics.views.frame_tree import action, note, pre, section
from lg_magics.views.node import Children, Node, node, spaced
from lg_magics.views.run_card import RunCard

__all__ = ["answers_form", "asked_section"]

LONG_LABEL = 200
LONG_TEXT = 60
LARGEST_FORM = 16_000
"""The maximum bytes of a form; a larger one becomes one box for JSON."""
LARGEST_FORMS = 150_000  # bytes of the forms of all questions together
PLACEHOLDERS = {"edit": "all arguments, as JSON", "respond": "your answer", "reject": "why, if you like"}


def asked_section(shown: RunCard) -> Node | None:
    """Return the interrupts of a run, with a form where they can be answered."""
    questions = shown.questions
    if shown.view.status == "error" and not questions:
        return None
    waits = "waiting for an answer" if questions else "stopped at a breakpoint"
    says = note(waits, "waits") if shown.view.status == "waiting" and not shown.note else None
    if not shown.can_resume:
        return section("questions", [_question(each) for each in questions], says)
    return section("questions", answers_form(questions, note(shown.more_questions) if questions else says))


def answers_form(
    questions: Sequence[CardQuestion],
    says: Node | None = None,
    act: str = "resume",
    given: Mapping[str, object] | None = None,
    focus: str = "",  # the element to focus when the button is gone
) -> Node:
    """Return the form of all interrupts: one button sends the fields and `given`. A breakpoint has no fields."""
    asked = [each.interrupt for each in questions]
    sizes = [saved_size(form) for each in questions for form in _forms(each)]
    largest = min(LARGEST_FORM, fair_share(sizes, LARGEST_FORMS))
    others = list(dict.fromkeys(name for each in asked if each.failed for name in each.failed.others))
    words = "Resume" if questions else "Go on"
    common: dict[str, Any] = {"data_busy": "Sending…", "data_needs_valid": True, "data_focus": focus}
    buttons = [action(act, words, args=given, class_="lg-resume lg-main", **common)]
    if others:
        label = f"Resume, and run {', '.join(others)[:LONG_LABEL]} again"
        buttons.append(action(act, label, key="again", args={**(given or {}), "again": True}, **common))
    instead = "insert the line that sends this instead"
    buttons.append(action("line", "+ cell", args=given, class_="lg-quiet", title=instead))
    line = how_to_answer(asked) if questions and not given else ""
    hint = node("code", line, class_="lg-line", data_static="no") if line else None
    return node(
        "div",
        [_question(each, largest) for each in questions],
        says,
        note(how_to_recover(asked), "recover"),
        node("div", spaced(buttons, hint), class_="lg-send"),
        key="answers",
        data_form="answers",
        class_="lg-answers",
    )


def _forms(asked: CardQuestion) -> Iterator[Node]:
    """Yield the fields of a question, or of each of its tool calls, where their schema is known."""
    if not asked.actions and (form := form_of_question(asked.interrupt)):
        alone = {"class_": "lg-fields", "key": "fields", "data_static": "no"}
        yield _fields(form, "v") if form.kind == "object" else node("div", _field(form, "v"), **alone)
    for held, _ in zip(asked.interrupt.actions, asked.actions, strict=False):
        if form := form_of_action(held):
            yield _fields(form, "args")


def _question(asked: CardQuestion, largest: int | None = None) -> Node:
    """Return a question, and with `largest` (bytes of a form) its form."""
    number = node("span", f"{asked.number}", class_="lg-number") if asked.number else None
    label = f"answer to {asked.node or 'the question'}{f' {asked.number}' if asked.number else ''}"
    inside: list[Children] = [pre(asked.detail) if asked.detail else None]
    if asked.actions:
        inside += [_action(place, each, asked, largest) for place, each in enumerate(asked.actions)]
    elif largest is not None:
        inside.append(_answer_fields(asked, largest))
    form = node(
        "div", inside, key="form", data_form=asked.interrupt.id, class_="lg-form", role="group", aria_label=label
    )
    return node(
        "div",
        spaced(number, node("b", asked.node) if asked.node else None, node("span", f"asks: {asked.question}")),
        form if len(form) > 2 else None,
        key=asked.interrupt.id,
        class_="lg-ask",
    )


# -- tool calls -------------------------------------------------------------------------------------------------


def _action(place: int, shown: CardAction, asked: CardQuestion, largest: int | None) -> Node:
    several = len(asked.actions) > 1
    about = shown.about if several or shown.about != asked.question else ""
    call = node("code", shown.call, class_="lg-call")
    numbered = spaced(node("span", f"action {place + 1}", class_="lg-number"), call) if several else [call]
    return node(
        "div",
        node("div", numbered),
        note(about),
        _decision_fields(asked.interrupt, place, shown, largest) if largest is not None else None,
        key=str(place),
        data_form=str(place),
        class_="lg-action",
        role="group",
        aria_label=shown.call[:LONG_LABEL],
    )


def _decision_fields(question: Interrupt, place: int, shown: CardAction, largest: int) -> list[Children]:
    held = question.actions[place]
    buttons = [
        node("button", way.capitalize(), key=way, class_="lg-way", data_choice=f"way:{way}") for way in held.ways
    ]
    form = form_of_action(held)
    fields = _fields(form, key="args", shows="way:edit") if form else None
    edit: list[Children] = [fields] if fields and saved_size(fields) <= largest else _edit_box(shown)
    return [
        node("div", buttons, key="way", required=True, class_="lg-ways", data_static="no"),
        *(edit if "edit" in held.ways else ()),
        *(_box(way, shown.call, shows=f"way:{way}") for way in held.ways if way in ("reject", "respond")),
    ]


def _edit_box(shown: CardAction) -> list[Children]:
    fill = node("button", "Copy the arguments into the box", key="fill", data_fill=shown.args, data_shows="way:edit")
    return [_box("edit", shown.call, shows="way:edit"), fill if shown.args else None]


def _box(way: str, about: str, *, shows: str | None = None) -> Node:
    return node(
        "textarea",
        key=way or "text",
        class_="lg-answer",
        required=way != "reject",
        rows=3,
        spellcheck="false",
        placeholder=PLACEHOLDERS.get(way, "your answer"),
        aria_label=f"{way or 'answer'}: {about[:LONG_LABEL]}",
        data_shows=shows,
        data_draft=True,
        data_static="no",
    )


# -- questions --------------------------------------------------------------------------------------------------


def _answer_fields(asked: CardQuestion, largest: int) -> list[Node]:
    fields = next(_forms(asked), None)
    if fields is not None and saved_size(fields) <= largest:
        return [fields]
    json_box = node("label", node("input", type="checkbox", key="json"), " As JSON", key="as-json", data_static="no")
    return [_box("", asked.question), json_box]


def _fields(form: FormField, key: str, shows: str | None = None) -> Node:
    """Return the fields of an object, each named by its index."""
    rows = [_field(each, str(place)) for place, each in enumerate(form.inside)]
    return node("div", rows, key=key, data_form=key, class_="lg-fields", data_shows=shows, data_static="no")


def _field(field: FormField, key: str) -> Node:
    """Return one field with its name and a hint."""
    if field.kind == "options" and field.default in (ABSENT, None):
        return _options(field, key)
    control = _control(field, key)
    words = field.words if field.may_be_empty is False else f"{field.words}, optional".replace(" or null", "")
    parts = (words, field.bounds_words, field.description)
    hint = node("span", " · ".join(part for part in parts if part), class_="lg-hint")
    name = node("span", field.name or "answer", class_="lg-name")
    return node("label", name, control, hint, key=f"field-{key}", class_="lg-field")


def _control(field: FormField, key: str) -> Node:
    shown = shown_value(field)
    required = not field.may_be_empty
    label = f"{field.name or 'answer'}, {field.words}"[:LONG_LABEL]
    common: dict[str, Any] = {"aria_label": label, "data_draft": True}
    least, most = field.bounds
    match field.kind:
        case "boolean":
            return node("input", key=key, type="checkbox", checked=shown is True, **common)
        case "choice":
            return _select(field, key, shown, required=required, label=label)
        case "date":
            return node("input", key=key, type="date", value=shown, required=required, **common)
        case "integer":
            return node("input", key=key, type="number", value=shown, min=least, max=most, required=required, **common)
        case "number":
            return node(
                "input",
                key=key,
                type="number",
                step="any",
                value=shown,
                min=least,
                max=most,
                required=required,
                **common,
            )
        case "text":
            text = str(shown)
            is_long = len(text) > LONG_TEXT or "\n" in text
            shortest = least if required or least is None else None
            return node(
                "textarea",
                key=key,
                class_="lg-answer",
                rows=4 if is_long else 1,
                value=text,
                required=required,
                minlength=shortest,
                maxlength=most,
                spellcheck="false",
                **common,
            )
        case _:
            return node(
                "textarea",
                key=key,
                class_="lg-answer",
                rows=2,
                value=shown,
                required=required,
                placeholder="JSON",
                spellcheck="false",
                data_check="json" if required else None,
                **common,
            )


def _select(field: FormField, key: str, shown: str | bool, *, required: bool, label: str) -> Node:
    values = [json.dumps(each, ensure_ascii=False) for each in field.choices]
    options = [node("option", "choose…" if required else "none")]
    options[0][1]["value"] = ""  # type: ignore[index,call-overload]
    options += [
        node("option", each if isinstance(each, str) else value, value=value)
        for each, value in zip(field.choices, values, strict=True)
    ]
    return node(
        "select",
        options,
        key=key,
        value=shown,
        required=required,
        aria_label=label,
        data_draft=True,
    )


def _options(field: FormField, key: str) -> Node:
    """Return alternatives: a button for each, and the fields of the chosen one."""
    buttons = [
        node("button", each.words, key=f"of-{place}", class_="lg-way", data_choice=f"of:{place}")
        for place, each in enumerate(field.inside)
    ]
    parts = [
        _fields(each, str(place), shows=f"of:{place}")
        if each.kind == "object"
        else node(
            "div", _field(each, str(place)), key=f"alternative-{place}", class_="lg-fields", data_shows=f"of:{place}"
        )
        for place, each in enumerate(field.inside)
    ]
    return node(
        "div",
        node("span", field.name or "answer", class_="lg-name"),
        node("div", buttons, key="of", required=not field.may_be_empty, class_="lg-ways"),
        parts,
        key=key,
        data_form=key,
        class_="lg-options",
        role="group",
        aria_label=field.name or "answer",
    )

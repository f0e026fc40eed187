"""A tool call that is edited on a page: what a person changed is changed, and every other argument stays as the model gave it."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.errors import CommandError
from lg_magics.model.answers import Answer, reply_to
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.replies import reply_from_form
from lg_magics.views.card_questions import card_questions
from lg_magics.views.node import attributes_of, nodes_in
from lg_magics.views.question_tree import answers_form

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "to": {"type": "string"},
        "text": {"type": "string", "default": ""},
        "rows": {"type": "array", "items": {"type": "integer"}},
        "urgent": {"type": "boolean", "default": False},
        "n": {"type": "integer"},
        "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        "note": {"type": "string", "default": "none"},
    },
    "required": ["to"],
}


def call(**args: Any) -> Interrupt:
    asked = {
        "action_requests": [{"name": "post", "args": args}],
        "review_configs": [{"action_name": "post", "allowed_decisions": ["approve", "edit"], "args_schema": SCHEMA}],
    }
    return Interrupt(asked, "i")


def shown_by(asked: Interrupt) -> dict[str, Any]:
    """What a browser's fields hold before anybody types, by the place of the field; {} where the form is one box."""
    tree = answers_form(card_questions([asked], 1_000_000, ""))
    forms = [each for each in nodes_in(tree) if attributes_of(each).get("data-form") == "args"]
    held: dict[str, Any] = {}
    for each in nodes_in(forms[0]) if forms else ():
        tag, attributes = each[0], attributes_of(each)
        if tag in ("input", "textarea", "select"):
            is_box = attributes.get("type") == "checkbox"
            text = attributes.get("value", "").replace("\r\n", "\n")
            held[attributes["key"]] = "checked" in attributes if is_box else text
    return held


def edited(asked: Interrupt, **changed: Any) -> Any:
    places = {name: str(place) for place, name in enumerate(SCHEMA["properties"])}
    given = {**shown_by(asked), **{places[name]: value for name, value in changed.items()}}
    decisions = reply_from_form(asked, {"0": {"way": "edit", "edit": "", "args": given}})["decisions"]
    return decisions[0]["edited_action"]["args"]


@pytest.mark.parametrize(
    "args",
    [
        {"text": "x" * 9_000},
        {"rows": list(range(2_000))},
        {"text": "one\r\ntwo\r\n"},
        {"urgent": True, "n": 5, "day": "2026-12-24", "note": ""},
        {"day": None},
        {"rows": []},
        {},
    ],
    ids=lambda args: ",".join(args) or "none",
)
def test_an_argument_that_nobody_touched_is_sent_as_the_model_gave_it(args: dict[str, Any]) -> None:
    assert edited(call(to="ann", **args), to="bob") == {"to": "bob", **args}


def test_a_value_that_the_tool_would_convert_is_shown_and_sent_as_the_tool_reads_it() -> None:
    assert edited(call(to="ann", urgent="true", n="5"), to="bob") == {"to": "bob", "urgent": True, "n": 5}
    assert edited(call(to=7), n="1") == {"to": "7", "n": 1}


def test_a_value_that_the_form_cannot_show_is_refused_and_not_left_out() -> None:
    with pytest.raises(CommandError, match='n must be integer, got "five"'):
        edited(call(to="ann", n="five"), to="bob")
    assert edited(call(to="ann", n="five"), n="5") == {"to": "ann", "n": 5}


def test_arguments_that_are_too_large_for_fields_are_edited_as_json() -> None:
    assert shown_by(call(to="ann", text="x" * 16_000)) == {}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("n=", {"to": "ann", "day": "2026-12-24"}),
        ("n= day=", {"to": "ann", "day": None}),
        ("day= to=", {"to": "", "n": 5, "day": None}),
        ("n=6", {"to": "ann", "n": 6, "day": "2026-12-24"}),
    ],
)
def test_a_value_that_is_given_empty_on_a_line_is_left_out_or_null(typed: str, expected: dict[str, Any]) -> None:
    sent = reply_to(call(to="ann", n=5, day="2026-12-24"), Answer(typed, "edit"))
    assert sent["decisions"][0]["edited_action"]["args"] == expected


def test_a_value_that_was_cleared_is_empty_or_null_or_left_out() -> None:
    asked = call(to="ann", text="hello", rows=[1], n=5, day="2026-12-24")
    assert edited(asked, text="", rows="", n="", day="") == {"to": "ann", "text": "", "day": None}
    assert edited(call(to="ann"), note="") == {"to": "ann", "note": ""}

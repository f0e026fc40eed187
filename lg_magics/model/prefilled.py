"""Forms with initial values, as of a tool call that is edited: what a page shows of them, and what a person changed. Pure."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from typing import Any

from lg_magics.model.changes import ABSENT
from lg_magics.model.filled import BOOLEANS, filled_value
from lg_magics.model.form import FormField

__all__ = ["edited_values", "shown_value"]

DECIMAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def shown_value(field: FormField) -> str | bool:
    """Return what a page's control of this field holds at first: its default, or "" if the control cannot hold it."""
    held = None if field.default is ABSENT else field.default
    match field.kind:
        case "boolean":
            return held is True or (isinstance(held, str) and BOOLEANS.get(held.strip().lower()) is True)
        case "choice":
            chosen = json.dumps(held, ensure_ascii=False, default=str)
            return chosen if chosen in [json.dumps(each, ensure_ascii=False) for each in field.choices] else ""
        case "integer" | "number":
            text = held.strip() if isinstance(held, str) else _number_text(held)
            return text if DECIMAL.fullmatch(text) else ""
        case "date":
            return held if isinstance(held, str) and _is_date(held) else ""
        case "text" if isinstance(held, str):
            return held
    return "" if held is None else json.dumps(held, ensure_ascii=False, default=str)


def _number_text(held: object) -> str:
    return json.dumps(held) if isinstance(held, int | float) and not isinstance(held, bool) else ""


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def edited_values(form: FormField, values: Mapping[str, Any], given: object) -> dict[str, Any]:
    """Return an object's values as edited on a page: those of the fields that a person changed are replaced.

    Args:
        form: The form that the page has shown, with the values as defaults.
        values: The values before.
        given: What the page's fields hold now, by index; any JSON.

    Raises:
        FieldError: A value does not fit its field.
    """
    held = given if isinstance(given, Mapping) else {}
    found = dict(values)
    for place, each in enumerate(form.inside):
        if str(place) in held:
            found[each.name] = _edited(each, values.get(each.name, ABSENT), held[str(place)])
    return {name: value for name, value in found.items() if value is not ABSENT}


def _edited(field: FormField, value: Any, given: object) -> Any:
    shown = shown_value(field)
    is_empty = isinstance(given, Mapping) and not given.get("of")  # no alternative was chosen
    if _as_in_a_box("" if is_empty else given) != _as_in_a_box(shown):
        return filled_value(field, given)
    if value is ABSENT and not field.required:
        return ABSENT
    is_unfit = value is ABSENT or (value is None and not field.nullable)
    return filled_value(field, given) if is_unfit or (shown != "" and not _is_of(field, value)) else value


def _as_in_a_box(value: object) -> object:
    """Return a text with the line ends that a text box of a browser has."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _is_of(field: FormField, value: Any) -> bool:
    """Return whether a value has the type of its field, and is not one that the tool would convert: `"5"` for a number."""
    match field.kind:
        case "text":
            return isinstance(value, str)
        case "integer" | "number":
            return not isinstance(value, str)
        case "boolean":
            return not (isinstance(value, str) and value.strip().lower() in BOOLEANS)
    return True

"""Convert what a user filled into a form, on a page or on a line, to a value. Pure. A page names a field by its index."""

from __future__ import annotations

import datetime
import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.changes import ABSENT
from lg_magics.model.form import FormField
from lg_magics.model.run_input import json_from_text

__all__ = ["BOOLEANS", "FieldError", "filled_value", "pairs_in", "value_of_pairs"]

LONGEST = 60


class FieldError(CommandError):
    """A value that does not fit its field; the message names the field."""


def filled_value(field: FormField, given: object) -> Any:
    """Return the value of a form filled in on a page: texts, booleans, and mappings from indexes to those. Accepts any JSON.

    Returns:
        The value; ABSENT for a field left out.

    Raises:
        FieldError: A value does not fit its field. The check against the schema follows later.
    """
    if field.kind == "object":
        held = given if isinstance(given, Mapping) else {}
        pairs = ((each.name, filled_value(each, held.get(str(place)))) for place, each in enumerate(field.inside))
        return {name: value for name, value in pairs if value is not ABSENT}
    if field.kind == "options":
        return _of_options(field, given)
    if field.kind == "boolean":
        return given is True
    text = given if isinstance(given, str) else ""
    if not text.strip():
        return _empty(field)
    return _from_text(field, text)


def _of_options(field: FormField, given: object) -> Any:
    if isinstance(given, str):
        return _from_text(field, given) if given.strip() else _empty(field)
    held = given if isinstance(given, Mapping) else {}
    place = str(held.get("of") or "")
    if not place.isdecimal() or int(place) >= len(field.inside):
        return _empty(field)
    chosen = field.inside[int(place)]
    return filled_value(replace(chosen, name=field.name), held.get(place))


def _empty(field: FormField) -> Any:
    """Return the value of an empty field. A text or a nullable field whose initial value was cleared is not left out."""
    is_cleared = field.default not in (ABSENT, None, "")
    if field.nullable and (field.required or is_cleared):
        return None
    if not field.required:
        return "" if is_cleared and field.kind == "text" else ABSENT
    raise FieldError(f"{field.name or 'the answer'} is missing: it must be {field.words}.")


def _from_text(field: FormField, text: str) -> Any:
    """Parse a text as a field of this type."""
    match field.kind:
        case "text":
            return text
        case "integer" | "number":
            return _number_from(field, text)
        case "boolean":
            return _boolean_from(field, text)
        case "choice":
            return _choice_from(field, text)
        case "date":
            try:
                return datetime.date.fromisoformat(text.strip()).isoformat()
            except ValueError:
                raise _wrong(field, text, "a date such as 2026-11-29") from None
        case "json" | "options" | "object":
            return _json_from(field, text)


def _number_from(field: FormField, text: str) -> int | float:
    words = "an integer" if field.kind == "integer" else "a number"
    try:
        number = int(text)
    except ValueError:
        try:
            decimal = float(text)
        except ValueError:
            raise _wrong(field, text, words) from None
        if not math.isfinite(decimal) or (field.kind == "integer" and not decimal.is_integer()):
            raise _wrong(field, text, words) from None
        return int(decimal) if field.kind == "integer" else decimal
    return number


BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _boolean_from(field: FormField, text: str) -> bool:
    found = BOOLEANS.get(text.strip().lower())
    if found is None:
        raise _wrong(field, text, "true or false")
    return found


def _choice_from(field: FormField, text: str) -> Any:
    for choice in field.choices:
        if json.dumps(choice, ensure_ascii=False) == text:  # in the page's format
            return choice
    for choice in field.choices:
        if str(choice) == text.strip() or (isinstance(choice, bool) and BOOLEANS.get(text.strip().lower()) is choice):
            return choice
    near = difflib.get_close_matches(text.strip(), [str(each) for each in field.choices], 1)
    raise _wrong(field, text, field.words, f"Did you mean {near[0]}?" if near else "")


def _json_from(field: FormField, text: str) -> Any:
    try:
        return json_from_text(text)
    except CommandError as problem:
        if field.kind == "options" or (field.takes_anything and not text.lstrip().startswith(("{", "["))):
            return text
        why = problem.message.removeprefix("This is not JSON: ")
        message = f"{field.name or 'the answer'} must be {field.words}, as JSON: {why}"
        raise FieldError(message, hint=problem.hint) from problem


def _wrong(field: FormField, text: str, words: str, hint: str = "") -> FieldError:
    shown = json.dumps(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", ensure_ascii=False)
    return FieldError(f"{field.name or 'the answer'} must be {words}, got {shown}.", hint=hint)


# -- pairs on a line --------------------------------------------------------------------------------------------


def pairs_in(text: str, names: tuple[str, ...]) -> dict[str, str]:
    """Parse `row=3 side=window` to {"row": "3", "side": "window"}. A value extends to the next name.

    Quotes around a whole value protect names in it, and are removed. Other quotes are part of the value: `query="a" or "b"`.

    Raises:
        FieldError: a part of the text belongs to no field.
    """
    names = tuple(filter(None, names))
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"\b\B"
    name = re.compile(rf"\s*({known})=")
    quoted = re.compile(rf"([\"'])((?:(?!\1).)*)\1(?=\s*\Z|\s+(?:{known})=)", re.DOTALL)
    pairs: dict[str, str] = {}
    at = 0
    while text[at:].strip():
        match = name.match(text, at)
        if match is None:
            raise _unknown(text[at:].strip(), names)
        if match[1] in pairs:
            raise FieldError(f"{match[1]} stands twice.")
        if held := quoted.match(text, match.end()):
            pairs[match[1]], at = held[2], held.end()
        else:
            pairs[match[1]], at = _unquoted(text, match.end(), known, names)
    return pairs


OTHER = re.compile(r"(?<=\s)([^\W\d]\w*)=(?=[^\s=])")


def _unquoted(text: str, begin: int, known: str, names: tuple[str, ...]) -> tuple[str, int]:
    """Return the value that begins here, and the position of the next name.

    Raises:
        FieldError: it contains what seems to be another name.
    """
    following = re.search(rf"(?<=\s)(?:{known})=", text[begin:])
    end = begin + following.start() if following else len(text)
    value = text[begin:end].strip()
    if other := OTHER.search(value):
        wrong = _unknown(other[0], names)
        raise FieldError(wrong.message, hint=f"{wrong.hint} A value that holds {other[0]} stands in quotes.")
    return value, end


def _unknown(text: str, names: tuple[str, ...]) -> FieldError:
    name = text.partition("=")[0].strip()
    shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    near = difflib.get_close_matches(name, names, 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Its fields are {', '.join(names[:8])}."
    if not names:
        return FieldError(f"'{shown}' belongs to no field: there are none.")
    if "=" in text:
        return FieldError(f"There is no field '{shown}'.", hint=hint)
    example = " ".join(f"{each}=…" for each in names[:3])
    return FieldError(f"'{shown}' belongs to no field.", hint=f"%lg_resume {example}")


def value_of_pairs(field: FormField, pairs: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of an object's named fields; a text is parsed by its field's type."""
    fields = {each.name: each for each in field.inside}
    found = ((name, _named(fields[name], given)) for name, given in pairs.items())
    return {name: value for name, value in found if value is not ABSENT}


def _named(field: FormField, given: object) -> Any:
    if not isinstance(given, str):
        return given
    if not given and field.kind != "text":
        return _empty(field)
    if given == "null" and field.nullable:
        return None
    if not given.strip() and field.kind == "text":
        return given
    return _from_text(field, given)

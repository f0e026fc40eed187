"""Turn a JSON schema into a form: its fields, and how they are filled in. Pure; knows no page.

Strings, numbers, integers, booleans, enums, dates and optional values have fields of their own; a choice by `anyOf` has one for
each alternative. Arrays, nested objects and everything else are JSON. A page names a field by its index; a line by its name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from lg_magics.model.changes import ABSENT
from lg_magics.model.schema import resolved, type_words

__all__ = ["FormField", "form_of"]

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "choice", "date", "json", "options", "object"]

MOST_FIELDS = 60
MOST_IN_ALL = 400
MOST_CHOICES = 200
MOST_OPTIONS = 12
DEEPEST = 3
LONGEST = 60
ANYTHING = type_words({}, {})
OF_THE_WHOLE = ("default", "description", "title")
SCALAR = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form, or (`object`) a form.

    Attributes:
        name: Its name in the value; "" for the value itself.
        kind: Its control.
        words: Its type in words.
        required: Whether it must be filled in.
        nullable: Whether an empty required field is null; otherwise an empty field is left out.
        default: Its initial value; ABSENT for none.
        description: The schema's description.
        choices: The values of a choice.
        inside: The fields of an object, or the alternatives of options.
        bounds: (minimum, maximum) of a number; (shortest, longest) length of a text; None for no bound.
    """

    name: str
    kind: Kind
    words: str = ""
    required: bool = True
    nullable: bool = False
    default: Any = ABSENT
    description: str = ""
    choices: tuple[Any, ...] = ()
    inside: tuple[FormField, ...] = ()
    bounds: tuple[float | None, float | None] = (None, None)

    @property
    def takes_anything(self) -> bool:
        """Whether its schema gives no type."""
        return self.kind == "json" and self.words == ANYTHING

    @property
    def is_fixed(self) -> bool:
        """Whether it has only one value: `kind` of the alternative with `kind: "card"`."""
        return self.kind == "choice" and len(self.choices) == 1

    @property
    def bounds_words(self) -> str:
        """`1 to 40`, `at most 9 characters`; "" without bounds."""
        least, most = (None if each is None else f"{each:.15g}" for each in self.bounds)
        unit = " characters" if self.kind == "text" else ""
        if least is not None and most is not None:
            return f"{least} to {most}{unit}"
        return f"at least {least}{unit}" if least is not None else f"at most {most}{unit}" if most is not None else ""

    @property
    def may_be_empty(self) -> bool:
        """Whether it need not be filled in."""
        return self.nullable or not self.required


def form_of(schema: Mapping[str, Any]) -> FormField:
    """Return the form of a schema."""
    return _field("", schema, _Whole(schema), required=True)


@dataclass
class _Whole:
    """The whole schema, with the remaining number of fields: nested alternatives multiply."""

    schema: Mapping[str, Any]
    left: int = MOST_IN_ALL


def _field(name: str, schema: Any, root: _Whole, *, required: bool, depth: int = 0) -> FormField:
    root.left -= 1
    found = resolved(schema, root.schema)
    plain = FormField(
        name,
        "json",
        type_words(schema, root.schema),
        required,
        default=found.get("default", ABSENT),
        description=" ".join(str(found.get("description") or "").split()),
    )
    if depth > DEEPEST or root.left < 0:
        return plain
    members = next((found[key] for key in ("anyOf", "oneOf") if isinstance(found.get(key), list)), None)
    if members is not None and not any(key in found for key in ("properties", "enum", "const", "type")):
        return _of_members(plain, members, root, depth)
    if isinstance(kinds := found.get("type"), list):
        others = [kind for kind in kinds if kind != "null"]
        plain = replace(plain, nullable="null" in kinds)
        if len(others) != 1 and not ("enum" in found or "const" in found):
            return _of_members(plain, [_with_type(found, kind) for kind in kinds], root, depth)
        found = {**found, "type": others[0] if others else "null"}
    return _of_type(plain, found, root, depth)


def _with_type(found: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Return a schema of several types as a schema of one of them."""
    return {**{key: value for key, value in found.items() if key not in OF_THE_WHOLE}, "type": kind}


def _of_members(plain: FormField, members: list[Any], root: _Whole, depth: int) -> FormField:
    """Return the field of `anyOf`: an optional value, one choice of several enums, or one field for each alternative."""
    if len(members) > 2 * MOST_OPTIONS:
        return plain
    inside = [_field("", each, root, required=True, depth=depth + 1) for each in members]
    kept = [each for each in inside if each.choices != (None,) or each.kind != "choice"]
    kept = [each for each in kept if each.words != "null"]
    plain = replace(plain, nullable=len(kept) < len(inside) or any(each.nullable for each in kept))
    if not kept or len(kept) > MOST_OPTIONS:
        return plain
    if len(kept) == 1:
        only = kept[0]
        own = plain.description or only.description
        default = only.default if plain.default is ABSENT else plain.default
        return replace(
            only,
            name=plain.name,
            required=plain.required,
            nullable=plain.nullable,
            default=default,
            description=own,
            words=only.words if only.kind == "date" else plain.words,
        )
    if all(each.kind == "choice" for each in kept):
        choices = tuple(choice for each in kept for choice in each.choices)
        return replace(plain, kind="choice", choices=choices) if len(choices) <= MOST_CHOICES else plain
    if {each.kind for each in kept} == {"number", "integer"} and all(each.bounds == (None, None) for each in kept):
        return replace(plain, kind="number")
    if all(each.kind == "json" for each in kept):
        return plain
    return replace(plain, kind="options", inside=tuple(kept))


def _of_type(plain: FormField, found: Mapping[str, Any], root: _Whole, depth: int) -> FormField:
    values = [found["const"]] if "const" in found else found.get("enum")
    if isinstance(values, list):
        if not values or len(values) > MOST_CHOICES or not all(isinstance(each, SCALAR) for each in values):
            return plain
        choices = [each for each in values if each is not None or len(values) == 1]
        is_nullable = plain.nullable or len(choices) < len(values)
        return replace(plain, kind="choice", choices=tuple(choices), nullable=is_nullable)
    match found.get("type"):
        case "string":
            if found.get("format") == "date":
                return replace(plain, kind="date", words="date")
            return replace(
                plain, kind="text", bounds=(_number(found.get("minLength")), _number(found.get("maxLength")))
            )
        case "integer" | "number" as kind:
            return replace(plain, kind=kind, bounds=_bounds(found, kind))
        case "boolean":
            has_third = plain.nullable or (not plain.required and plain.default is ABSENT)
            return replace(plain, kind="choice", choices=(True, False)) if has_third else replace(plain, kind="boolean")
        case "null":
            return replace(plain, kind="choice", choices=(None,))
        case "object" | None if isinstance(found.get("properties"), Mapping) and _may_hold_fields(plain, depth):
            return _object(plain, found, root, depth)
    return plain


def _may_hold_fields(plain: FormField, depth: int) -> bool:
    """Return whether an object becomes a form: it is the whole value, or one alternative of it; a nested one is JSON."""
    return not plain.name and depth <= 1


def _object(plain: FormField, found: Mapping[str, Any], root: _Whole, depth: int) -> FormField:
    properties = found["properties"]
    listed = found.get("required")
    wanted = listed if isinstance(listed, list) else []
    if len(properties) > MOST_FIELDS or not set(wanted) <= set(properties):
        return plain
    inside = tuple(
        _field(str(name), inner, root, required=name in wanted, depth=depth + 1) for name, inner in properties.items()
    )
    return replace(plain, kind="object", inside=inside)


def _bounds(found: Mapping[str, Any], kind: str) -> tuple[float | None, float | None]:
    """Return the closed bounds of a number; an open one is closed for an integer, and otherwise left to the later check."""
    least, most = _number(found.get("minimum")), _number(found.get("maximum"))
    if kind == "integer":
        above, below = _number(found.get("exclusiveMinimum")), _number(found.get("exclusiveMaximum"))
        lows = [*([least] if least is not None else []), *([math.floor(above) + 1] if above is not None else [])]
        highs = [*([most] if most is not None else []), *([math.ceil(below) - 1] if below is not None else [])]
        return (math.ceil(max(lows)) if lows else None, math.floor(min(highs)) if highs else None)
    return least, most


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None  # type: ignore[return-value]

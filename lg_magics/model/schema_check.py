"""Find definite problems of a run's input, by the graph's own schemas. Pure.

A server checks little: it drops unknown fields, and lets a TypedDict hold anything (langgraph 1.2). So this rejects
only what cannot be intended: a field whose name is nearly another's, a value that cannot be converted to its type, an input
of which nothing would arrive. Required fields count only if some field has a default: then a class checks them, unlike a
TypedDict, whose required fields are mostly filled by the graph itself.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lg_magics.errors import type_phrase
from lg_magics.model.changes import ABSENT
from lg_magics.model.messages import shortened
from lg_magics.model.schema import (
    Field,
    conversation_fields,
    example_json,
    fields_of,
    is_messages,
    properties_of,
    required_of,
    resolved,
    type_words,
)
from lg_magics.model.schema_validator import errors_of, validator_of

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

__all__ = ["CLOSE", "CheckedSchema", "Problem", "input_problem", "problem_from"]

CLOSE = 0.75
LONGEST = 60
TRUE_OR_FALSE = ("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0")
# A set accepts a list with duplicates; the server drops additional properties of an object.
PLAIN_TYPES = {"string": str, "integer": int, "boolean": bool}
PLAIN_KEYWORDS = frozenset({"type", "title", "description", "default", "examples"})
LENIENT = ("uniqueItems", "additionalProperties", "unevaluatedProperties", "format")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as a sentence without its period, and a hint.

    `example` is the JSON text of a valid input, if a text was given and another type is required.
    """

    words: str
    hint: str = ""
    example: str = ""


class CheckedSchema:
    """A schema to check values against; its validator is created on first use.

    `subject` is the value's name in messages; `formats` replace the schema's own, which are not checked otherwise.
    `is_enforced` states whether a class checks the values; None derives it from the schema: a TypedDict has no defaults.
    """

    def __init__(
        self,
        schema: Any,
        *,
        subject: str = "the input",
        formats: Mapping[str, Callable[[str], bool]] | None = None,
        is_enforced: bool | None = None,
    ) -> None:
        self.schema: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        self.subject = subject
        self._is_enforced = is_enforced
        self._formats = dict(formats) if formats is not None else None
        self.properties = properties_of(self.schema)
        self.required = required_of(self.schema)
        self.conversations = conversation_fields(self.schema)
        self.conversation_key = self.conversations[0] if len(self.conversations) == 1 else ""

    @property
    def top_fields(self) -> tuple[Field, ...]:
        """The fields of the object itself."""
        return tuple(field for field in self._fields if field.depth == 0)

    @cached_property
    def _fields(self) -> tuple[Field, ...]:
        return fields_of(self.schema)

    @cached_property
    def is_closed(self) -> bool:
        """Whether it names its fields, and allows no others."""
        return bool(self.properties) and not resolved(self.schema, self.schema).get("additionalProperties")

    @cached_property
    def is_object(self) -> bool:
        """Whether it accepts only objects."""
        return bool(self.properties) or resolved(self.schema, self.schema).get("type") == "object"

    @cached_property
    def is_enforced(self) -> bool:
        """Whether a class checks the values."""
        if self._is_enforced is not None:
            return self._is_enforced
        return any(field.default is not ABSENT for field in self.top_fields)

    @cached_property
    def validator(self) -> Draft202012Validator | None:
        """The validator; None if the schema is invalid."""
        return validator_of(self.schema, self._formats)

    def errors(self, value: Any) -> Iterator[ValidationError]:
        """Yield the errors of a value.

        Raises:
            ValueError: it is not JSON. RecursionError: it is nested too deeply.
        """
        return errors_of(self.validator, value) if self.validator else iter(())

    def wanted(self) -> str:
        """The fields in words: `topic (string), days (integer, optional)`."""
        return ", ".join(
            f"{field.path} ({field.type}{'' if field.required else ', optional'})" for field in self.top_fields[:8]
        ) + (", …" if len(self.top_fields) > 8 else "")

    def described(self, name: str) -> str:
        """Return one field in words: `topic (string: what it is about)`."""
        field = next((each for each in self.top_fields if each.path == name), None)
        if field is None:
            return name
        return f"{name} ({field.type}{f': {shortened(field.description)}' if field.description else ''})"


# -- input ------------------------------------------------------------------------------------------------------------


def input_problem(
    schema: CheckedSchema, value: Any, *, graph: str, is_text: bool, is_new_thread: bool
) -> Problem | None:
    """Return a definite problem of an input; None if there is none.

    Args:
        schema: the graph's input schema.
        value: the input; a text has already become {"messages": …}, or the graph's key for messages.
        graph: the graph's name.
        is_text: whether it was typed as a text.
        is_new_thread: whether the thread has no earlier run, whose state would provide missing values.
    """
    if value is None or not schema.schema:
        return None
    if is_text and schema.is_closed and not schema.conversation_key:
        return _no_messages(schema, graph, schema.wanted())
    if not isinstance(value, Mapping) or not schema.is_object:
        return _whole_problem(schema, value, graph, is_text)
    return (
        (_unknown_problem(schema.properties, value, graph) if schema.is_closed else None)
        or next(_value_problems(schema, value), None)
        or (_missing_problem(schema, value, graph) if is_new_thread else None)
    )


def _whole_problem(schema: CheckedSchema, value: Any, graph: str, is_text: bool) -> Problem | None:
    """Return the problem of an input that is not an object, or of a graph that accepts none."""
    if schema.is_object:
        key = schema.conversation_key
        hint = f'{{"{key}": …}} takes a list of them' if isinstance(value, list) and key else ""
        hint = "A text without --input is sent as a message" if isinstance(value, str) and key else hint
        wanted = f" with {schema.wanted()}" if schema.properties else ""
        return Problem(f"{graph} takes an object{wanted}, and not {_shown(value)}", hint)
    problem = next(_problems(schema, value, ""), None)
    if problem and is_text:
        return _no_messages(schema, graph, type_words(schema.schema, schema.schema))
    return problem


def _no_messages(schema: CheckedSchema, graph: str, wanted: str) -> Problem:
    if len(names := schema.conversations) > 1:
        return Problem(f"{graph} takes messages as {', '.join(names[:4])}", f"--key {names[0]}")
    return Problem(f"{graph} takes no messages: it requires {wanted}", example=example_json(schema.schema))


def _unknown_problem(known: Mapping[str, Any], value: Mapping[str, Any], graph: str) -> Problem | None:
    """Return the problem of a field that the graph does not have: the server would silently drop it."""
    unknown = [str(name) for name in value if name not in known]
    for name in unknown:
        if near := difflib.get_close_matches(name, [each for each in known if each not in value], 1, CLOSE):
            return Problem(f"{graph} has no field '{name}'", f"Did you mean {near[0]}?")
    if unknown and len(unknown) == len(value):
        listed = ", ".join(list(known)[:8])
        return Problem(
            f"{graph} has no field '{unknown[0]}': nothing of this would arrive", f"Its fields are {listed}."
        )
    return None


def _missing_problem(schema: CheckedSchema, value: Mapping[str, Any], graph: str) -> Problem | None:
    missing = [name for name in schema.required if name not in value and name != schema.conversation_key]
    if not missing or not schema.is_enforced:
        return None
    return Problem(f"{graph} requires {schema.described(missing[0])}, which is missing")


def _value_problems(schema: CheckedSchema, value: Mapping[str, Any]) -> Iterator[Problem]:
    for name, inner in value.items():
        is_said = name == schema.conversation_key or is_messages(schema.properties.get(name), schema.schema)
        if name not in schema.properties or is_said:
            continue
        if (inner is not None or schema.is_enforced) and not _is_plainly_valid(schema.properties[name], inner):
            yield from _problems(schema, {name: inner}, str(name))


def _is_plainly_valid(schema: Any, value: Any) -> bool:
    """Return whether a field's schema is only a type, which the value has. It takes the validator 0.05 ms to find that."""
    if not isinstance(schema, Mapping) or not PLAIN_KEYWORDS.issuperset(schema):
        return False
    kind = schema.get("type")
    return isinstance(kind, str) and type(value) is PLAIN_TYPES.get(kind)


def _problems(schema: CheckedSchema, value: Any, top: str) -> Iterator[Problem]:
    try:
        errors = list(schema.errors(value))
    except (ValueError, RecursionError):  # not JSON: the SDK converts it, or raises
        return
    for error in errors:
        if not (top and error.kind.name == "required" and not error.instance_path) and _is_sure(error, schema):
            yield problem_from(error, schema)


def _is_sure(error: ValidationError, schema: CheckedSchema) -> bool:
    """Return whether the value cannot be converted to the required type."""
    kind, value = error.kind.as_dict(), error.instance
    if error.kind.name in LENIENT or (value is None and not schema.is_enforced):
        return False
    if error.kind.name in ("anyOf", "oneOf"):
        return all(any(_is_sure(each, schema) for each in branch) for branch in kind.get("context", ()))
    if error.kind.name == "type":
        return not _is_readable(value, kind.get("types", ()))
    return schema.is_enforced or error.kind.name in ("enum", "const")


def _is_readable(value: Any, types: Sequence[str]) -> bool:
    """Return whether a class converts the value to one of these types, unlike JSON: "3" to a number, 1 to true."""
    if isinstance(value, str):
        return ("boolean" in types and value.strip().lower() in TRUE_OR_FALSE) or (
            bool({"integer", "number"} & set(types)) and _is_number(value)
        )
    if isinstance(value, bool):
        return bool({"integer", "number"} & set(types))
    return "boolean" in types and value in (0, 1)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def problem_from(error: ValidationError, schema: CheckedSchema) -> Problem:
    """Return a validator's error in words."""
    path, kind = _path(error.instance_path), error.kind.as_dict()
    if error.kind.name == "required":
        name = str(kind.get("property"))
        there = error.instance if isinstance(error.instance, dict) else {}
        near = difflib.get_close_matches(name, list(there), 1, CLOSE)
        return Problem(f"{path or schema.subject} lacks {name}", f"Did you mean {name} by {near[0]}?" if near else "")
    wanted = _at(schema, error.schema_path)
    if error.kind.name in ("type", "anyOf", "oneOf", "enum", "const"):
        message = f"{path or schema.subject} must be {type_words(wanted, schema.schema)}, got {_shown(error.instance)}"
        options = [each for each in kind.get("options", ()) if isinstance(each, str)]
        near = difflib.get_close_matches(str(error.instance), options, 1)
        return Problem(message, f"Did you mean {json.dumps(near[0], ensure_ascii=False)}?" if near else "")
    return Problem(f"{path or schema.subject}: {shortened(str(error.message), 200)}")


def _at(schema: CheckedSchema, path: Sequence[str | int]) -> Any:
    """Return the schema that a value was checked against: the parent of the violated keyword."""
    place: Any = schema.schema
    for step in path[:-1]:
        try:
            place = place[step]
        except (LookupError, TypeError):
            return {}
    return place


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=type_phrase)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

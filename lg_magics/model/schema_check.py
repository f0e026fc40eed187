"""What is surely wrong with a run's input, by the graph's own schemas. Pure.

A server checks little: it drops what it does not know, and lets a TypedDict hold anything (langgraph 1.2). So this refuses
only what cannot be meant: a field that is nearly the name of another, a value that no reading makes one of its type, an input
of which nothing would arrive. What must be there counts only where a field has a default: then a class checks it, and no
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
    fields_of,
    is_messages,
    properties_of,
    required_of,
    resolved,
    type_words,
)
from lg_magics.model.schema_example import example_json

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

__all__ = ["CLOSE", "CheckedSchema", "Problem", "input_problem", "problem_from"]

CLOSE = 0.75
LONGEST = 60
TRUE_OR_FALSE = ("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0")
# A set takes a list that has something twice; what an object has besides is dropped by the server.
LENIENT = ("uniqueItems", "additionalProperties", "unevaluatedProperties", "format")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as a sentence without its stop, and what would cure it.

    `example` is the JSON text of an input that fits, where a text was given and something else is wanted.
    """

    words: str
    hint: str = ""
    example: str = ""


class CheckedSchema:
    """A schema that values are held against; its validator is made on first use.

    `subject` is what messages call the value; `formats` take the place of the schema's own, which are not checked without them.
    `is_enforced` says whether a class checks what is given; otherwise the schema tells it: a TypedDict has no defaults.
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
        """Whether it names its fields, and takes no others."""
        return bool(self.properties) and not resolved(self.schema, self.schema).get("additionalProperties")

    @cached_property
    def is_object(self) -> bool:
        """Whether it describes an object, and nothing else will do."""
        return bool(self.properties) or resolved(self.schema, self.schema).get("type") == "object"

    @cached_property
    def is_enforced(self) -> bool:
        """Whether a class checks what is given."""
        if self._is_enforced is not None:
            return self._is_enforced
        return any(field.default is not ABSENT for field in self.top_fields)

    @cached_property
    def validator(self) -> Draft202012Validator | None:
        """The validator; None where the schema is no schema. It fetches nothing, and no pattern can make it hang."""
        import jsonschema_rs

        try:
            return jsonschema_rs.Draft202012Validator(
                dict(self.schema),
                retriever=_refuse,
                validate_formats=self._formats is not None,
                formats=self._formats,
                pattern_options=jsonschema_rs.RegexOptions(),
            )
        except (ValueError, RecursionError):
            return None

    def wanted(self) -> str:
        """The fields in words: `topic (string), days (integer, optional)`."""
        return ", ".join(
            f"{field.path} ({field.type}{'' if field.required else ', optional'})" for field in self.top_fields[:8]
        ) + (", …" if len(self.top_fields) > 8 else "")

    def described(self, name: str) -> str:
        """One field in words: `topic (string: what it is about)`."""
        field = next((each for each in self.top_fields if each.path == name), None)
        if field is None:
            return name
        return f"{name} ({field.type}{f': {shortened(field.description)}' if field.description else ''})"


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")


# -- input ------------------------------------------------------------------------------------------------------------


def input_problem(
    schema: CheckedSchema, value: Any, *, graph: str, is_text: bool, is_new_thread: bool
) -> Problem | None:
    """What is surely wrong with an input; None if nothing is.

    Args:
        schema: the graph's input schema.
        value: the input; a text has become {"messages": …}, or what the graph calls them, already.
        graph: what to call the graph.
        is_text: whether it was typed as a text.
        is_new_thread: whether nothing ran on the thread before, whose state would fill in what is missing.
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
    """The input is no object, or the graph takes none."""
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
    return Problem(f"{graph} takes no messages: it wants {wanted}", example=example_json(schema.schema))


def _unknown_problem(known: Mapping[str, Any], value: Mapping[str, Any], graph: str) -> Problem | None:
    """A field that the graph does not have: the server would drop it without a word."""
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
    return Problem(f"{graph} wants {schema.described(missing[0])}, which is missing")


def _value_problems(schema: CheckedSchema, value: Mapping[str, Any]) -> Iterator[Problem]:
    for name, inner in value.items():
        is_said = name == schema.conversation_key or is_messages(schema.properties.get(name), schema.schema)
        if name not in schema.properties or is_said:
            continue
        if inner is not None or schema.is_enforced:
            yield from _problems(schema, {name: inner}, str(name))


def _problems(schema: CheckedSchema, value: Any, top: str) -> Iterator[Problem]:
    try:
        errors = list(schema.validator.iter_errors(value)) if schema.validator else []
    except (ValueError, RecursionError):  # no JSON: the SDK makes something of it, or says so
        return
    for error in errors:
        if not (top and error.kind.name == "required" and not error.instance_path) and _is_sure(error, schema):
            yield problem_from(error, schema)


def _is_sure(error: ValidationError, schema: CheckedSchema) -> bool:
    """Whether nobody could read the value as what is wanted."""
    kind, value = error.kind.as_dict(), error.instance
    if error.kind.name in LENIENT or (value is None and not schema.is_enforced):
        return False
    if error.kind.name in ("anyOf", "oneOf"):
        return all(any(_is_sure(each, schema) for each in branch) for branch in kind.get("context", ()))
    if error.kind.name == "type":
        return not _is_readable(value, kind.get("types", ()))
    return schema.is_enforced or error.kind.name in ("enum", "const")


def _is_readable(value: Any, types: Sequence[str]) -> bool:
    """What a class reads as one of these types, although JSON tells them apart: "3" as a number, 1 as true."""
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
    """A validator's error in words."""
    path, kind = _path(error.instance_path), error.kind.as_dict()
    if error.kind.name == "required":
        name = str(kind.get("property"))
        there = error.instance if isinstance(error.instance, dict) else {}
        near = difflib.get_close_matches(name, list(there), 1, CLOSE)
        return Problem(f"{path or schema.subject} lacks {name}", f"Did you mean {name} by {near[0]}?" if near else "")
    wanted = _at(schema, error.schema_path)
    if error.kind.name in ("type", "anyOf", "oneOf", "enum", "const"):
        said = f"{path or schema.subject} wants {type_words(wanted, schema.schema)}, and not {_shown(error.instance)}"
        options = [each for each in kind.get("options", ()) if isinstance(each, str)]
        near = difflib.get_close_matches(str(error.instance), options, 1)
        return Problem(said, f"Did you mean {json.dumps(near[0], ensure_ascii=False)}?" if near else "")
    return Problem(f"{path or schema.subject}: {shortened(str(error.message), 200)}")


def _at(schema: CheckedSchema, path: Sequence[str | int]) -> Any:
    """The schema that a value was held against: where the keyword stands that it broke."""
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

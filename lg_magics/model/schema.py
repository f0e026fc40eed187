"""The fields of a graph's JSON Schema in words: name, type, required, default, description. Pure; accepts any payload.

References are followed only within the schema itself. Deep, recursive or wide schemas are described in part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lg_magics.model.changes import ABSENT
from lg_magics.model.conversation import MESSAGES

__all__ = [
    "Field",
    "conversation_fields",
    "example_json",
    "fields_of",
    "is_messages",
    "properties_of",
    "required_of",
    "resolved",
    "type_words",
]

DEEPEST = 4
MOST_FIELDS = 200
MOST_REFERENCES = 20
MOST_CHOICES = 8
CALLED = ("messages", "message", "history", "conversation", "chat", "dialog", "dialogue")
Schema = Mapping[str, Any]
EXAMPLE_DEPTH = 4
EXAMPLE_FIELDS = 6
LONGEST_EXAMPLE = 200
EMPTY: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None, "array": [], "object": {}}
MESSAGE = {"role": "user", "content": "hello"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `path` leads to it, `places[].city`; `depth` is 0 for a field of the schema itself; ABSENT means no default."""

    path: str
    type: str
    required: bool = False
    default: Any = ABSENT
    description: str = ""
    depth: int = 0


def resolved(schema: Any, root: Schema) -> Schema:
    """Resolve a schema's references; keys beside a reference stay. {} if it is not a schema."""
    found: Schema = schema if isinstance(schema, Mapping) else {}
    for _ in range(MOST_REFERENCES):
        alone = found.get("allOf")
        if isinstance(alone, list) and len(alone) == 1 and isinstance(alone[0], Mapping):
            found = {**alone[0], **{key: value for key, value in found.items() if key != "allOf"}}
        if not isinstance(found.get("$ref"), str):
            return found
        target = _at(found["$ref"], root)
        if target is None:
            return {key: value for key, value in found.items() if key != "$ref"}
        found = {**target, **{key: value for key, value in found.items() if key != "$ref"}}
    return {}


def _at(reference: str, root: Schema) -> Schema | None:
    """Return the target of `#/$defs/Place`, within `root` only."""
    if not reference.startswith("#"):
        return None
    place: Any = root
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        place = place.get(key) if isinstance(place, Mapping) else None
    return place if isinstance(place, Mapping) else None


def properties_of(schema: Any, root: Schema | None = None) -> Mapping[str, Any]:
    """Return the named fields of an object's schema; {} if it names none."""
    root = root if root is not None else schema if isinstance(schema, Mapping) else {}
    properties = resolved(schema, root).get("properties")
    return {str(k): v for k, v in properties.items()} if isinstance(properties, Mapping) else {}


def required_of(schema: Any, root: Schema | None = None) -> tuple[str, ...]:
    """Return the fields that the schema requires."""
    root = root if root is not None else schema if isinstance(schema, Mapping) else {}
    required = resolved(schema, root).get("required")
    return tuple(str(name) for name in required) if isinstance(required, list) else ()


def is_messages(schema: Any, root: Schema) -> bool:
    """Return whether a field is a list of messages: the server also accepts texts, pairs and objects there."""
    found = resolved(schema, root)
    items = found.get("items")
    if not isinstance(items, Mapping):
        return False
    members = items.get("oneOf") or items.get("anyOf") or [items]
    names = [str(member.get("$ref", "")) for member in members if isinstance(member, Mapping)]
    return bool(names) and all(name.removesuffix("Chunk").endswith("Message") for name in names)


def conversation_fields(schema: Any) -> tuple[str, ...]:
    """Return the fields of an object's schema that may hold messages; several if it is ambiguous.

    That is `messages`, unless its type excludes it; else the lists of messages; else, since `list` does not give its
    item type (a TypedDict's `Annotated[list, add_messages]`), the lists named chat, history or the like.
    """
    root = schema if isinstance(schema, Mapping) else {}
    fields = properties_of(root)
    if MESSAGES in fields and _may_hold_messages(fields[MESSAGES], root):
        return (MESSAGES,)
    typed = [name for name, inner in fields.items() if is_messages(_not_null(inner, root), root)]
    plain = [name for name, inner in fields.items() if _is_plain_list(_not_null(inner, root))]
    by_name, plain = (
        [name for name in names if set(name.lower().split("_")) & set(CALLED)] for names in (typed, plain)
    )
    return tuple(by_name if len(by_name) == 1 else typed or plain)


def _may_hold_messages(schema: Any, root: Schema) -> bool:
    """Return whether it is neither a scalar nor a list of scalars."""
    found = _not_null(schema, root)
    kinds = [
        found.get("type"),
        resolved(found.get("items"), root).get("type") if found.get("type") == "array" else None,
    ]
    return not any(kind in ("string", "integer", "number", "boolean") for kind in kinds)


def _not_null(schema: Any, root: Schema) -> Schema:
    """Return the schema of a field's values other than null."""
    found = resolved(schema, root)
    kinds = [each for key in ("anyOf", "oneOf") for each in _listed(found.get(key))]
    others = [each for each in kinds if not (isinstance(each, Mapping) and each.get("type") == "null")]
    return resolved(others[0], root) if len(others) == 1 and len(kinds) > 1 else found


def _is_plain_list(schema: Schema) -> bool:
    return schema.get("type") == "array" and not schema.get("items")


# -- types in words ---------------------------------------------------------------------------------------------------


def type_words(schema: Any, root: Schema, depth: int = 0) -> str:
    """Return a type in words: `integer or null`, `list of Place`, `one of "work", "fun"`."""
    if depth > DEEPEST:
        return "…"
    found = resolved(schema, root)
    if is_messages(schema, root):
        return "list of messages"
    if "const" in found:
        return _choices([found["const"]])
    if isinstance(found.get("enum"), list):
        return _choices(found["enum"])
    for key in ("anyOf", "oneOf"):
        if isinstance(found.get(key), list):
            words = dict.fromkeys(type_words(each, root, depth + 1) for each in found[key][:MOST_CHOICES])
            return " or ".join([*words, *(["…"] if len(found[key]) > MOST_CHOICES else [])]) or "anything"
    kind = found.get("type")
    if isinstance(kind, list):
        return " or ".join(str(each) for each in kind[:MOST_CHOICES]) or "anything"
    if kind == "array":
        return _list_words(found, root, depth)
    if kind == "object" or "properties" in found:
        return str(found["title"]) if "properties" in found and found.get("title") else "object"
    return str(kind) if kind else "anything"


def _list_words(schema: Schema, root: Schema, depth: int) -> str:
    items = schema.get("items")
    if not isinstance(items, Mapping) or not items:
        return "list"
    words = type_words(items, root, depth + 1)
    return f"list of ({words})" if " or " in words else f"list of {words}"


def _choices(values: list[Any]) -> str:
    shown = [json.dumps(value, ensure_ascii=False, default=str) for value in values[:MOST_CHOICES]]
    more = ["…"] if len(values) > MOST_CHOICES else []
    return shown[0] if len(values) == 1 else f"one of {', '.join([*shown, *more])}"


# -- fields -----------------------------------------------------------------------------------------------------------


def fields_of(schema: Any) -> tuple[Field, ...]:
    """Return the fields of a schema, each followed by the fields inside it, up to a limit."""
    if not isinstance(schema, Mapping):
        return ()
    return tuple(islice(_fields(schema, schema, "", ()), MOST_FIELDS))


def _fields(schema: Any, root: Schema, path: str, above: tuple[int, ...]) -> Iterator[Field]:
    """Yield the fields of one object. `above` are the objects that contain it: a recursive one is not expanded again."""
    properties, required = properties_of(schema, root), required_of(schema, root)
    above = (*above, id(resolved(schema, root).get("properties")))
    for name, inner in properties.items():
        found = resolved(inner, root)
        yield Field(
            f"{path}{name}",
            type_words(inner, root),
            name in required,
            found.get("default", ABSENT),
            " ".join(str(found.get("description") or "").split()),
            len(above) - 1,
        )
        below, step = (None, "") if is_messages(inner, root) else _object_inside(inner, root)
        if below is not None and len(above) <= DEEPEST and id(below["properties"]) not in above:
            yield from _fields(below, root, f"{path}{name}{step}.", above)


def _object_inside(schema: Any, root: Schema, depth: int = 0) -> tuple[Schema | None, str]:
    """Return the object whose fields are listed under a field: its own, its items', or that of its only choice with fields."""
    found = resolved(schema, root)
    if isinstance(found.get("properties"), Mapping):
        return found, ""
    if depth > DEEPEST:
        return None, ""
    if isinstance(found.get("items"), Mapping):
        inner, step = _object_inside(found["items"], root, depth + 1)
        return inner, f"[]{step}"
    choices = [each for key in ("anyOf", "oneOf") for each in _listed(found.get(key))]
    inside = [pair for each in choices if (pair := _object_inside(each, root, depth + 1))[0] is not None]
    return inside[0] if len(inside) == 1 else (None, "")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# -- an example -------------------------------------------------------------------------------------------------------


def example_json(schema: Any) -> str:
    """Return the JSON text of a small valid value: required fields, else the first field; `{}` if that is too long.

    >>> example_json({"properties": {"topic": {"type": "string"}, "days": {"type": "integer"}}, "required": ["topic"]})
    '{"topic": "text"}'
    """
    text = json.dumps(_example(schema, schema, 0), ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_EXAMPLE else "{}"


def _example(schema: Any, root: Any, depth: int) -> Any:
    found = resolved(schema, root)
    if is_messages(schema, root):
        return [MESSAGE]
    for given in (found.get("const", ABSENT), *_first(found.get("enum")), *_first(found.get("examples"))):
        if given is not ABSENT:
            return given
    choices = next((found[key] for key in ("anyOf", "oneOf") if isinstance(found.get(key), list) and found[key]), None)
    if choices and depth < EXAMPLE_DEPTH:
        return _example(next((each for each in choices if not _is_null(each)), choices[0]), root, depth + 1)
    kind = found.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "array" and depth < EXAMPLE_DEPTH and isinstance(found.get("items"), Mapping) and found["items"]:
        return [_example(found["items"], root, depth + 1)]
    if kind == "object" or "properties" in found:
        return _object(found, root, depth)
    return EMPTY.get(kind, "text") if isinstance(kind, str) else "text"


def _object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = properties_of(schema, root)
    wanted = [name for name in required_of(schema, root) if name in properties]
    names = wanted or ([] if depth else list(properties)[:1])
    return {
        name: _example(properties[name], root, depth + 1) for name in names[:EXAMPLE_FIELDS] if depth < EXAMPLE_DEPTH
    }


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _first(values: Any) -> list[Any]:
    return values[:1] if isinstance(values, list) else []

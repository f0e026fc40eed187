"""A value that fits a JSON Schema, for a line that can be typed as shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lg_magics.model.changes import ABSENT
from lg_magics.model.schema import is_messages, properties_of, required_of, resolved

__all__ = ["example_json"]

DEEPEST = 4
MOST_FIELDS = 6
LONGEST = 200
EMPTY: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None, "array": [], "object": {}}
MESSAGE = {"role": "user", "content": "hello"}


def example_json(schema: Any) -> str:
    """Return the JSON text of a small valid value: required fields, else the first field; `{}` if that is too long.

    >>> example_json({"properties": {"topic": {"type": "string"}, "days": {"type": "integer"}}, "required": ["topic"]})
    '{"topic": "text"}'
    """
    text = json.dumps(_example(schema, schema, 0), ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else "{}"


def _example(schema: Any, root: Any, depth: int) -> Any:
    found = resolved(schema, root)
    if is_messages(schema, root):
        return [MESSAGE]
    for given in (found.get("const", ABSENT), *_first(found.get("enum")), *_first(found.get("examples"))):
        if given is not ABSENT:
            return given
    choices = next((found[key] for key in ("anyOf", "oneOf") if isinstance(found.get(key), list) and found[key]), None)
    if choices and depth < DEEPEST:
        return _example(next((each for each in choices if not _is_null(each)), choices[0]), root, depth + 1)
    kind = found.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "array" and depth < DEEPEST and isinstance(found.get("items"), Mapping) and found["items"]:
        return [_example(found["items"], root, depth + 1)]
    if kind == "object" or "properties" in found:
        return _object(found, root, depth)
    return EMPTY.get(kind, "text") if isinstance(kind, str) else "text"


def _object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = properties_of(schema, root)
    wanted = [name for name in required_of(schema, root) if name in properties]
    names = wanted or ([] if depth else list(properties)[:1])
    return {name: _example(properties[name], root, depth + 1) for name in names[:MOST_FIELDS] if depth < DEEPEST}


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _first(values: Any) -> list[Any]:
    return values[:1] if isinstance(values, list) else []

"""A graph's JSON Schema in words: what people read in %lg_schemas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.changes import ABSENT
from lg_magics.model.schema import MOST_FIELDS, fields_of, is_messages, type_words
from lg_magics.tables.schemas import Schemas, schemas_from_payload
from lg_magics.views.bundle import bundle

PLACE = {
    "title": "Place",
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where.\nReally."}, "zip": {"type": "integer"}},
    "required": ["city"],
}
MESSAGES = {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/AIMessage"}, {"$ref": "#/$defs/HumanMessageChunk"}]}}
TRIP: dict[str, Any] = {
    "$defs": {"Place": PLACE, "AIMessage": PLACE, "HumanMessageChunk": PLACE},
    "type": "object",
    "properties": {
        "topic": {"type": "string"},
        "days": {"type": "integer", "default": 3},
        "home": {"$ref": "#/$defs/Place", "description": "Own."},
        "places": {"type": "array", "items": {"$ref": "#/$defs/Place"}},
        "messages": MESSAGES,
    },
    "required": ["topic"],
}


def test_fields_have_path_type_required_default_and_description() -> None:
    told = [(f.path, f.type, f.required, f.default, f.description, f.depth) for f in fields_of(TRIP)]
    assert told == [
        ("topic", "string", True, ABSENT, "", 0),
        ("days", "integer", False, 3, "", 0),
        ("home", "Place", False, ABSENT, "Own.", 0),
        ("home.city", "string", True, ABSENT, "Where. Really.", 1),
        ("home.zip", "integer", False, ABSENT, "", 1),
        ("places", "list of Place", False, ABSENT, "", 0),
        ("places[].city", "string", True, ABSENT, "Where. Really.", 1),
        ("places[].zip", "integer", False, ABSENT, "", 1),
        ("messages", "list of messages", False, ABSENT, "", 0),
    ]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({}, "anything"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"type": ["integer", "null"]}, "integer or null"),
        ({"enum": ["work", "fun"]}, 'one of "work", "fun"'),
        ({"const": "ai"}, '"ai"'),
        ({"type": "array"}, "list"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "list of list of number"),
        ({"type": "array", "items": {"type": ["integer", "null"]}}, "list of (integer or null)"),
        ({"type": "object"}, "object"),
        ({"allOf": [{"$ref": "#/$defs/Place"}]}, "Place"),
        ({"$ref": "#/$defs/Nowhere"}, "anything"),
        ({"$ref": "http://127.0.0.1:9/Place"}, "anything"),
        ({"enum": list(range(20))}, "one of 0, 1, 2, 3, 4, 5, 6, 7, …"),
        (None, "anything"),
        ("nonsense", "anything"),
    ],
)
def test_types_are_words(schema: Any, words: str) -> None:
    assert type_words(schema, TRIP) == words


def test_a_root_that_is_a_reference_and_one_that_goes_round_are_reported() -> None:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "child": {"$ref": "#/$defs/N"}}}
    schema = {"$defs": {"N": node}, "$ref": "#/$defs/N"}
    assert [field.path for field in fields_of(schema)] == ["name", "child"]
    assert fields_of({"$ref": "#"}) == ()
    assert fields_of({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}})[0].path == "a"


def test_what_is_wide_or_deep_is_reported_in_part() -> None:
    wide = {"properties": {f"f{n}": {"type": "string"} for n in range(1000)}}
    assert len(fields_of(wide)) == MOST_FIELDS
    deep: dict[str, Any] = {"type": "string"}
    for n in range(50):
        deep = {"type": "object", "title": f"L{n}", "properties": {"inner": deep}}
    assert len(fields_of(deep)) < 10


def test_only_lists_of_messages_are_messages() -> None:
    assert is_messages(MESSAGES, TRIP)
    assert is_messages({"type": "array", "items": {"$ref": "#/$defs/BaseMessage"}}, TRIP)
    assert not is_messages(TRIP["properties"]["places"], TRIP)
    assert not is_messages({"type": "array", "items": {"type": "string"}}, TRIP)


KEYWORDS = (
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "properties",
    "items",
    "type",
    "enum",
    "const",
    "required",
    "title",
    "$defs",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["#", "#/$defs/a", "object", "array"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*KEYWORDS, "a"]), inner, max_size=6),
    max_leaves=40,
)


@given(JSON)
def test_whatever_a_server_calls_a_schema_is_reported_without_an_error(schema: Any) -> None:
    assert len(fields_of(schema)) <= MOST_FIELDS
    assert isinstance(type_words(schema, schema if isinstance(schema, dict) else {}), str)


def test_schemas_that_could_not_be_read_are_empty_tables() -> None:
    found = Schemas("trip", {}, note="trip cannot be described.")
    assert [len(each) for each in (found.input, found.output, found.state, found.config, found.context)] == [0] * 5
    with pytest.raises(KeyError, match="inputs"):
        found["inputs"]


def test_a_default_that_looks_secret_is_hidden() -> None:
    schema = {
        "properties": {"api_key": {"type": "string", "default": "sk-sesame"}, "n": {"default": {"token": "sk-x"}}}
    }
    shown = bundle(schemas_from_payload("trip", {"config_schema": schema, "input_schema": schema}))
    assert "sk-" not in "".join(shown.values())
    assert '"[redacted]"' in shown["text/plain"]

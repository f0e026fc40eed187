"""What is a conversation, in a state and in a schema; and an input that fits a schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.conversation import conversation_in, is_conversation, is_text_input, text_as_input, with_text_under
from lg_magics.model.messages import messages_from_input, messages_from_values
from lg_magics.model.run_input import input_from, title_of_input
from lg_magics.model.schema import conversation_fields, example_json

HUMAN = {"type": "human", "content": "hi", "id": "1"}
OPENAI = {"role": "user", "content": "hi"}
DOCUMENT = {"type": "document", "content": "a page"}


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"messages": [HUMAN]}, "messages"),
        ({"messages": HUMAN}, "messages"),
        ({"chat_history": [HUMAN], "n": [1]}, "chat_history"),
        ({"chat_history": [OPENAI]}, "chat_history"),
        ({"draft": [HUMAN], "messages": [HUMAN]}, "messages"),
        ({"messages": ["hi", "there"], "said": [HUMAN]}, "said"),
        ({"messages": [{"type": "an unheard of one", "content": "hi"}]}, "messages"),
    ],
)
def test_a_list_of_messages_is_a_conversation_under_any_key(values: Any, key: str) -> None:
    assert conversation_in(values)[0] == key
    assert len(messages_from_values(values)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"messages": ["hi", "there"]},
        {"messages": [HUMAN, "there"]},
        {"messages": []},
        {"documents": [DOCUMENT]},
        {"pairs": [["human", "hi"]]},
        {"n": 1},
        "hi",
        None,
        ["hi"],
    ],
)
def test_any_other_list_is_a_value(values: Any) -> None:
    assert conversation_in(values) == ("", [])
    assert messages_from_values(values) == ()


def test_a_state_that_is_a_conversation_itself_has_no_key() -> None:
    assert conversation_in([HUMAN]) == ("", [HUMAN])
    assert is_conversation([HUMAN], "said")


def test_of_an_input_a_text_and_a_pair_are_messages_too() -> None:
    assert [each.text for each in messages_from_input({"messages": ["hi", ["human", "there"]]})] == ["hi", "there"]
    assert title_of_input({"chat_history": [OPENAI]}) == "hi"


def test_a_text_given_as_an_object_is_the_whole_input() -> None:
    assert input_from(None, "hi") == "hi"
    assert title_of_input("hi") == "hi"
    assert input_from("hi") == text_as_input("hi")


def test_only_what_was_made_from_a_text_gets_another_key() -> None:
    assert with_text_under(text_as_input("hi"), "said") == {"said": [OPENAI]}
    others: tuple[Any, ...] = (
        None,
        "hi",
        {"messages": []},
        {"messages": [{**OPENAI, "id": "1"}]},
        {**text_as_input("hi"), "n": 1},
    )
    for other in others:
        assert with_text_under(other, "said") == other
        assert not is_text_input(other)


MESSAGES = {"type": "array", "items": {"$ref": "#/$defs/HumanMessage"}}
PLAIN = {"type": "array", "items": {}}
TEXTS = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"messages": PLAIN, "other": MESSAGES}, ("messages",)),
        ({"messages": TEXTS}, ()),
        ({"messages": {"type": "string"}}, ()),
        ({"messages": TEXTS, "said": MESSAGES}, ("said",)),
        ({"chat_history": PLAIN, "documents": PLAIN}, ("chat_history",)),
        ({"chat_history": {"anyOf": [PLAIN, {"type": "null"}]}}, ("chat_history",)),
        ({"documents": PLAIN}, ()),
        ({"draft": MESSAGES, "final": MESSAGES}, ("draft", "final")),
        ({"draft": MESSAGES, "chat_history": MESSAGES}, ("chat_history",)),
        ({"messages": {}}, ("messages",)),
        ({}, ()),
    ],
)
def test_a_schema_tells_where_a_conversation_goes(fields: Any, found: tuple[str, ...]) -> None:
    assert conversation_fields({"type": "object", "properties": fields}) == found


LEAVES = st.sampled_from(
    [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null", "array", "object")]
    + [{"enum": ["work", 3]}, {"const": "x"}, {"anyOf": [{"type": "null"}, {"type": "integer"}]}]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(lambda each: {"type": "array", "items": each})
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(
            lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)[:2]}
        )
    ),
    max_leaves=4,
)


@given(SCHEMAS)
def test_an_example_fits_its_schema(schema: dict[str, Any]) -> None:
    text = example_json(schema)
    if text != "{}":
        assert jsonschema_rs.is_valid(schema, json.loads(text))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "properties", "items", "anyOf", "$ref", "enum", "a"]), x, max_size=4
            )
        ),
        max_leaves=10,
    )
)
def test_whatever_stands_for_a_schema_has_an_example(schema: Any) -> None:
    json.loads(example_json(schema))
    conversation_fields(schema)

"""What is refused before a run is sent, and what is not: a server takes much that its schema does not name."""

from __future__ import annotations

import datetime
import socket
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.answer_check import answer_problem
from lg_magics.model.assistant_schemas import AssistantSchemas, settings_problem
from lg_magics.model.schema_check import CheckedSchema, Problem, _is_plainly_valid, input_problem

PLACE = {
    "title": "Place",
    "type": "object",
    "properties": {"city": {"type": "string"}, "zip": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
    "required": ["city"],
}
FIELDS: dict[str, Any] = {
    "topic": {"type": "string", "description": "What it is about."},
    "days": {"type": "integer"},
    "ratio": {"type": "number", "minimum": 0},
    "open": {"type": "boolean"},
    "kind": {"enum": ["work", "fun"]},
    "places": {"type": "array", "items": {"$ref": "#/$defs/Place"}},
    "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "messages": {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/HumanMessage"}]}},
    "said": {"type": "array", "items": {"$ref": "#/$defs/HumanMessage"}},
}
TYPED_DICT = {
    "$defs": {"Place": PLACE, "HumanMessage": PLACE},
    "type": "object",
    "properties": FIELDS,
    "required": ["topic"],
}
CLASS: dict[str, Any] = {**TYPED_DICT, "properties": {**FIELDS, "days": {"type": "integer", "default": 3}}}
NO_MESSAGES = {
    **CLASS,
    "properties": {name: field for name, field in CLASS["properties"].items() if name != "messages"},
}


def problem(schema: Any, value: Any, *, is_text: bool = False, is_new_thread: bool = True) -> Problem | None:
    return input_problem(CheckedSchema(schema), value, graph="trip", is_text=is_text, is_new_thread=is_new_thread)


SURELY_WRONG: dict[str, tuple[Any, Any, Problem]] = {
    "a field by a typo": (TYPED_DICT, {"topci": "x"}, Problem("trip has no field 'topci'", "Did you mean topic?")),
    "a typo beside fields that are right": (
        TYPED_DICT,
        {"topic": "x", "dayz": 3},
        Problem("trip has no field 'dayz'", "Did you mean days?"),
    ),
    "nothing that the graph knows": (
        TYPED_DICT,
        {"zzz": 1},
        Problem(
            "trip has no field 'zzz': nothing of this would arrive",
            "Its fields are topic, days, ratio, open, kind, places, tags, messages.",
        ),
    ),
    "a word for a number": (
        TYPED_DICT,
        {"topic": "x", "days": "three"},
        Problem('days must be integer, got "three"'),
    ),
    "a part of a whole number": (TYPED_DICT, {"days": 3.5}, Problem("days must be integer, got 3.5")),
    "a number for a text": (TYPED_DICT, {"topic": 5}, Problem("topic must be string, got 5")),
    "a choice by a typo": (
        TYPED_DICT,
        {"kind": "wrok"},
        Problem('kind must be one of "work", "fun", got "wrok"', 'Did you mean "work"?'),
    ),
    "a wrong type deep inside": (
        TYPED_DICT,
        {"places": [{"city": "Paris"}, {"city": 1}]},
        Problem("places[1].city must be string, got 1"),
    ),
    "a wrong type among choices": (
        TYPED_DICT,
        {"places": [{"city": "Paris", "zip": "x"}]},
        Problem('places[0].zip must be integer or null, got "x"'),
    ),
    "a text for an object": (TYPED_DICT, {"places": ["Paris"]}, Problem('places[0] must be Place, got "Paris"')),
    "what a class wants": (
        CLASS,
        {"days": 3},
        Problem("trip requires topic (string: What it is about.), which is missing"),
    ),
    "what an inner class wants": (
        CLASS,
        {"topic": "x", "places": [{"ctiy": "Paris"}]},
        Problem("places[0] lacks city", "Did you mean city by ctiy?"),
    ),
    "nothing where a class wants something": (CLASS, {"topic": None}, Problem("topic must be string, got null")),
    "less than a class allows": (
        CLASS,
        {"topic": "x", "ratio": -1},
        Problem("ratio: -1 is less than the minimum of 0"),
    ),
    "a number alone": (
        {"type": "object", "properties": {"topic": {"type": "string"}}},
        5,
        Problem("trip takes an object with topic (string, optional), and not 5"),
    ),
    "messages alone": (
        {"type": "object", "properties": {"messages": FIELDS["messages"]}},
        [{"role": "user"}],
        Problem(
            'trip takes an object with messages (list of messages, optional), and not [{"role": "user"}]',
            '{"messages": …} takes a list of them',
        ),
    ),
    "a text for a graph that takes a number": (
        {"type": "integer"},
        "x",
        Problem('the input must be integer, got "x"'),
    ),
}


@pytest.mark.parametrize("what", SURELY_WRONG)
def test_what_is_surely_wrong_is_said(what: str) -> None:
    schema, value, said = SURELY_WRONG[what]
    assert problem(schema, value) == said


MAY_BE_MEANT: dict[str, tuple[Any, Any]] = {
    "no input at all": (CLASS, None),
    "an empty one": (TYPED_DICT, {}),
    "a TypedDict whose graph fills in what is missing": (TYPED_DICT, {"days": 3}),
    "something besides": (TYPED_DICT, {"topic": "x", "zzz": 1}),
    "a name that is near one that is there": (TYPED_DICT, {"topic": "x", "topics": 1}),
    "a number as text": (CLASS, {"topic": "x", "days": "3", "ratio": " 1.5 "}),
    "a whole number with a point": (CLASS, {"topic": "x", "days": 3.0}),
    "yes and no in other words": (CLASS, {"topic": "x", "open": "yes"}),
    "one for true, and true for one": (CLASS, {"topic": "x", "open": 1, "days": True}),
    "nothing, in a TypedDict": (TYPED_DICT, {"topic": None, "places": [{"city": None}]}),
    "a tuple, and a set's list with something twice": (CLASS, {"topic": "x", "places": (), "tags": ["a", "a"]}),
    "a text as messages": (TYPED_DICT, {"messages": "hello"}),
    "pairs as messages": (TYPED_DICT, {"messages": [("user", "hello")], "said": ["hello"]}),
    "an object that becomes JSON on its way": (CLASS, {"topic": datetime.date(2026, 1, 1)}),
    "a limit that no class checks": (TYPED_DICT, {"ratio": -1}),
    "a name that is no text": (TYPED_DICT, {"topic": "x", 1: 2}),
    "what is missing inside a TypedDict": (TYPED_DICT, {"places": [{}]}),
    "anything, where there is no schema": (None, {"a": 1}),
    "anything, where any field may come": ({"type": "object", "additionalProperties": True}, {"a": 1}),
    "anything, where others may come": ({**TYPED_DICT, "additionalProperties": {"type": "string"}}, {"topci": "x"}),
    "anything, where the schema says nothing": ({"title": "k_input"}, 5),
    "anything, where the schema is none": ({"properties": {"a": {"type": 5}}}, {"a": 1}),
    "a message beside what its graph wants": (NO_MESSAGES, {"topic": "x", "messages": ["hello"]}),
}


@pytest.mark.parametrize("what", MAY_BE_MEANT)
def test_what_may_be_meant_is_sent(what: str) -> None:
    schema, value = MAY_BE_MEANT[what]
    assert problem(schema, value) is None


def test_on_a_thread_that_has_run_the_state_fills_in_what_is_missing() -> None:
    assert problem(CLASS, {"days": 3}, is_new_thread=False) is None


def test_a_text_goes_to_a_graph_that_takes_messages_and_to_no_other() -> None:
    text = {"messages": [{"role": "user", "content": "hi"}]}
    assert problem(TYPED_DICT, text, is_text=True) is None
    assert problem({"type": "object", "additionalProperties": True}, text, is_text=True) is None
    small = {
        "type": "object",
        "properties": {"topic": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["topic"],
    }
    assert problem(small, text, is_text=True) == Problem(
        "trip takes no messages: it requires topic (string), days (integer, optional)", example='{"topic": "text"}'
    )
    assert problem({"type": "integer"}, text, is_text=True) == Problem(
        "trip takes no messages: it requires integer", example="1"
    )


def settings(schema: Any, **given: Any) -> Problem | None:
    return settings_problem(CheckedSchema(schema), given, graph="trip")


def test_a_setting_by_a_typo_and_one_that_a_class_wants_are_named() -> None:
    fields = {"user_id": {"type": "string", "description": "Who."}, "level": {"type": "integer"}}
    plain = {"type": "object", "properties": fields, "required": ["user_id"]}
    checked = {**plain, "properties": {**fields, "level": {"type": "integer", "default": 1}}}
    assert settings(plain) is None
    assert settings(plain, userid="x") == Problem("trip has no setting 'userid'", "Did you mean user_id?")
    assert settings(plain, thing="x") is None
    assert settings(checked) == Problem("trip requires user_id (string: Who.), which is not set", "%lg_set user_id=…")
    assert settings(checked, user_id="x", thing="x") is None
    assert settings({}) is None


def test_what_the_assistant_sets_itself_needs_nobody_to_set_it() -> None:
    schema = {"type": "object", "properties": {"user_id": {"type": "string"}}, "required": ["user_id"]}
    payload = {"input_schema": TYPED_DICT, "config_schema": schema, "context_schema": None}
    bare = AssistantSchemas({"name": "trip"}, payload)
    assert bare.unset({}) == Problem("trip requires user_id (string), which is not set", "%lg_set user_id=…")
    assert bare.unset({"user_id": "x"}) is None
    assert AssistantSchemas({"name": "trip", "context": {"user_id": "Test"}}, payload).unset({}) is None


def test_a_schema_cannot_make_us_call_anybody() -> None:
    called = threading.Event()

    def answer() -> None:
        listening.accept()[0].close()
        called.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/schema"
        for schema in (
            {"properties": {"a": {"$ref": address}}},
            {"$schema": address, "properties": {"a": {"type": "string"}}},
            {"$id": address, "properties": {"a": {"$ref": "other"}}},
            {"properties": {"a": {"$dynamicRef": address}}},
        ):
            problem(schema, {"a": 1})
        assert not called.is_set()
        socket.create_connection(listening.getsockname()).close()
        assert called.wait(10)


def test_a_pattern_cannot_hang_us() -> None:
    def matched(pattern: str) -> Problem | None:
        field = {"type": "string", "pattern": pattern, "default": ""}
        return problem({"properties": {"a": field}}, {"a": "a" * 50_000 + "b"})

    assert matched("^(a+)+$") is not None
    assert matched("^(?=(a+)+$)") is not None
    assert matched(r"^(?!x)(a+)\1+c$") is None  # it would take too many steps


@pytest.mark.parametrize("pattern", [r"^(?!x)\w+$", r"^\w+\Z", "("])
def test_a_pattern_that_is_not_linear_or_not_read_leaves_the_rest_checked(pattern: str) -> None:
    schema = {
        "properties": {"code": {"type": "string", "pattern": pattern}, "n": {"type": "integer"}},
        "required": ["n"],
    }
    assert answer_problem(schema, {"code": "yy", "n": 1}) is None
    missing, wrong = answer_problem(schema, {"code": "yy"}), answer_problem(schema, {"code": "yy", "n": "1"})
    assert missing == Problem("the answer lacks n")
    assert wrong == Problem('n must be integer, got "1"')
    assert (answer_problem(schema, {"code": "xy", "n": 1}) is not None) is ("(?!" in pattern)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*FIELDS, "zzz"]), inner, max_size=6),
    max_leaves=20,
)


@given(JSON)
def test_whatever_is_given_is_answered_in_a_sentence_or_sent(value: Any) -> None:
    for schema in (TYPED_DICT, CLASS):
        said = problem(schema, value)
        assert said is None or (said.words and not said.words.endswith("."))


def test_a_value_that_is_no_json_at_all_is_left_to_the_one_who_sends_it() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    for value in ({"topic": object()}, {"topic": deep}, {"topic": {1, 2}}, {"topic": b"x"}, {"topic": float("nan")}):
        assert problem(TYPED_DICT, value) is None


def test_a_text_is_held_against_the_state_where_the_input_is_not_described() -> None:
    """LangGraph 0.5 describes no input of many graphs."""
    sent = {"properties": {"sent": {"type": "array", "items": {}}}, "type": "object"}
    text = {"messages": [{"role": "user", "content": "hello"}]}

    def problem(state: dict[str, Any], *, is_text: bool = True) -> Problem | None:
        schemas = AssistantSchemas({"name": "three"}, {"input_schema": None, "state_schema": state})
        return schemas.problem(text, {}, is_text=is_text, is_new_thread=True)

    found = problem(sent)
    assert found is not None
    assert found.words.startswith("three takes no messages: it requires sent")
    assert problem(sent, is_text=False) is None
    assert problem({}) is None
    assert problem({"properties": {"messages": {"type": "array", "items": {}}}, "type": "object"}) is None


PLAIN_FIELDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "boolean", "number", ["string", "null"]])},
    optional={"title": st.just("X"), "minLength": st.just(2), "maximum": st.just(0)},
)
VALUES = st.one_of(st.text("ab", max_size=3), st.integers(-(2**63), 2**63), st.booleans(), st.none())


@given(field=PLAIN_FIELDS, value=VALUES)
def test_what_is_plainly_valid_is_valid(field: Any, value: Any) -> None:
    schema = CheckedSchema({"type": "object", "properties": {"x": field}})
    assert not (_is_plainly_valid(field, value) and list(schema.errors({"x": value})))

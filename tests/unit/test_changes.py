"""What changed between two states is found, and nothing is left out."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from later_states import apply

from lg_magics.model.changes import ABSENT, Changes, changes

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 1) | st.text("ab.", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.", max_size=2), inner, max_size=3),
    max_leaves=8,
)
MESSAGE = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["human", "ai"]),
        "content": st.text("xy", max_size=3),
        "id": st.text("123", min_size=1, max_size=2),
    }
)
TALK = st.lists(MESSAGE, max_size=6)
STATE = st.one_of(JSON, st.fixed_dictionaries({"messages": TALK}, optional={"profile": JSON, "n": JSON, "more": TALK}))


def canon(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(STATE, STATE)
def test_applying_the_changes_to_a_state_gives_the_other(before: Any, after: Any) -> None:
    assert canon(apply(before, changes(before, after))) == canon(after)


@given(STATE)
def test_a_state_does_not_differ_from_itself(state: Any) -> None:
    assert not changes(state, json.loads(json.dumps(state)))


@given(st.lists(MESSAGE, max_size=6, unique_by=lambda message: message["id"]), st.lists(MESSAGE, max_size=3))
def test_appended_messages_are_added_and_nothing_else(talk: list[Any], more: list[Any]) -> None:
    known = {message["id"] for message in talk}
    new = [{**message, "id": f"new{n}"} for n, message in enumerate(more) if message["id"] not in known]
    found = changes({"messages": talk}, {"messages": talk + new})
    assert [change.after for change in found.messages] == new
    assert {change.kind for change in found.messages} <= {"added"}


def message(identity: str, text: str, role: str = "ai") -> dict[str, str]:
    return {"type": role, "id": identity, "content": text}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"messages": [message("1", "a")]}, {"messages": [message("1", "a"), message("2", "b")]}, "+1 ai message"),
        ({"messages": [message("1", "a")]}, {"messages": [message("1", "z")]}, "1 rewritten"),
        ({"messages": [message("1", "a"), message("2", "b")]}, {"messages": [message("2", "b")]}, "1 removed"),
        ({}, {"messages": [message("1", "a", "human"), message("2", "b")]}, "+2 messages"),
        ({"profile": {"city": "SF"}}, {"profile": {"city": "HKG"}}, "profile"),
        ({"n": 1}, {"n": True}, "n"),
        (1, [1], "values"),
        ({"n": 1}, {"n": 1}, ""),
        ({}, {"todos": [{"id": "1", "content": "buy milk", "status": "pending"}]}, "todos"),
        ({}, {"docs": [{"id": "1", "content": "text", "type": ["pdf"]}]}, "docs"),
        ({}, {"messages": [{"id": "1", "content": "text", "type": ["ai"]}]}, "+1 message"),
        ({"talk": [message("1", "a")]}, {"talk": [message("1", "a"), message("2", "b")]}, "+1 ai message"),
        ({"messages": [message("1", "a")]}, {"messages": []}, "1 removed"),
    ],
)
def test_changes_in_a_few_words(before: Any, after: Any, words: str) -> None:
    assert changes(before, after).words == words


def test_a_changed_value_is_named_by_its_path() -> None:
    (change,) = changes(
        {"profile": {"home": {"city": "SF", "zip": 1}}}, {"profile": {"home": {"city": "HKG", "zip": 1}}}
    ).keys
    assert (change.shown_path, change.before, change.after) == ("profile.home.city", "SF", "HKG")


def test_no_change_is_false() -> None:
    assert not Changes()


def test_no_value_is_the_same_object_after_pickling() -> None:
    assert pickle.loads(pickle.dumps([ABSENT, copy.deepcopy(ABSENT)])) == [ABSENT, ABSENT]
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT

"""What the store keeps exactly is let through as it is; what would come back changed is refused, with its place."""

from __future__ import annotations

import json
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from json_values import mappings

from lg_magics.errors import CommandError
from lg_magics.model.store_values import fingerprint, kept_value, text_from_value, value_from_text


class Level(IntEnum):
    HIGH = 2


def deep(levels: int) -> Any:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"a": nested}
    return nested


@given(mappings)
def test_json_is_kept_as_it_is_and_survives_its_text(value: dict[str, Any]) -> None:
    assert json.dumps(kept_value(value)) == json.dumps(value)
    text, size = text_from_value(value, 1_000_000)
    assert size == 0
    assert fingerprint(value_from_text(text)) == fingerprint(value)
    assert text_from_value(value, len(text)) == (text, 0)
    assert text_from_value(value, len(text) - 1)[0] == text[:-1]


def test_what_json_has_another_name_for_is_kept_plain() -> None:
    kept = kept_value(MappingProxyType({"a": (1, Level.HIGH), "b": MappingProxyType({})}))
    assert json.dumps(kept) == '{"a": [1, 2], "b": {}}'
    assert [type(each) for each in kept["a"]] == [int, int]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1], "The value is a list: the store keeps mappings"),
        (None, "The value is None"),
        ("x", "The value is a str"),
        ({"a": float("nan")}, "value.a is nan, which JSON has no word for"),
        ({"a": [0.5, float("-inf")]}, r"value.a\[1\] is -inf"),
        ({"a": {"b": "x\0"}}, r"value.a.b holds the character '\\x00'"),
        ({"a\0": 1}, "a key of value holds the character"),
        ({"a": "\ud800"}, r"value.a holds the character '\\ud800'"),
        ({"a": 2**64}, "value.a is a whole number of more than 64 bits"),
        ({"a": -(2**63) - 1}, "more than 64 bits"),
        ({"a": {1: 2}}, "value.a has the key 1: keys are texts"),
        ({"a": b"x"}, "value.a is a bytes, which is no JSON"),
        ({"a": {1, 2}}, "value.a is a set"),
        ({"a": object()}, "value.a is an object"),
        (deep(251), "nested more than 250 levels"),
    ],
)
def test_what_would_come_back_changed_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        kept_value(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is not JSON: .*line 1 column 2"),
        ("", "This is not JSON"),
        ("[" * 100_000, "This is not JSON"),
        ("[1]", "The value is a list"),
        ('{"a": NaN}', "value.a is nan"),
        ('{"a": 1, "a": 2}', "The key 'a' stands twice"),
        ('{"a": [{"b": 1, "b": 1}]}', "The key 'b' stands twice"),
        ('{"a": 18446744073709551616}', "more than 64 bits"),
        ('{"a": "\\ud800"}', "holds the character"),
    ],
)
def test_a_text_that_is_no_value_is_refused(text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        value_from_text(text)


def test_equal_as_json_is_stricter_than_pythons_equal() -> None:
    values: list[Any] = [{"a": 1}, {"a": 1.0}, {"a": True}, {"a": "1"}, {"a": None}, {}, None, {"a": -0.0}, {"a": 0.0}]
    assert len({fingerprint(value) for value in values}) == len(values)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(None) == ""

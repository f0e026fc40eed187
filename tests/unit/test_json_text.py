"""JSON on its way to the server arrives as it was given, or is refused with its place."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import numpy
import orjson
import pytest
from hypothesis import given
from json_values import values
from langchain_core.messages import HumanMessage
from langgraph_sdk._shared.utilities import _orjson_default

from lg_magics.errors import CommandError
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.lookup import command_named
from lg_magics.model.json_equality import same_json
from lg_magics.model.json_text import check_json, json_fault, plain_json, strict_json
from lg_magics.session import Session

NAN = float("nan")


@dataclass
class Point:
    x: float


class Color(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (NAN, "input is nan, which JSON has no word for."),
        ({"a": [1, float("-inf")]}, "input.a[1] is -inf, which JSON has no word for."),
        ({"a": {1: 2}}, "input.a has the key 1: keys are texts."),
        ({None: 2}, "input has the key None: keys are texts."),
        ({"a": (numpy.float32("nan"),)}, "input.a[0] is nan, which JSON has no word for."),
        ({"a": numpy.array([[1.0, NAN]])}, "input.a[0][1] is nan, which JSON has no word for."),
        ({"a": Point(NAN)}, "input.a.x is nan, which JSON has no word for."),
        ({"a": [1, object()]}, "input.a[1] cannot be sent as JSON: it is an object."),
        ({"a": {"b": Point}}, "input.a.b cannot be sent as JSON: it is a type."),
        ({"a": b"x"}, "input.a cannot be sent as JSON: it is a bytes."),
        ([iter([1])], "input[0] cannot be sent as JSON: it is a list_iterator."),
        (
            {"messages": [HumanMessage("hi", additional_kwargs={"n": NAN})]},
            "input.messages[0].additional_kwargs.n is nan, which JSON has no word for.",
        ),
    ],
)
def test_what_would_arrive_changed_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        check_json(value, "input")
    assert refused.value.message == said


@given(values)
def test_json_is_not_refused(value: Any) -> None:
    assert json_fault(value, "input") is None
    assert orjson.loads(orjson.dumps(value)) == value


def test_a_value_has_the_form_in_which_the_server_returns_it() -> None:
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    given = {
        "pair": (1, 2.0),
        "at": [moment, moment.date()],
        "id": UUID(int=7),
        "color": Color.RED,
        "point": Point(1.5),
    }
    given |= {"array": numpy.array([[1, 2]]), "number": numpy.float64(0.5), "message": HumanMessage("hi"), "set": {"a"}}
    sent = orjson.dumps(given, default=_orjson_default, option=orjson.OPT_SERIALIZE_NUMPY)
    assert plain_json(given) == orjson.loads(sent)
    assert plain_json({"c", "a", "b"}) == ["a", "b", "c"]


@given(values, values)
def test_values_are_equal_as_json_if_their_texts_are(one: Any, other: Any) -> None:
    for left, right in ((one, other), (one, one), (json.loads(json.dumps(one)), one)):
        is_same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
        assert same_json(left, right, exact=True) >= is_same
        assert same_json(left, right) >= is_same


@pytest.mark.parametrize(
    ("one", "other", "loose", "exact"),
    [
        (True, 1, False, False),
        (False, 0.0, False, False),
        ([1], [1.0], True, False),
        ({"a": (1, 2)}, {"a": [1, 2]}, True, True),
        ({"a": 1}, {"a": 1, "b": None}, False, False),
        ("1", 1, False, False),
        (None, False, False, False),
        (NAN, float("nan"), True, True),
    ],
)
def test_true_is_not_1_and_exactly_1_is_not_1_0(one: Any, other: Any, loose: bool, exact: bool) -> None:
    assert (same_json(one, other), same_json(one, other, exact=True)) == (loose, exact)


def test_what_the_sdk_refuses_itself_is_left_to_it() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert json_fault(cycle, "input") is None


def test_what_the_sdk_writes_is_not_refused() -> None:
    class Old:
        def dict(self) -> dict[str, int]:
            return {"a": 1}

    now = datetime.now(UTC)
    for value in (now, now.date(), now.time(), uuid.uuid4(), Color.RED, Old(), {1}, HumanMessage("hi"), numpy.int64(1)):
        assert json_fault({"a": value}, "input") is None
        assert orjson.dumps({"a": value}, _orjson_default, orjson.OPT_SERIALIZE_NUMPY)


@pytest.mark.parametrize("text", ["1e400", '{"n": [-1e999]}'])
def test_a_number_that_would_be_infinite_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is too large a number"):
        strict_json(text)
    assert strict_json("[1e300, 0.5, -2]") == [1e300, 0.5, -2]


@pytest.mark.parametrize("text", ["NaN", '{"n": [Infinity]}', "-Infinity"])
def test_a_text_with_a_number_that_json_has_not_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match=r"(NaN|Infinity) is not JSON\."):
        strict_json(text)
    assert strict_json(text, allow_nan=True) is not None
    json.loads(text)  # Python alone takes it


def test_the_defaults_of_all_runs_are_checked_too() -> None:
    session = Session()
    with pytest.raises(CommandError, match="limit is nan"):
        call_command(command_named("set"), session, (), {"limit": NAN})
    with pytest.raises(CommandError, match="client cannot be sent as JSON: it is a Session"):
        call_command(command_named("set"), session, (), {"client": session})
    session.close()

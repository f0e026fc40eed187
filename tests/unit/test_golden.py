"""What a run does, beside what a file says: tools, arguments and their order, whatever the texts say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.errors import CommandError
from lg_magics.model.golden import Golden, Order, difference, golden_from_text, golden_of, text_of_golden


def does(*calls: tuple[str, dict[str, Any]], status: str = "success") -> Golden:
    return Golden(status, calls)


FIND, CANCEL = ("find_order", {"id": 7}), ("cancel_order", {"id": 7, "why": "late"})


@pytest.mark.parametrize(
    ("wanted", "found", "order", "said"),
    [
        (does(FIND, CANCEL), does(FIND, CANCEL), "strict", ""),
        (
            does(FIND, CANCEL),
            does(CANCEL, FIND),
            "strict",
            'call 1 is cancel_order(id=7, why="late"), not find_order(id=7)',
        ),
        (does(FIND), does(FIND, FIND), "strict", "call 2 is find_order(id=7), and none is expected there"),
        (does(FIND, CANCEL), does(FIND), "strict", 'call 2 is missing: cancel_order(id=7, why="late")'),
        (
            does(CANCEL),
            does(("cancel_order", {"id": 8, "why": "late"})),
            "strict",
            "call 1 of cancel_order has id=8, not id=7",
        ),
        (
            does(CANCEL),
            does(("cancel_order", {"id": 7})),
            "strict",
            'call 1 of cancel_order has no why, not why="late"',
        ),
        (does(FIND, CANCEL), does(CANCEL, FIND), "unordered", ""),
        (does(FIND), does(FIND, FIND), "unordered", "a call is not expected: find_order(id=7)"),
        (does(FIND, FIND), does(FIND), "unordered", "a call is missing: find_order(id=7)"),
        (does(FIND), does(("find_order", {"id": 8})), "unordered", "a call of find_order has id=8, not id=7"),
        (does(CANCEL), does(FIND, CANCEL, FIND), "subset", ""),
        (does(), does(FIND), "subset", ""),
        (
            does(FIND, CANCEL),
            does(CANCEL, FIND),
            "subset",
            'call 2, cancel_order(id=7, why="late"), does not come in this order',
        ),
        (does(CANCEL), does(FIND), "subset", 'call 1 is missing: cancel_order(id=7, why="late")'),
        (does(FIND, FIND), does(FIND), "subset", "call 2 is missing: find_order(id=7)"),
        (does(FIND, CANCEL, FIND), does(FIND, CANCEL), "subset", "call 3 is missing: find_order(id=7)"),
        (does(FIND), does(FIND, status="error"), "subset", "it ended as error, not as success"),
    ],
)
def test_a_mismatch_is_one_readable_difference(wanted: Golden, found: Golden, order: Order, said: str) -> None:
    assert difference(wanted, found, order) == said


def test_arguments_may_be_left_out_by_name() -> None:
    other = ("cancel_order", {"id": 7, "why": "too late"})
    assert difference(does(CANCEL), does(other), "strict")
    assert difference(does(CANCEL), does(other), "strict", ["why"]) == ""
    assert difference(does(CANCEL), does(other), "strict", ["cancel_order.why"]) == ""
    assert difference(does(CANCEL), does(other), "strict", ["find_order.why"])


@pytest.mark.parametrize("order", ["strict", "unordered", "subset"])
def test_true_is_not_1_and_5_is_5_0_in_any_order(order: Order) -> None:
    wanted = does(("book", {"confirmed": True, "seats": [5]}))
    assert difference(wanted, does(("book", {"confirmed": True, "seats": [5.0]})), order) == ""
    other = does(("book", {"confirmed": 1, "seats": [5]}))
    assert difference(wanted, other, order).endswith("of book has confirmed=1, not confirmed=true")


names = st.text(min_size=1, max_size=5)
calls = st.lists(
    st.tuples(names, st.dictionaries(names, st.none() | st.integers(-9, 9) | names, max_size=3)), max_size=4
)


@given(calls, calls)
def test_a_file_gives_back_what_was_written_and_differs_only_from_something_else(one: Any, other: Any) -> None:
    golden = does(*one)
    assert golden_from_text(text_of_golden(golden), "x") == golden
    for order in ("strict", "unordered", "subset"):
        assert difference(golden, golden, order) == ""
    assert (difference(golden, does(*other), "strict") == "") == (one == other)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"tools": [1]}', '{"tools": [{"name": 1}]}', "[" * 100_000, '{"tools": 7}']
)
def test_a_file_that_says_something_else_is_reported(text: str) -> None:
    with pytest.raises(CommandError, match=r"golden.json does not say what a run does"):
        golden_from_text(text, "golden.json")


def test_a_file_with_a_repeated_key_is_refused_and_one_with_a_nan_is_not() -> None:
    with pytest.raises(CommandError, match=r"^golden.json: The key 'tools' stands twice in one mapping."):
        golden_from_text('{"tools": [{"name": "f"}], "tools": []}', "golden.json")
    nan = does(("f", {"x": float("nan")}))
    assert difference(golden_from_text(text_of_golden(nan), "x"), nan, "strict") == ""


def test_what_was_on_the_thread_before_is_not_the_runs() -> None:
    call = {"type": "ai", "content": "", "tool_calls": [{"name": "f", "args": {"x": (1, 2)}, "id": "1"}]}
    assert golden_of("success", {"messages": [call, call]}, {"messages": [call]}) == does(("f", {"x": [1, 2]}))
    earlier = [{**call, "id": f"m{n}"} for n in range(3)]
    trimmed = [earlier[2], {**call, "id": "new"}]  # by a graph that keeps the last two
    assert golden_of("success", {"messages": trimmed}, {"messages": earlier}) == does(("f", {"x": [1, 2]}))

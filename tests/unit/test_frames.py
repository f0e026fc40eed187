"""Whatever a server holds, a frame of it goes to CSV, JSON lines, Parquet and Excel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frames import assert_portable
from hypothesis import given, settings
from hypothesis import strategies as st
from json_values import mappings, texts
from message_samples import SHAPES

from lg_magics.model.changes import changes
from lg_magics.model.messages import messages_from_values
from lg_magics.tables.cells import cells
from lg_magics.tables.conversation import conversation
from lg_magics.tables.diff import Diff
from lg_magics.tables.store import Items
from lg_magics.tables.table import Column, Table


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 2.5, None], [1, 2.5, None]),
        ([True, None], [True, None]),
        ([True, 1], ["true", "1"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([2**60 + 1, 1], [2**60 + 1, 1]),
        ([2**60 + 1, 0.5], [str(2**60 + 1), "0.5"]),
        ([[2**60 + 1, 0.5]], [f"[{2**60 + 1}, 0.5]"]),
        ([[2**60 + 1], [0.5]], [f"[{2**60 + 1}]", "[0.5]"]),
        ([[1], [0.5], []], [[1], [0.5], []]),
        (["a", 1, None], ["a", "1", None]),
        ([{}, {"a": None}], ["{}", '{"a": null}']),
        ([["a"], []], [["a"], []]),
        ([["a"], [1]], ['["a"]', "[1]"]),
        ([[["a"]]], ['[["a"]]']),
        (["\ud800"], ["\\ud800"]),
        ([], []),
    ],
)
def test_cells_of_one_kind_stay_and_others_are_json_text(values: list[Any], found: list[Any]) -> None:
    assert cells(values) == found


@settings(max_examples=8, deadline=None)
@given(st.lists(mappings, max_size=3), texts)
def test_a_frame_of_any_values_goes_to_every_file(values: list[dict[str, Any]], text: str) -> None:
    rows = tuple((text, value, list(value.values()), next(iter(value.values()), None)) for value in values)
    assert_portable(Table("x", (Column("a"), Column("b", "value"), Column("c", "list"), Column("d", "value")), rows).df)
    items = [{"namespace": ["a"], "key": text, "value": {"k": {"a": [*each.values()]}}} for each in values]
    assert_portable(Items(tuple(items)).df)
    assert_portable(Diff("a", "b", changes(values[0] if values else {}, values[-1] if values else {})).df)


def test_an_integer_that_no_float_has_goes_to_every_file() -> None:
    rows = ((2**60 + 1, [2**60 + 1, 0.5]), (0.5, [1]))
    assert_portable(Table("x", (Column("a", "value"), Column("b", "value")), rows).df)


def test_a_conversation_of_every_vendor_goes_to_every_file() -> None:
    found = conversation(messages_from_values({"messages": [*SHAPES.values()]}))
    assert_portable(found.df)
    assert_portable(conversation(()).df)
    assert json.loads(found.df["tool_calls"][2]) == [{"name": "MARK", "args": {"MARK": 1}, "id": "c"}]


def test_what_a_difference_adds_or_takes_away_is_reported_by_its_kind_and_no_marker_is_in_the_frame() -> None:
    frame = Diff("a", "b", changes({"gone": 1, "same": 1, "none": 1}, {"new": {"a": 1}, "same": 1, "none": None})).df
    found = {row["where"]: (row["kind"], row["before"], row["after"]) for row in frame.to_dict("records")}
    assert found == {
        "gone": ("removed", 1, None),
        "none": ("changed", 1, None),
        "new": ("added", None, '{"a": 1}'),
    }

"""What a batch makes of a frame: rows, inputs, what is kept of them beside their threads, and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage

from lg_magics.errors import CommandError
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan, entry_from_metadata, plan_for
from lg_magics.model.batch_rows import Rows, json_of, json_of_cells, json_of_input, source_from
from lg_magics.model.batch_written import parts_of, plan_from_parts
from lg_magics.tables.batch import rows_from_frame

CITIES = {"city": ["Paris", "Tokyo"], "n": [1, 2]}


@pytest.mark.parametrize(
    "frame", [CITIES, [{"city": "Paris", "n": 1}, {"city": "Tokyo", "n": 2}], pd.DataFrame(CITIES)], ids=type
)
def test_a_frame_a_list_of_dicts_and_a_mapping_are_the_same_rows(frame: object) -> None:
    rows = rows_from_frame(frame)
    assert (rows.columns, rows.cells, rows.labels) == (("city", "n"), (("Paris", 1), ("Tokyo", 2)), None)


def test_a_dict_that_lacks_a_key_has_an_empty_cell() -> None:
    assert rows_from_frame([{"a": 1}, {"b": 2}]).cells == ((1, None), (None, 2))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"a": []}), "The frame has no rows"),
        ([], "The frame has no rows"),
        ({}, "The frame has no rows"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named 'a'"),
        ("Paris", "A frame is needed, not a str"),
        (["Paris", "Tokyo"], "A frame is needed, not a list. A DataFrame, a list of dicts, or a mapping of columns"),
        (7, "A frame is needed, not an int"),
        ({"city": "Paris"}, "The column 'city' is a str, not a list"),
        ({"a": [1], "b": [1, 2]}, "differ in length: a 1, b 2"),
        ({1: ["a"], "1": ["b"]}, "two columns named '1'"),
        ([{1: "a"}, {"1": "b"}], "two columns named '1'"),
    ],
)
def test_what_is_no_frame_is_reported(frame: object, said: str) -> None:
    with pytest.raises(CommandError) as caught:
        rows_from_frame(frame)
    assert said in str(caught.value)


def input_of(cell: Any, source: str = "cell") -> Any:
    rows = Rows(("cell",), ((cell,),))
    return json.loads(json_of_input(source_from(source, rows.columns), rows.row(0)))


def said_by(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("hello {you}", said_by("hello {you}")),
        (42, said_by("42")),
        ({"steps": 1, "when": date(2026, 1, 2)}, {"steps": 1, "when": "2026-01-02"}),
        (
            {"numbers": np.array([1, 2]), "one": np.int64(1), "half": np.float64(0.5)},
            {"numbers": [1, 2], "one": 1, "half": 0.5},
        ),
        ([1, 2], [1, 2]),
        ({"messages": [HumanMessage("hi", id="1")]}, None),
    ],
)
def test_a_column_gives_messages_or_whole_inputs(cell: Any, value: Any) -> None:
    found = input_of(cell)
    if value is None:
        assert (found["messages"][0]["type"], found["messages"][0]["content"]) == ("human", "hi")
    else:
        assert found == value


def test_a_template_gives_a_message() -> None:
    assert input_of("Paris", "Weather in {cell}?") == said_by("Weather in Paris?")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (None, "the cell of 'cell' is empty"),
        ({"x": object()}, "cannot be sent as JSON: it is an object"),
        ({"x": float("nan")}, "input.x is nan, which JSON has no word for"),
        ({"x": "\ud800"}, "half a character"),
        ("\ud800", "half a character"),
    ],
)
def test_an_input_that_cannot_be_sent_says_why(cell: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        input_of(cell)


def test_a_name_of_a_column_wins_over_a_template_and_a_constant_is_refused() -> None:
    rows = Rows(("{city}", "city"), (("a", "b"),))
    assert json.loads(json_of_input(source_from("{city}", rows.columns), rows.row(0))) == said_by("a")
    with pytest.raises(CommandError, match=r"no column 'ctiy'. Did you mean city\?"):
        source_from("ctiy", ("city",))
    with pytest.raises(CommandError, match="takes no column"):
        source_from("{{city}}", ("city",))


def test_cells_are_kept_as_json_and_what_it_has_no_word_for_as_text() -> None:
    kept = json_of_cells(
        {"a": "é", "none": pd.NA, "when": pd.Timestamp("2026-01-02"), "x": {1}, "y": {(1, 2): 3}, "h": "\ud800"}
    )
    found = json.loads(kept)
    assert (found["a"], found["none"], found["when"]) == ("é", None, "2026-01-02T00:00:00")
    assert kept.encode("utf-8")
    assert json.loads(json_of_cells({"o": object()}))["o"].startswith("<object")


# -- the plan, and the way back ---------------------------------------------------------------------------------


def plan(rows: Rows, source: str = "in {city}", **what: Any) -> BatchPlan:
    what = {"assistants": {"agent": "agent", "mine": "0" * 36}, **what}
    return plan_for(rows, source_from(source, rows.columns), id="k7f2-9qd4", source=source, **what)


def written(made: BatchPlan) -> list[Mapping[str, Any]]:
    """The metadata of its parts, as a server gives it back."""
    return [json.loads(json.dumps(part.metadata)) for part in parts_of(made)]


cells = st.none() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**60), 2**60) | st.booleans()


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_is_written_gives_the_same_plan(rows: list[tuple[Any, ...]]) -> None:
    made = plan(
        Rows(("city", "other"), tuple(rows)), config={"configurable": {"user_id": "Test"}}, max_tokens=7, repeat=2
    )
    again = plan_from_parts("k7f2-9qd4", list(reversed(written(made))))
    assert again == made
    assert again is not None
    assert again.entries() == made.entries()


def test_a_run_has_the_tags_and_nothing_of_the_row() -> None:
    made = plan(Rows(("city",), (("Paris",),)), metadata={"team": "x"}, repeat=2)
    assert made.run_metadata(made.entries()[3]) == {
        "team": "x",
        "lg_batch": "k7f2-9qd4",
        "lg_row": 0,
        "lg_assistant": "mine",
        "lg_repeat": 2,
        "lg_attempt": 1,
    }


def test_an_entry_is_found_by_its_threads_metadata_and_anything_else_is_none() -> None:
    made = plan(Rows(("city",), (("Paris",),)), repeat=2)
    assert entry_from_metadata("t-1", made.tags(made.entries()[3])) == Entry(0, "mine", 2, 1, "t-1")
    for other in ({}, {"lg_row": "0", "lg_assistant": "a"}, {"lg_row": 0}, {"lg_row": -1, "lg_assistant": "a"}):
        assert entry_from_metadata("t-1", other) is None


def test_each_run_of_a_batch_has_a_thread_of_its_own_that_is_the_same_everywhere() -> None:
    made = plan(Rows(("city",), (("Paris",), ("Rome",))), repeat=2)
    ids = [made.thread_id(entry, claim) for entry in made.entries() for claim in (0, 1)]
    retried = [made.thread_id(replace(entry, attempt=2)) for entry in made.entries()]
    assert len({*ids, *retried}) == 2 * 2 * 2 * 3
    again = plan_from_parts("k7f2-9qd4", written(made))
    assert again is not None
    assert [again.thread_id(entry, claim) for entry in again.entries() for claim in (0, 1)] == ids


@pytest.mark.parametrize("metadata", [[], [{}], [{"lg_rows": "[]"}], [{"lg_rows": "[]", "lg_settings": "[1"}]])
def test_threads_that_tell_of_no_plan_give_none(metadata: list[dict[str, Any]]) -> None:
    assert plan_from_parts("k7f2-9qd4", metadata) is None


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), min_size=1, max_size=6), st.integers(1, 4)
)
def test_the_parts_hold_all_rows_and_none_is_large(cells: list[str | None], repeated: int) -> None:
    rows = tuple((cell if cell is None else cell + "x" * repeated * 40_000,) for cell in cells)
    made = plan(Rows(("city",), rows, labels=tuple(range(7, 7 + len(rows)))))
    parts = parts_of(made)
    assert [row for part in parts for row in part.rows] == list(range(len(rows)))
    assert max(len(str(part.metadata)) for part in parts) < 700_000
    assert plan_from_parts("k7f2-9qd4", written(made)) == made


def test_a_row_that_no_part_tells_of_is_gone_and_said_to_be() -> None:
    made = plan(Rows(("city",), (("Paris",), ("Tokyo",), ("Rome",))))
    (part,) = written(made)
    left = json.dumps([row for row in json.loads(part["lg_rows"]) if row["row"] != 1])
    again = plan_from_parts("k7f2-9qd4", [{**part, "lg_rows": left}])
    assert again is not None
    assert [(entry.row, entry.status) for entry in again.entries()][2:4] == [(1, "deleted"), (1, "deleted")]
    assert again.entries()[2].error == "Nothing of this row is on the deployment."


def test_a_cell_with_an_array_or_a_tuple_is_a_list() -> None:
    said = [{"role": "user", "content": "hi"}]
    for cell in (np.array(said), tuple(said), said):
        assert json.loads(json_of_input(source_from("q", ["q"]), {"q": cell})) == said
        assert "role" in json.loads(json_of_input(source_from("Say {q}", ["q"]), {"q": cell}))["messages"][0]["content"]
    assert json_of(frozenset("cab")) == '["a", "b", "c"]'

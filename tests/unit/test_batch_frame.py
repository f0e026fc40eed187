"""The frame that comes back: the columns as they were, ours beside them, each in its type, also after a way through JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from importlib import import_module
from typing import Any

import pandas as pd
import pytest

from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import plan_for
from lg_magics.model.batch_rows import Rows, source_from
from lg_magics.model.batch_written import parts_of, plan_from_parts
from lg_magics.model.scores import Scored
from lg_magics.tables.batch import batch_frame, renamed_columns, rows_from_frame, summary_table

OURS = ["assistant", "status", "output", "error", "seconds", "tokens", "tools", "thread_id", "run_id"]
GOOD = Entry(0, "agent", 1, 1, "t-1", "r-1", "success", "It is\nsunny, 21 °C", "", 1.5, 120, ("weather",))
BAD = Entry(1, "agent", 1, 1, "t-2", "", "error", None, 'ValueError: "no", he said')


def framed(rows: Rows, entries: list[Entry] | None = None, *, has_repeats: bool = False) -> pd.DataFrame:
    return batch_frame(rows, entries or [GOOD, BAD], has_repeats=has_repeats, attrs={"batch": "k7f2-9qd4"})


def restored(rows: Rows) -> Rows:
    """The rows as an attached batch has them."""
    made = plan_for(rows, source_from(rows.columns[0], rows.columns), id="x", source="x", assistants={"agent": "agent"})
    written = [json.loads(json.dumps(part.metadata)) for part in parts_of(made)]
    again = plan_from_parts("x", written)
    assert again is not None
    return again.rows


def test_the_columns_come_first_and_ours_have_their_types() -> None:
    frame = framed(rows_from_frame({"city": ["Paris", "Tokyo"]}))
    assert list(frame.columns) == ["city", *OURS]
    assert (str(frame["seconds"].dtype), str(frame["tokens"].dtype)) == ("float64", "Int64")
    assert list(frame["output"]) == ["It is\nsunny, 21 °C", None]
    assert list(frame["error"]) == [None, 'ValueError: "no", he said']
    assert frame.attrs == {"batch": "k7f2-9qd4"}


def test_each_score_is_a_column_and_so_are_its_comments_and_errors_where_there_are_any() -> None:
    good = replace(GOOD, scores={"right": Scored(True, "it is"), "length": Scored(17)})
    bad = replace(BAD, scores={"right": Scored(error="ValueError: no"), "status": Scored("a text")})
    frame = framed(rows_from_frame({"city": ["Paris", "Tokyo"]}), [good, bad], has_repeats=True)
    assert list(frame.columns)[1:3] == ["assistant", "repeat"]
    assert list(frame.columns)[-6:] == ["run_id", "right", "right_comment", "right_error", "length", "lg_status"]
    assert (str(frame["right"].dtype), str(frame["length"].dtype)) == ("boolean", "Int64")
    assert (frame["right"][0], frame["right_error"][1], frame["right_comment"][1]) == (True, "ValueError: no", None)


@pytest.mark.parametrize(
    ("values", "dtype", "written"),
    [
        ([True, 0.5, None], "Float64", [1.0, 0.5, None]),
        ([True, 2, None], "Int64", [1, 2, None]),
        ([True, False, None], "boolean", [True, False, None]),
        ([True, "good", None], "string", ["true", "good", None]),
    ],
)
def test_a_score_that_is_a_bool_in_some_rows_and_a_number_in_others_is_a_number(
    values: list[Any], dtype: str, written: list[Any]
) -> None:
    entries = [replace(GOOD, scores={"right": Scored(value)}) for value in values]
    column = framed(rows_from_frame({"city": ["Paris"]}), entries)["right"]
    assert str(column.dtype) == dtype
    assert [None if pd.isna(cell) else cell for cell in column] == written


def test_the_summary_has_the_mean_of_each_score_over_rows_and_its_interval() -> None:
    scores = [(0, 1, 1.0), (0, 2, 0.0), (1, 1, True), (2, 1, None), (3, 1, "good")]
    entries = [Entry(row, "agent", repeat, scores={"right": Scored(value)}) for row, repeat, value in scores]
    failed = Entry(4, "agent", scores={"right": Scored(error="ValueError")})
    (found,) = summary_table([*entries, failed, Entry(5, "agent")])
    assert (found["score"], found["assistant"], found["mean"], found["n"], found["errors"]) == (
        "right",
        "agent",
        0.75,
        2,
        1,
    )
    assert 0.5 <= found["low"] <= 0.75 <= found["high"] <= 1
    assert summary_table([Entry(0, "agent")]).rows == ()


def test_each_assistant_has_a_row_of_its_own_beside_the_other() -> None:
    entries = [GOOD, replace(GOOD, assistant="mine"), BAD, replace(BAD, assistant="mine")]
    frame = framed(rows_from_frame({"city": ["Paris", "Tokyo"]}), entries)
    assert list(zip(frame["city"], frame["assistant"], strict=True)) == [
        ("Paris", "agent"),
        ("Paris", "mine"),
        ("Tokyo", "agent"),
        ("Tokyo", "mine"),
    ]


def test_a_name_that_is_taken_is_kept_and_ours_gets_another() -> None:
    once = framed(rows_from_frame({"assistant": ["a", "b"], "output": [1, 2]}))
    assert list(once.columns)[:4] == ["assistant", "output", "lg_assistant", "status"]
    assert (list(once["assistant"]), list(once["lg_assistant"])) == (["a", "b"], ["agent", "agent"])
    twice = framed(rows_from_frame(once))
    assert list(twice.columns)[: len(once.columns)] == list(once.columns)
    assert len(set(twice.columns)) == len(twice.columns)
    assert renamed_columns(tuple(once.columns))["assistant"] == "lg_lg_assistant"


TYPED = pd.DataFrame(
    {
        "text": pd.Series(["a", None], dtype="string"),
        "whole": pd.Series([1, None], dtype="Int64"),
        "small": pd.Series([1, 2], dtype="int8"),
        "half": [0.5, None],
        "yes": [True, False],
        "when": pd.Series(["2026-01-02", None]).pipe(pd.to_datetime, utc=True),
        "took": pd.to_timedelta(["1 days", "2 h"]),
        "kind": pd.Categorical(["x", "y"]),
        "size": pd.Categorical(["small", "large"], categories=["small", "middle", "large"], ordered=True),
        "rank": pd.Categorical([2, None], categories=[3, 2, 1]),
        "day": pd.Categorical(pd.to_datetime(["2026-01-02", "2026-01-03"]), ordered=True),
        "thing": [{"a": 1}, [1, 2]],
    }
)


@pytest.mark.parametrize("way", [lambda rows: rows, restored], ids=["here", "restored"])
def test_the_columns_keep_their_types(way: Any) -> None:
    frame = framed(way(rows_from_frame(TYPED)))
    pd.testing.assert_frame_equal(frame[list(TYPED.columns)], TYPED)


@pytest.mark.parametrize("way", [lambda rows: rows, restored], ids=["here", "restored"])
@pytest.mark.parametrize(
    "names",
    [[0, 1], ["a", 1], [1.5, None], [("a", 1), ("a", 2)], [("a", 1), "b"], ["a", "b"]],
    ids=str,
)
def test_the_columns_keep_their_names(names: list[Any], way: Any) -> None:
    given = pd.DataFrame([[1, 2], [3, 4]])
    given.columns = pd.Index(names) if isinstance(names[1], tuple) else pd.Index(names, dtype=object)
    frame = framed(way(rows_from_frame(given)))
    assert list(frame.columns)[:2] == names
    assert [type(name) for name in frame.columns[:2]] == list(map(type, names))
    assert [list(frame[name]) for name in names] == [[1, 3], [2, 4]]
    assert list(frame.columns)[2:] == OURS


@pytest.mark.parametrize("way", [lambda rows: rows, restored], ids=["here", "restored"])
@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(2),
        pd.Index(["x", "x"], name="key"),
        pd.RangeIndex(4, 8, 2),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["k", "n"]),
    ],
    ids=["plain", "twice", "cut", "two levels"],
)
def test_the_index_stays_also_where_a_label_is_there_twice(index: pd.Index, way: Any) -> None:
    given = pd.DataFrame({"city": ["Paris", "Tokyo"]}, index=index)
    frame = framed(way(rows_from_frame(given)))
    assert list(frame.index) == list(index)
    assert frame.index.names == index.names
    assert list(given.assign(output=frame["output"])["output"]) == list(frame["output"])


def test_it_goes_to_csv_and_back() -> None:
    frame = framed(rows_from_frame({"city": ["Paris", "São\nPaulo"], "n": [1, 2]}))
    again = pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype={"tokens": "Int64"})
    for name in frame.columns:
        assert list(again[name].dropna()) == list(frame[name].dropna()), name
        assert list(again[name].isna()) == list(frame[name].isna()), name


def test_a_type_that_text_cannot_become_leaves_the_cells_as_they_are() -> None:
    given = pd.DataFrame({"span": pd.arrays.IntervalArray.from_breaks([0, 1, 2]), "x": [1, 2]})
    frame = framed(restored(rows_from_frame(given)))
    assert list(frame["x"]) == [1, 2]
    assert [str(cell) for cell in frame["span"]] == ["(0, 1]", "(1, 2]"]


def test_a_type_that_cannot_be_restored_leaves_the_cells() -> None:
    prices = pd.Series(["1.50", None], dtype=pd.ArrowDtype(import_module("pyarrow").decimal128(10, 2)))
    rows = rows_from_frame(pd.DataFrame({"q": ["a", "b"], "price": prices}))
    assert framed(rows)["price"].astype(str).tolist()[0] == "1.50"
    assert framed(restored(rows))["price"].tolist()[0] == "1.50"
    unknown = replace(rows, dtypes=("object", "unknown[type]"))
    assert len(framed(unknown)["price"]) == 2


def test_an_index_with_a_tuple_as_its_name_comes_back() -> None:
    frame = pd.DataFrame({"q": ["a", "b"]}, index=pd.Index([3, 4], name=("order", "id")))
    assert framed(restored(rows_from_frame(frame))).index.name == ("order", "id")


def test_missing_texts_stay_missing() -> None:
    rows = replace(rows_from_frame({"q": ["a", None]}), dtypes=("str",))
    assert framed(rows)["q"].isna().tolist() == [False, True]

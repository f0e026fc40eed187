"""Settings that take something from the row."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.errors import CommandError
from lg_magics.model.batch_plan import BatchPlan, checked_settings, filled_settings, plan_for
from lg_magics.model.batch_rows import Rows, source_from
from lg_magics.model.batch_written import parts_of, plan_from_parts
from lg_magics.tables.batch import rows_from_frame

ROW = {"p": "Be brief.", "n": 3, "tools": ["a"], "none": None}


@pytest.mark.parametrize(
    ("settings", "filled"),
    [
        ({"prompt": "{p}"}, {"prompt": "Be brief."}),
        ({"n": "{n}", "tools": "{tools}"}, {"n": 3, "tools": ["a"]}),
        ({"prompt": "You: {p} As {json: 1}."}, {"prompt": "You: Be brief. As {json: 1}."}),
        ({"prompt": 'Answer as {"a": 1}.'}, {}),
        ({"user_id": "Test", "n": 7}, {}),
        ({"model": {"prompt": "{p}", "name": "m"}}, {"model": {"prompt": "Be brief.", "name": "m"}}),
        ({"all": ["{p}", "x"]}, {"all": ["Be brief.", "x"]}),
    ],
)
def test_a_cell_is_taken_as_it_is_or_as_its_text(settings: dict[str, Any], filled: dict[str, Any]) -> None:
    checked_settings(settings, list(ROW))
    assert filled_settings(settings, ROW) == filled


def test_what_is_not_there_or_is_empty_or_looks_secret_is_refused() -> None:
    with pytest.raises(CommandError, match=r"no column 'pp'\. Did you mean p"):
        checked_settings({"prompt": "{pp}"}, list(ROW))
    with pytest.raises(ValueError, match="the cell of 'none' is empty"):
        filled_settings({"prompt": "{none}"}, ROW)
    with pytest.raises(CommandError, match="'api_key' looks secret, and cannot be taken from the row"):
        checked_settings({"model": {"api_key": "{p}"}}, list(ROW))


@pytest.mark.parametrize(
    "setting",
    [
        {"auth": {"value": "{p}"}},
        {"credentials": [{"user": "{p}"}]},
        {"headers": [["Authorization", "Bearer {p}"]]},
        {"name": "api_key", "value": "{p}"},
        {"run": "API_KEY={p}"},
    ],
)
def test_a_cell_is_refused_anywhere_below_a_secret_name(setting: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="looks secret, and cannot be taken from the row"):
        checked_settings({"configurable": setting}, list(ROW))
    checked_settings({"configurable": {"auth": {"value": "the same"}, "user": "{p}"}}, list(ROW))


def planned(**what: Any) -> BatchPlan:
    rows = Rows(("q", "p", "who"), (("hi", "Be brief.", "a"), ("ho", "Be kind.", "b"), ("hu", None, "a")))
    return plan_for(rows, source_from("q", rows.columns), id="x", source="q", assistants={"a": "1", "b": "2"}, **what)


def test_each_run_has_the_settings_of_its_row_here_and_in_another_kernel() -> None:
    made = planned(
        config={"configurable": {"prompt": "{p}", "user_id": "Test"}}, metadata={"prompt": "{p}", "team": "x"}
    )
    again = plan_from_parts("x", [part.metadata for part in parts_of(made)])
    assert again == made
    entry = again.entries()[2]
    assert again.settings_of(entry)[0] == {"configurable": {"prompt": "Be kind.", "user_id": "Test"}}
    assert {"prompt": "Be kind.", "team": "x"}.items() <= again.run_metadata(entry).items()
    assert again.problems == ["", "", "Not sent: the cell of 'p' is empty."]


def test_a_row_may_name_its_assistant() -> None:
    entries = planned(assistant_column="who").entries()
    assert [(entry.row, entry.assistant) for entry in entries] == [(0, "a"), (1, "b"), (2, "a")]


def test_a_row_that_cannot_be_sent_is_one_row_also_where_it_names_its_assistant() -> None:
    rows = rows_from_frame([{"q": "one", "who": "a"}, {"q": "two", "who": None}, {"q": None, "who": "b"}])
    source = source_from("q", rows.columns)
    plan = plan_for(rows, source, assistant_column="who", id="x", source="q", assistants={"a": "1", "b": "2"})
    assert [(entry.row, entry.assistant, entry.status) for entry in plan.entries()] == [
        (0, "a", "not started"),
        (1, "", "error"),
        (2, "b", "error"),
    ]
    assert plan.size == "3 rows"


def test_a_version_has_its_own_config_below_what_the_batch_says() -> None:
    version = {
        "config": {"configurable": {"model": "old", "x": 1}, "tags": ["v2"]},
        "context": {"model": "old", "x": 1},
    }
    made = planned(config={"configurable": {"x": 2}}, version_settings={"a": version})
    first, other = made.entries()[:2]
    assert made.settings_of(first) == ({"configurable": {"model": "old", "x": 2}, "tags": ["v2"]}, {})
    assert made.settings_of(other) == ({"configurable": {"x": 2}}, {})
    made = planned(context={"x": 2}, version_settings={"a": version})
    assert made.settings_of(first) == ({"tags": ["v2"]}, {"model": "old", "x": 2})

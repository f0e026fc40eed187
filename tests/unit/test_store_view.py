"""The store's views: fresh fixtures for the page, bounded where there is much, and the table where there is no page."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.commands.open_store import line_of
from lg_magics.model.store_values import value_from_text
from lg_magics.tables.store import Export, Item, Items, Search
from lg_magics.views.bundle import bundle
from lg_magics.views.store_view import detail_json, items_json

from .store_samples import FOLDER, HOSTILE, hostile, item, samples, todos, wide


@pytest.mark.parametrize("name", samples())
def test_the_fixtures_that_the_page_draws_are_fresh(name: str) -> None:
    assert json.loads((FOLDER / f"{name}.json").read_text("utf-8")) == samples()[name]


def test_every_fixture_has_its_sample() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(samples())


def test_ten_thousand_items_are_bounded_in_every_view_and_whole_in_the_frame() -> None:
    many = Items(tuple(item(f"k{n}", {"n": n, "text": "x" * 100}) for n in range(10_000)))
    shown = bundle(many)
    assert shown["text/plain"].splitlines()[0] == "10,000 items in the store, the first 200 are shown, .df has all"
    assert all(len(part) < 100_000 for part in shown.values())
    told = items_json(many, line_of)
    assert 300 < len(told["rows"]) < 1_000
    assert told["headline"] == "10,000 items in the store, the first 394 are shown, .df has all"
    assert len(many.df) == 10_000


def test_items_of_a_thousand_kinds_show_a_dozen_fields_and_say_so() -> None:
    shown = bundle(wide(1_000))
    assert "988 more fields are not shown, .df has all" in shown["text/plain"]
    assert shown["text/html"].count("<th ") == 15
    assert wide(1_000).df.shape == (1_000, 1_004)


def test_a_row_says_what_the_static_table_says() -> None:
    static = bundle(todos())["text/plain"].splitlines()[2:]
    for row, line in zip(items_json(todos(), line_of)["rows"], static, strict=True):
        assert row["namespace"] in line
        assert row["key"] in line
        assert row["cells"][0] in line


def test_numbers_are_shown_as_they_are() -> None:
    value = {"a": 0.1234567, "b": 1.0, "c": 2**53 + 1, "d": True, "e": 1e300, "f": None, "g": -0.0}
    (row,) = items_json(Items((item("k", value),)), line_of)["rows"]
    assert row["cells"] == ["0.1234567", "1.0", "9007199254740993", "true", "1e+300", "-0.0"]


def test_what_can_be_edited_is_whole_and_what_cannot_be_is_cut_and_says_so() -> None:
    value = {"text": "x" * 199_000, "n": 2**53 + 1, "f": 1.0}
    whole = detail_json(Item(item("k", value)))
    assert value_from_text(whole["text"]) == value
    assert (whole["size"], whole["why_not"]) == (0, "")
    cut = detail_json(Item(item("k", {"text": "x" * 10_000_000})))
    assert len(json.dumps(cut)) < 30_000
    assert (len(cut["text"]), cut["size"]) == (20_000, 10_000_011)
    assert cut["why_not"] == "10,000,011 characters are too many to edit here: %lg_store put"


def test_an_item_has_one_name_whatever_its_labels_hold() -> None:
    names = [("a", "b/c"), ("a/b", "c"), ("a", "b", "c"), ('a", "b', "c")]
    told = items_json(Items(tuple(item(key, {}, *labels) for *labels, key in names)), line_of)
    assert len({row["id"] for row in told["rows"]}) == 4


@pytest.mark.parametrize("shown", [hostile(), Export(hostile().items, (HOSTILE,), path=HOSTILE), hostile()[0]])
def test_hostile_items_are_text(shown: object) -> None:
    page = bundle(shown)["text/html"]  # type: ignore[arg-type]
    assert "<img" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("raw", [{}, {"value": None}, {"key": "k", "value": [1]}, {"updated_at": "never", "value": {}}])
def test_a_payload_that_lacks_something_is_shown(raw: dict[str, object]) -> None:
    for shown in (Item(raw), Items((raw,)), Export((raw,))):
        assert bundle(shown)["text/plain"]
    assert items_json(Items((raw,)), line_of)["rows"][0]["when"] == ""
    assert detail_json(Item(raw))["text"]
    assert len(Items((raw,)).df) == 1


def test_an_export_is_one_line() -> None:
    assert bundle(Export(todos().items, ("todo",)))["text/plain"] == "2 items in todo"
    assert bundle(Export((), ("todo",), path="a.json"))["text/plain"] == "no items in todo, written to a.json"


@pytest.mark.parametrize("cell", ["shown", "display(shown)"])
def test_where_there_is_no_page_open_items_are_the_table(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    shell.user_ns["shown"] = todos(is_open=True, search=Search(("todo",)))
    shell.run_cell(cell)
    assert bundle(todos())["text/plain"] in capsys.readouterr().out

"""Results that are no card as trees: whatever they hold is text, within the limits, with a style of at most 3 kB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from json_values import mappings, texts
from result_samples import samples

from lg_magics.model.changes import changes
from lg_magics.model.result import Result
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.state import state_from_payload
from lg_magics.tables.store import Item, Items
from lg_magics.tables.table import Column, Table
from lg_magics.views.bundle import bundle
from lg_magics.views.node import fits, html
from lg_magics.views.saved import saved_html
from lg_magics.views.table import table_text, table_tree
from lg_magics.views.value_tree import value_rows

from .html_texts import ATTRIBUTES, OURS, Tags

SAFE_TAGS = OURS | {"wbr", "style"}
RESULTS: dict[str, Callable[[dict[str, Any], str], Result]] = {
    "state": lambda value, text: state_from_payload({"values": value, "next": [text]}, thread=text, note=text),
    "item": lambda value, text: Item({"namespace": [text], "key": text, "value": value}),
    "items": lambda value, text: Items(({"namespace": [text], "key": text, "value": value},), note=text),
    "diff": lambda value, text: Diff(text, text, changes({}, value)),
    "facts": lambda value, text: Facts(text, tuple((name, text) for name in value), ((text, text),), text, chip=text),
    "table": lambda value, text: Table(
        text, (Column("a", "value"), Column(text, "id")), ((value, text),), note=text, hint=text, more=text
    ),
}


@pytest.mark.parametrize("name", samples())
def test_the_style_of_a_result_is_at_most_3_kb_and_asks_the_host_for_its_colors(name: str) -> None:
    style, _, page = saved_html(samples()[name]).partition("</style>")
    assert len(style.encode()) <= 3_000
    assert "prefers-color-scheme" not in style
    assert "<img" not in page


def test_a_style_has_what_its_result_holds_and_no_more() -> None:
    table, diff = (saved_html(samples()[name]).partition("</style>")[0] for name in ("table", "diff"))
    assert {name for name in (".lg-minus", ":is(th,td)", ".lg-known", ".lg-message") if name in diff} == {".lg-minus"}
    assert {name for name in (".lg-minus", ":is(th,td)", ".lg-known", ".lg-message") if name in table} == {
        ":is(th,td)",
        ".lg-known",
    }


@pytest.mark.parametrize("kind", RESULTS)
@settings(max_examples=10, deadline=None)
@given(value=mappings, text=texts)
def test_whatever_a_result_holds_is_text(kind: str, value: dict[str, Any], text: str) -> None:
    page = bundle(RESULTS[kind](value, text))["text/html"]
    read = Tags(page.replace("<wbr>", ""))
    assert read.still_open == []
    assert {tag for tag, _ in read.opened} <= SAFE_TAGS
    assert {name for _, attributes in read.opened for name in attributes} <= ATTRIBUTES | {"scope"}


@pytest.mark.parametrize(("depth", "count"), [(0, 0), (3, 5), (22, 19), (80, 300)])
def test_a_value_of_any_depth_and_breadth_can_be_drawn(depth: int, count: int) -> None:
    value: Any = {"a": "bottom"}
    for place in range(depth):
        value = {"inner": value} if place % 2 else [value]
    tree = value_rows({"deep": value, "many": [[value] * 20] * count, "last": "seen"})
    assert fits(tree)
    assert "seen" in html(tree)


def test_a_huge_value_leaves_the_small_ones_beside_it_whole() -> None:
    shown = html(value_rows({"huge": {f"k{n}": "x" * 3_000 for n in range(1_000)}, "last": "seen"}))
    assert "seen" in shown
    assert "900 more" in shown
    assert len(shown) < 400_000


def test_a_table_of_very_many_rows_shows_the_first_and_says_how_many() -> None:
    table = Table("run", (Column("run"), Column("error")), tuple((f"r{n}", "x" * 200) for n in range(5_000)))
    tree = table_tree(table)
    assert fits(tree)
    assert f"5000 runs, the first {html(tree).count('<tr>') - 1:,} are shown, .df has all" in html(tree)


def test_a_hint_is_no_warning_and_stands_where_a_note_stands() -> None:
    table = Table("question", (Column("thread"),), (("t1",),), hint="%lg_resume -t THREAD ANSWER")
    assert table_text(table).splitlines()[0] == "%lg_resume -t THREAD ANSWER"
    shown = saved_html(table_tree(table))
    assert "lg-known" not in shown
    assert '<div class="lg-note">%lg_resume -t THREAD ANSWER</div>' in shown

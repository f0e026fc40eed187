"""The rows of a batch's card: which are shown, what they say, and that many cost little."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

from lg_magics.model.batch import BatchEntries, BatchView, Entry, RowView
from lg_magics.model.batch_plan import plan_for
from lg_magics.model.batch_rows import rows_from_records, source_from
from lg_magics.views.batch_card import batch_card
from lg_magics.views.batch_tree import batch_tree, row_text
from lg_magics.views.frame_tree import without_controls
from lg_magics.views.node import attributes_of, fits, html, node, nodes_in, text_in

ROW = RowView(
    3, "How do I reset it?", "agent · 2", "success", "Open Settings", (("right", "yes"), ("tone", "0.50")), 1.94, 311
)


def tree(*rows: RowView, total: int = 3, found: int | None = None) -> list[object]:
    view = BatchView({"success": total}, "ended", rows=rows)
    card = batch_card(view, id="x", deployment="local", assistants=["agent"], source="q", now=1.0, found=found)
    return list(batch_tree(card))


def test_a_row_says_what_was_asked_what_came_of_it_and_what_it_cost() -> None:
    text = text_in(tree(ROW, total=1))
    assert "How do I reset it? agent · 2 right yes tone 0.50 Open Settings 1.9 s 311" in text
    assert "runs, the failed and the newest" not in text
    assert "1 of 10,000 runs, the failed and the newest; batch.df has all" in text_in(tree(ROW, total=10_000))


def test_what_a_cell_has_no_room_for_is_its_tooltip() -> None:
    long = replace(ROW, assistant="task_maistro_of_last_year · 2")
    titles = {attributes_of(each).get("title") for each in nodes_in(tree(long, total=1))}
    assert {long.label, long.assistant, long.output, "tone 0.50"} <= titles


def test_a_card_that_lists_some_of_its_runs_offers_to_search_all() -> None:
    assert "Search all" not in text_in(tree(ROW, total=1))
    assert "Search all 10,000" in text_in(tree(ROW, total=10_000))
    said = text_in(tree(ROW, total=10_000, found=250))
    assert "found 250 of 10,000 runs, the first 1 of them; an empty search shows the newest again" in said
    assert "found 0 of 10,000 runs; an empty" in text_in(tree(total=10_000, found=0))
    assert row_text(ROW) in " ".join(text_in(tree(ROW)).lower().split())


def test_each_score_is_a_column_and_many_share_one() -> None:
    rows = (ROW, replace(ROW, place=4, status="error", scores=()), replace(ROW, place=5, scores=(("tone", "0.10"),)))
    heads, *cells = columns_of(tree(*rows))
    assert heads == ["input", "right", "tone", "output", "s", "tokens"]
    assert [each[2:4] for each in cells] == [["right yes", "tone 0.50"], ["error", ""], ["", "tone 0.10"]]
    assert columns_of(tree(*rows, replace(ROW, assistant="other")))[0][1] == "assistant"
    many = replace(ROW, scores=tuple((f"score_{n}", "yes") for n in range(5)))
    heads, cell = columns_of(tree(many))
    assert heads == ["input", "result", "output", "s", "tokens"]
    assert cell[2] == "score_0 yes, score_1 yes, score_2 yes, score_3 yes, score_4 yes"


def columns_of(made: list[object]) -> list[list[str]]:
    """The texts of the heads, and of the cells of each row, the hidden assistant among them."""
    (heads,) = [each for each in nodes_in(made) if attributes_of(each).get("class") == "lg-columns"]
    rows = [each for each in nodes_in(made) if each[0] == "summary"]
    return [[text_in(cell) for cell in each if isinstance(cell, list) and cell[0] == "span"] for each in (heads, *rows)]


def test_rows_that_are_too_long_together_are_cut() -> None:
    long = replace(ROW, label="é" * 100, output="\u20ac" * 120, scores=tuple((f"{n}", "\u20ac" * 60) for n in range(4)))
    made = tree(*(replace(long, place=place) for place in range(100)))
    assert fits(made)
    assert len(columns_of(made)) == 101


def test_a_row_that_has_not_changed_is_the_same_node() -> None:
    rows = [replace(ROW, place=place, output=f"answer {place}") for place in range(100)]
    before, after = tree(*rows), tree(replace(rows[0], status="error"), *rows[1:])
    held = [
        [each for each in nodes_in(whole) if each[0] == "li" and "lg-is" in str(each[1])] for whole in (before, after)
    ]
    same = [old is new for old, new in zip(*held, strict=True) if old[1]["key"].isdigit()]
    assert same.count(True) == 99


def test_a_row_opens_to_its_run_by_its_place_and_is_asked_for_again_when_its_status_changes() -> None:
    (lazy,) = [each for each in nodes_in(tree(ROW)) if "data-lazy" in attributes_of(each)]
    assert attributes_of(lazy)["data-args"] == '{"place": 3, "status": "success"}'


def test_what_can_be_pressed_is_not_in_a_card_inside_of_another() -> None:
    view = node(
        "div", node("button", "Cancel", data_act="cancel"), node("input", key="x"), node("p", node("b", "text"))
    )
    assert without_controls(view) == ["div", {}, ["p", {}, ["b", {}, "text"]]]


def test_the_failed_ones_come_first_then_those_that_changed_last() -> None:
    table = BatchEntries([Entry(n, "agent") for n in range(6)], lambda: None)
    for place, status in ((4, "success"), (1, "error"), (3, "live"), (0, "success")):
        table.set(place, status=status)
    assert table.shown(10) == [1, 0, 3, 4]
    assert table.shown(2) == [1, 0]
    table.set(4, scores={})
    assert table.shown(10) == [1, 4, 0, 3]


def test_a_card_of_ten_thousand_rows_is_as_large_as_one_of_a_hundred() -> None:
    table = BatchEntries(
        [Entry(n, "agent", status="error" if n % 7 == 0 else "success") for n in range(10_000)], lambda: None
    )
    rows = [
        RowView(n, "a question " * 9, "agent", "success", "an answer " * 12, (("right", "yes"),), 1.0, 99)
        for n in range(100)
    ]
    table.set(5, status="success")
    assert len(table.shown(100)) == 100
    made = tree(*rows, total=10_000)
    assert fits(made)
    assert len(html(made)) < 120_000


def test_the_title_says_what_runs() -> None:
    rows = rows_from_records([{"q": "How do I reset it?"}, {"q": "Cancel it"}])
    plans = [
        plan_for(
            rows, source_from(source, rows.columns), id="x", source=source, assistants={"a": "a", "b": "b"}, repeat=3
        )
        for source in ("q", "Please: {q}")
    ]
    assert [plan.title for plan in plans] == ["How do I reset it?, and 1 more", "Please: {q}"]
    assert plans[0].size == "2 rows × 2 assistants × 3 repeats"


def test_the_rows_of_a_card_are_read_while_runs_change_on_another_thread() -> None:
    entries = BatchEntries([Entry(row, "agent", status="success") for row in range(400)], lambda: None)
    is_over = threading.Event()

    def change() -> None:
        while not is_over.is_set():
            for place in range(400):
                entries.set(place, tokens=1)

    changing = threading.Thread(target=change)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        changing.start()
        assert {len(entries.shown(100)) for _ in range(3000)} <= set(range(1, 101))
    finally:
        is_over.set()
        changing.join()
        sys.setswitchinterval(before)

"""Open lists of threads, runs and crons: what their rows say, what a chosen one offers, and nothing too large for a message."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lg_magics.model.run_info import ThreadInfo
from lg_magics.panel.actions import ACTIONS
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread, threads_table
from lg_magics.views.list_tree import Offer, row_tree, threads_tree
from lg_magics.views.node import Node, attributes_of, fits, html, nodes_in, text_in

HOSTILE = '<img src=x onerror="alert(1)">'
WHEN = datetime(2024, 11, 20, 12, tzinfo=UTC)


def threads(*titles: str) -> Table:
    return threads_table(
        [
            Thread(ThreadInfo(f"t{n}", f"id-{n}", title), "idle", WHEN, WHEN, {"graph_id": "agent"}, is_current=n == 1)
            for n, title in enumerate(titles, 1)
        ],
        note="r7 still running",
    )


def rows(tree: Node) -> list[list[str]]:
    found = [each for each in nodes_in(tree) if "data-choice" in attributes_of(each)]
    return [[text_in(cell) for cell in nodes_in(each) if cell[0] == "td"] for each in found]


def test_a_row_says_what_the_thread_is() -> None:
    tree = threads_tree(threads("Plan a trip", "Buy milk"), message="Deleted t3.")
    assert [cells[:3] for cells in rows(tree)] == [
        ["t1 ·id-1", "Plan a trip", "idle"],
        ["t2 ·id-2", "Buy milk", "idle"],
    ]
    assert all(words in text_in(tree) for words in ("Threads", "2 threads", "r7 still running", "Deleted t3."))


def test_a_chosen_thread_says_what_is_known_of_it_and_offers_what_can_be_done() -> None:
    offers = [
        Offer("delete", "Delete", "%lg_thread delete t1", "Delete it?"),
        Offer("read", "Read", "%lg_messages", "", False),
    ]
    tree = row_tree(threads("Plan a trip"), threads("Plan a trip")[0], "id-1", "t1 ·id-1", offers)
    buttons = {text_in(each): attributes_of(each) for each in nodes_in(tree) if each[0] == "button"}
    assert list(buttons) == ["t1 ·id-1", "Delete", "Read +"]
    assert buttons["Delete"]["data-confirm"] == "Delete it?"
    assert json.loads(buttons["Delete"]["data-args"]) == {"key": "delete", "id": "id-1"}
    assert buttons["Read +"]["data-insert"] == "%lg_messages"
    assert "graphagent" in text_in(tree)


@pytest.mark.parametrize("count", [1, 3_000])
def test_hostile_and_many_rows_are_text_and_bounded(count: int) -> None:
    tree = threads_tree(threads(*[HOSTILE * 3] * count))
    assert fits(tree)
    assert len(json.dumps(tree)) < 130_000
    assert "<img" not in html(tree)
    assert (" are shown" in text_in(tree)) == (count > 1)


def test_each_list_has_the_panels_actions() -> None:
    assert {"threads", "runs", "crons"} <= set(ACTIONS)

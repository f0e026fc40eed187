"""Render open lists of threads, runs and crons as trees: their rows, and one row with its actions. Fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.bounds import cut, fitted, fitting
from lg_magics.tables.table import Column, Table
from lg_magics.views.frame_tree import (
    action,
    card,
    copied_id,
    grid,
    head,
    insert,
    note,
    outcome,
    row,
    section,
    side,
    two,
)
from lg_magics.views.node import Node, node
from lg_magics.views.table import headline, shown_value

__all__ = ["Offer", "crons_tree", "row_tree", "runs_tree", "threads_tree"]

LARGEST = 110_000  # bytes of all rows as JSON: what a notebook saves
LONGEST_ROW = 1_000
WIDEST = 60
LONGEST = 2_000
HIDDEN = ("list", "id")
"""Kinds of columns that are left out of a row's facts."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An action on a row.

    Attributes:
        key: its name in requests.
        label: the button's label.
        line: the line that does the same.
        question: the confirmation to ask for; "" for none.
        is_done_here: whether a click performs it; else only the line is offered.
    """

    key: str
    label: str
    line: str
    question: str = ""
    is_done_here: bool = True


def threads_tree(table: Table, *, message: str = "", revision: int = 0) -> Node:
    """Return threads, with a place beside them for the chosen one."""
    return _list_tree(table, ("thread", "title", "status", "updated_at"), "thread_id", message, revision)


def runs_tree(table: Table, *, message: str = "", revision: int = 0) -> Node:
    """Return runs, likewise."""
    return _list_tree(table, ("run", "status", "assistant", "seconds", "created_at"), "run_id", message, revision)


def crons_tree(table: Table, *, message: str = "", revision: int = 0) -> Node:
    """Return crons, likewise."""
    return _list_tree(table, ("cron", "words", "state", "assistant"), "cron_id", message, revision)


def _list_tree(table: Table, names: Sequence[str], identity: str, message: str, revision: int) -> Node:
    columns = {column.name: column for column in table.columns}
    rows = [_row(each, [columns[name] for name in names], str(each[identity])) for each in table]
    count = fitting(rows, LARGEST)
    left = f", the first {count:,} are shown" if count < len(rows) else ""
    noun = table.noun.partition(" ")[0]
    close = action("close", "Close", class_="lg-quiet")
    return card(
        "open",
        f"{noun}s",
        head(f"{noun.capitalize()}s", close, node("span", headline(table) + left, class_="lg-place")),
        section("notes", note(cut(table.note, LONGEST)), outcome(message)),
        two(
            grid(f"{noun}s", [columns[name].title for name in names], rows[:count]),
            side({"revision": revision}),
            f"Choose a {noun} to see more of it, and what can be done.",
        ),
    )


def _row(values: Mapping[str, Any], columns: Sequence[Column], identity: str) -> Node:
    texts = fitted([shown_value(values[column.name], column, WIDEST) for column in columns], LONGEST_ROW)
    return row(identity, [node("td", text) for text in texts], 1)


def row_tree(table: Table, values: Mapping[str, Any], identity: str, name: str, offers: Sequence[Offer]) -> Node:
    """Return a row: its facts and its actions, each beside its line for a cell."""
    facts = [
        node("tr", node("th", column.title, scope="row"), node("td", text))
        for column in table.columns
        if column.kind not in HIDDEN
        and (text := cut(shown_value(values[column.name], column, LONGEST), LONGEST)).strip("●")
    ]
    buttons = [_button(offer, identity) for offer in offers]
    return node(
        "div",
        node("div", copied_id(table.noun.partition(" ")[0], name, identity), class_="lg-caption"),
        node("div", buttons, class_="lg-ways"),
        node("table", node("tbody", facts), class_="lg-facts"),
        key=identity,
        role="region",
        aria_label=name,
    )


def _button(offer: Offer, identity: str) -> Node:
    if not offer.is_done_here:
        return insert(offer.line, f"{offer.label} +", key=offer.key)
    return action(
        "do",
        offer.label,
        key=offer.key,
        args={"key": offer.key, "id": identity},
        class_="lg-cancel" if offer.question else "",
        title=offer.line,
        data_confirm=offer.question,
        data_busy=f"{offer.label}…",
    )

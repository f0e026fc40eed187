"""The side panel as a tree: where the session is, and a section for each list. Depends on nodes; knows no session.

A row has two lines: what it is about, and below it who and when. The row that is open is marked, and has one row of buttons; each
stands before the one that puts its line into a cell. Which row is open, and which section, is known to the page alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lg_magics.model.bounds import fitting
from lg_magics.views.frame_tree import action, chip, clock, note
from lg_magics.views.list_tree import Offer
from lg_magics.views.node import Children, Node, node, spaced
from lg_magics.views.panel_row import REFRESH, PanelRow, does, inserts, pair

__all__ = ["SectionHead", "Where", "panel_tree", "rows_tree"]

LONG = 8
"""From so many rows on there is a filter."""
LARGEST = 450_000  # bytes of a section's rows as JSON
START = "%lg_connect local"


@dataclass(frozen=True, slots=True)
class Where:
    """Where the session is, and what its runs take with them."""

    deployment: str
    url: str
    version: str
    is_protected: bool
    assistant: str
    thread: str
    defaults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionHead:
    """A section as it stands in the panel.

    Attributes:
        name: what a request calls it.
        title: what stands above it.
        counted: how many there are.
        is_open: whether it is open until somebody shuts it.
        awaits: what is said until its rows have come.
        place: names its rows; another one means that those that are shown are of no use.
        looked: changes when the rows are not what they were.
        rows: its rows, where they are known without asking.
    """

    name: str
    title: str
    counted: str
    is_open: bool
    awaits: str
    place: str
    looked: int
    rows: Node | None = None


# -- the panel --------------------------------------------------------------------------------------------------


def panel_tree(where: Where | None, sections: Sequence[SectionHead], *, said: str = "", failure: str = "") -> Node:
    """The whole panel; without a deployment only what leads to one."""
    return node(
        "div",
        node("div", action(REFRESH, "Refresh", class_="lg-refresh"), class_="lg-tools"),
        node("div", said, key="said", class_="lg-told", role="status"),
        node("div", failure, key="failure", class_="lg-failure", role="alert") if failure else None,
        _deployment(where),
        [_section(each) for each in sections] if where else None,
        key="panel",
        class_="lg-card lg-view lg-panel",
    )


def _deployment(where: Where | None) -> Node:
    inside: list[Children] = (
        [node("p", "Not connected to a deployment."), inserts(START, START)] if where is None else list(_where(where))
    )
    return node(
        "section",
        node(
            "h3",
            node("span", "Deployment", class_="lg-heading"),
            node("span", "connected" if where else "not connected", class_="lg-counted"),
        ),
        inside,
        key="deployment",
        class_="lg-sec",
        aria_label="Deployment",
    )


def _where(where: Where) -> list[Children]:
    place = "" if where.url.endswith(f"//{where.deployment}") else where.url
    facts = (
        ("at", place),
        ("version", where.version),
        ("assistant", where.assistant or "none: %lg_assistant use NAME"),
        ("thread", where.thread or "none yet"),
    )
    rows = [node("tr", node("th", name, scope="row"), node("td", value, title=value)) for name, value in facts if value]
    return [
        node(
            "div",
            node("i", class_="lg-dot lg-good"),
            node("b", where.deployment),
            chip("protected", "lg-protected") if where.is_protected else None,
            [chip(each) for each in where.defaults],
            class_="lg-about",
        ),
        node("table", node("tbody", rows), class_="lg-facts"),
    ]


def _section(head: SectionHead) -> Node:
    rows = head.rows or node(
        "div",
        node("p", head.awaits, class_="lg-none"),
        key=head.place,
        data_lazy="section",
        data_args=json.dumps({"name": head.name, "looked": head.looked}),
    )
    title = node("span", head.title, class_="lg-heading")
    summary = node("summary", node("h3", title, node("span", head.counted, class_="lg-counted")))
    return node(
        "section",
        node("details", summary, node("div", rows, key="inside"), key="fold", open=head.is_open),
        key=head.name,
        class_=f"lg-sec lg-{head.name}",
        aria_label=head.title,
    )


# -- the rows of a section --------------------------------------------------------------------------------------


def rows_tree(
    name: str,
    title: str,
    rows: Mapping[str, PanelRow],
    *,
    none: str,
    looked: int,
    offers: Mapping[str, Offer],
    tools: Sequence[Offer] = (),
    note_: str = "",
    can_list_more: bool = False,
) -> Node:
    """The rows of a section.

    Args:
        name: The section's.
        title: What a screen reader calls the list.
        rows: By what the page calls them.
        none: What is said where there are none.
        looked: How often they were read.
        offers: What can be done with a row that is not open, by what the page calls it.
        tools: What can be done with all of them.
        note_: A line below them.
        can_list_more: Whether there are others, which can be asked for.
    """
    made = [_row(handle, each, offers.get(handle), looked) for handle, each in rows.items()]
    count = fitting(made, LARGEST)
    cut = f"{count} are shown: more make too large a message." if count < len(made) else ""
    search = {"type": "search", "placeholder": "filter", "spellcheck": "false"}
    filtering = node("input", key="filter", class_="lg-filter", aria_label=f"filter {title.lower()}", **search)
    return node(
        "div",
        filtering if len(made) > LONG else None,
        node("p", none, class_="lg-none") if not made else None,
        node(
            "ul",
            made[:count],
            key="rows",
            class_="lg-list",
            aria_label=title,
            data_keys=True,
            data_more=True,
            data_filter="filter",
        )
        if made
        else None,
        action("more", "Show more", args={"name": name}, class_="lg-more") if can_list_more and not cut else None,
        note(cut, "cut"),
        note(note_, "note"),
        node("div", [pair(each, {"name": name}) for each in tools], key="tools", class_="lg-ways") if tools else None,
        key="list",
    )


def _row(handle: str, row: PanelRow, offer: Offer | None, looked: int) -> Node:
    first, *rest = row.about or ("",)
    state = "" if row.mark else row.state
    said = (first, "current" if row.is_current else "", state, clock("", row.seconds, row.since), *rest)
    return node(
        "li",
        node(
            "button",
            node("i", class_=f"lg-dot lg-{row.tone}") if row.state else None,
            node("b", row.title or row.shown),
            node("span", spaced(*said, between=" · ")),
            key=handle,
            class_="lg-rowhead",
            title=row.id if row.mark else None,
            data_choice=f"row:{handle}",
            tabindex=-1,
            data_static="text",
        ),
        _quick(handle, row, offer),
        node("div", data_shows=f"row:{handle}", data_lazy="detail", data_args=json.dumps({"looked": looked})),
        key=handle,
        class_="lg-row",
    )


def _quick(handle: str, row: PanelRow, offer: Offer | None) -> Node | None:
    if row.mark:
        label = f"Answer {row.word}"
        return node("button", "Answer", key="quick", class_="lg-main", aria_label=label, data_choice=f"row:{handle}")
    if offer is None:
        return None
    return does(offer, {"row": handle}, f"{offer.label} {row.word}")

"""Render the side panel as a tree: the session's deployment, and a section for each list. Depends on nodes; knows no session.

A row has two lines: its title, and its status and time. The open row is marked and has one row of buttons; each
is followed by one that puts its line into a cell. Only the page knows which row and which sections are open.
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
"""The number of rows from which a filter is shown."""
LARGEST = 450_000  # bytes of a section's rows as JSON
START = "%lg_connect local"


@dataclass(frozen=True, slots=True)
class Where:
    """The session's deployment, and the defaults of its runs."""

    deployment: str
    url: str
    version: str
    is_protected: bool
    assistant: str
    thread: str
    defaults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionHead:
    """The head of a section.

    Attributes:
        name: its name in requests.
        title: its heading.
        counted: the number of its rows, in words.
        is_open: whether it is open until the user closes it.
        awaits: the text until its rows arrive.
        place: identifies its rows; another value invalidates the rows on the page.
        revision: changes when the rows have changed.
        rows: its rows, if they are known without a request.
    """

    name: str
    title: str
    counted: str
    is_open: bool
    awaits: str
    place: str
    revision: int
    rows: Node | None = None


# -- the panel --------------------------------------------------------------------------------------------------


def panel_tree(where: Where | None, sections: Sequence[SectionHead], *, message: str = "", failure: str = "") -> Node:
    """Return the whole panel; without a deployment only the ways to connect."""
    return node(
        "div",
        node("div", action(REFRESH, "Refresh", class_="lg-refresh"), class_="lg-tools"),
        node("div", message, key="message", class_="lg-status-line", role="status"),
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
        data_args=json.dumps({"name": head.name, "revision": head.revision}),
    )
    title = node("span", head.title, class_="lg-heading")
    summary = node("summary", node("h3", title, node("span", head.counted, class_="lg-counted")))
    return node(
        "section",
        node("details", summary, node("div", rows, key="inside"), key="fold", open=head.is_open, data_lead=head.name),
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
    revision: int,
    offers: Mapping[str, Offer],
    tools: Sequence[Offer] = (),
    note_: str = "",
    can_list_more: bool = False,
) -> Node:
    """Return the rows of a section.

    Args:
        name: The section's name.
        title: The label of the list for screen readers.
        rows: By their names in requests.
        none: The text if there are none.
        revision: The revision of the rows.
        offers: The action of a closed row, by the row's name in requests.
        tools: Actions on the whole section.
        note_: A line below them.
        can_list_more: Whether there are more rows to request.
    """
    made = [_row(handle, each, offers.get(handle), revision) for handle, each in rows.items()]
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


def _row(handle: str, row: PanelRow, offer: Offer | None, revision: int) -> Node:
    first, *rest = row.about or ("",)
    state = "" if row.mark else row.state
    facts = (first, "current" if row.is_current else "", state, clock("", row.seconds, row.since), *rest)
    return node(
        "li",
        node(
            "button",
            node("i", class_=f"lg-dot lg-{row.tone}") if row.state else None,
            node("b", row.title or row.shown),
            node("span", spaced(*facts, between=" · ")),
            key=handle,
            class_="lg-rowhead",
            data_lead=row.id if row.mark else None,
            data_choice=f"row:{handle}",
            tabindex=-1,
            data_static="text",
        ),
        _quick(handle, row, offer),
        node("div", data_shows=f"row:{handle}", data_lazy="detail", data_args=json.dumps({"revision": revision})),
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

"""Building blocks of every card: head, ids to copy, times, folds. Depends only on nodes; knows no run.

A card is readable without style (GitHub removes it): the title has a line of its own, the status is emphasized, and spaces
separate the words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lg_magics.model.duration import duration
from lg_magics.views.node import Children, Node, attributes_of, children_of, node, spaced

__all__ = [
    "action",
    "card",
    "chip",
    "clock",
    "copied_id",
    "fold",
    "grid",
    "head",
    "insert",
    "known",
    "note",
    "outcome",
    "pre",
    "result",
    "row",
    "section",
    "side",
    "soft",
    "state",
    "two",
    "without_controls",
]

LONG_TITLE = 300
FIELDS = ("input", "select", "textarea")


def card(status: str, label: str, *sections: Children) -> Node:
    """Return a card in its frame.

    Args:
        status: The status, which also selects the color of the dot.
        label: The label for screen readers.
        sections: The head and the parts below it, separated by lines.
    """
    return node(
        "div",
        *sections,
        key="card",
        class_=f"lg-card lg-view lg-{status.replace(' ', '-')}",
        role="group",
        aria_label=label,
    )


def outcome(words: str) -> Node | None:
    """Return the outcome of the last action on a view, which screen readers read out; None without words."""
    return node("div", words, key="message", class_="lg-outcome", role="status") if words else None


def head(title: str, end: Children, *about: Children) -> Node:
    """Return the head: the title, `end` at its right, and a line of facts below."""
    shown = title if len(title) <= LONG_TITLE else title[:LONG_TITLE] + "…"
    return node(
        "div",
        node("div", shown, class_="lg-title", title=shown),
        node("div", spaced(*about), class_="lg-meta"),
        node("span", spaced(end), class_="lg-end"),
        key="head",
        class_="lg-top",
    )


def state(words: str) -> Node:
    """Return the status with its dot."""
    return node("strong", node("i", aria_hidden="true"), words, key="state", class_="lg-pill", role="status")


def chip(words: str, *classes: str) -> Node:
    """Return a fact in a frame."""
    return node("span", words, class_=" ".join(("lg-chip", *classes)))


def copied_id(what: str, label: str, whole: str) -> Node | None:
    """Return a short id that copies the whole id; None without an id."""
    if not label:
        return None
    attributes = {"aria_label": f"copy {what} id {label}", "data_copy": whole, "data_static": "text"}
    return node("button", label, key=f"{what}-id", class_="lg-id", title=whole, **attributes)


def clock(name: str, seconds: float | None, since: float | None = None) -> Node | None:
    """Return a time; with `since` (seconds since the epoch) it keeps running. None if it is unknown."""
    if seconds is None:
        return None
    return node("span", duration(seconds), class_=name, data_since=since)


def action(
    name: str, label: str, *, key: str = "", args: Mapping[str, object] | None = None, **attributes: str | bool
) -> Node:
    """Return a button that sends a request."""
    given = json.dumps(args) if args else None
    return node("button", label, key=key or name, data_act=name, data_args=given, data_static="no", **attributes)


def insert(line: str, label: str = "+ cell", *, key: str = "insert") -> Node:
    """Return a button that puts a line into a new cell, or copies it where no cell can be made."""
    return node("button", label, key=key, class_="lg-quiet", data_insert=line, data_static="no", title=line)


def section(name: str, *children: Children) -> Node | None:
    """Return a part of a card with a line above it; None if it is empty."""
    made = node("div", *children, key=name, class_="lg-section")
    return made if len(made) > 2 else None


def note(words: str, key: str = "") -> Node | None:
    """Return a line in the soft color; None without words."""
    return node("div", words, key=key, class_="lg-note") if words else None


def known(words: str) -> Node | None:
    """Return a prominent line; None without words."""
    return node("div", words, class_="lg-known") if words else None


def soft(*children: Children) -> Node:
    """Return a line in the soft color."""
    return node("div", *children, class_="lg-soft")


def result(*children: Children) -> Node:
    """Return the frame of a result that is not a card."""
    return node("div", *children, class_="lg-result")


def pre(text: str) -> Node:
    """Return text unchanged, in the font of code."""
    return node("pre", text, tabindex=0)


def fold(title: str, *inside: Children, key: str = "") -> Node:
    """Return a part that expands below its title."""
    return node("details", node("summary", title), *inside, key=key or title.lower().replace(" ", "-"))


def without_controls(view: Node) -> Node:
    """Return a view without buttons and fields, for places that only show it."""
    kept = (child for child in children_of(view) if isinstance(child, str) or _is_still(child))
    return [
        view[0],
        attributes_of(view),
        *(child if isinstance(child, str) else without_controls(child) for child in kept),
    ]


def _is_still(view: Node) -> bool:
    attributes = attributes_of(view)
    return view[0] not in FIELDS and "data-act" not in attributes and attributes.get("data-static") != "no"


# -- lists with a detail beside them ----------------------------------------------------------------------------------


def two(table: Node, beside: Node, hint: str) -> Node:
    """Return rows, and beside them the chosen one, or a hint; one below the other on a narrow page."""
    chosen_none = node("div", hint, key="hint", class_="lg-side lg-note", data_shows="row:")
    rows = node("div", table, key="rows", class_="lg-scroll")
    return node("div", rows, chosen_none, beside, key="two", class_="lg-two")


def grid(label: str, headings: Sequence[str], rows: Sequence[Node]) -> Node:
    """Return a table of selectable rows, with one Tab stop; at most 100 are shown until the user asks for more."""
    head = node("tr", *(node("th", each, scope="col") for each in headings))
    body = node("tbody", rows, key="body", data_keys=True, data_more=True)
    return node("table", node("thead", head), body, key="grid", class_="lg-grid", role="grid", aria_label=label)


def row(identity: str, cells: Sequence[Node], wide: int) -> Node:
    """Return a selectable row; the cell at index `wide` takes the remaining width, and is cut."""
    cells[wide][1]["class"] = "lg-wide"  # type: ignore[call-overload, index]
    return node("tr", cells, key=identity, data_choice=f"row:{identity}", tabindex=-1)


def side(given: Mapping[str, object]) -> Node:
    """Return the details of the chosen row. The page requests them with `detail`, and again when `given` changes."""
    waits = node("div", "Reading…", class_="lg-note")
    return node(
        "div", waits, key="side", class_="lg-side", data_shows="row", data_lazy="detail", data_args=json.dumps(given)
    )

"""Render items of the store as text and trees, and an open store to read, edit and delete in. Fetches nothing.

Values are sent as text: a page's own JSON rounds numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lg_magics.model.bounds import cut, fitting
from lg_magics.model.namespaces import shown_namespace
from lg_magics.model.store_values import fingerprint, text_from_value
from lg_magics.model.visible_text import visible_json, visible_line
from lg_magics.tables.store import FOOT, Item, Items
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
    pre,
    result,
    row,
    section,
    side,
    soft,
    two,
)
from lg_magics.views.node import Node, node, spaced
from lg_magics.views.table import shown_value, table_text, table_tree
from lg_magics.views.value_tree import one_line, value_rows

__all__ = ["bounded", "identity", "item_result", "item_text", "item_tree", "items_result", "items_text", "items_tree"]

MOST_ROWS = 200
MOST_FIELDS = 12
LONGEST = 20_000
MOST_OPEN_ROWS = 1_000
LARGEST = 110_000  # bytes of all rows as JSON: what a notebook saves
LONGEST_NAME = 300
LONG_KEY, TAIL = 16, 8
WIDEST = 60
MOST_COLUMNS = 2  # of a value's fields: the whole value is shown beside the rows
LONGEST_SHOWN = 20_000
LONGEST_EDITED = 200_000
LARGEST_SENT = 450_000  # characters of an open item's copies as JSON: a message has at most 500,000
NOT_CELLS = ("namespace", "key", "updated_at", "created_at")
WHEN = Column("updated", "time")


def bounded(items: Items, rows: int = MOST_ROWS, fields: int = MOST_FIELDS) -> Table:
    """Cut the items' table to the rows and fields that a view can show; its note states what is left out."""
    table, hidden = items.part(rows, fields), len(items.field_names) - fields
    left_out = [
        *([f"the first {rows:,} are shown"] if len(items) > rows else []),
        *([f"{hidden:,} more fields are not shown"] if hidden > 0 else []),
    ]
    return replace(
        table, more=", ".join([*filter(None, [table.more]), *left_out, *([".df has all"] if left_out else [])])
    )


def items_text(items: Items) -> str:
    """Return the items in columns."""
    return table_text(bounded(items))


def items_result(items: Items) -> Node:
    """Return the items as a tree."""
    return table_tree(bounded(items))


def _headline(item: Item) -> str:
    return visible_line(f"{item.key} in {shown_namespace(item.namespace)}")


def _written(item: Item) -> str:
    return f"written {shown_value(item.updated_at, FOOT[0])}" if isinstance(item.updated_at, datetime) else ""


def _json(item: Item) -> tuple[str, str]:
    """Return the value as JSON, cut, and a note about the cut; "" if it is complete."""
    text, size = text_from_value(item.value, LONGEST)
    return text, f"… {size:,} characters, .value has all" if size else ""


def item_text(item: Item) -> str:
    """Return an item as text: key, namespace and value as JSON; no time, which differs on each run of a notebook."""
    return "\n".join([_headline(item), *filter(None, _json(item))])


def item_result(item: Item) -> Node:
    """Return the item with each field of its value, or as JSON if it is too large for that."""
    text, cut = _json(item)
    name = spaced(node("code", item.key), "in", shown_namespace(item.namespace))
    written = _written(item)
    shown = pre(f"{text}\n{cut}") if cut else _fields(item.value)
    return result(node("div", name, class_="lg-name"), soft(written) if written else None, shown)


def _fields(value: object) -> Node | None:
    return value_rows(value) if isinstance(value, Mapping) and value else node("code", one_line(value))


def identity(item: Item) -> str:
    """Return an item's name in requests."""
    return json.dumps([*item.namespace, item.key], ensure_ascii=False)


def items_tree(items: Items, *, message: str = "", revision: int = 0) -> Node:
    """Return the rows, in the order of the search, and a place beside them for the chosen one.

    Args:
        items: the items found.
        message: the result of the last action.
        revision: a number that changes whenever an item on display may have changed.
    """
    table = bounded(items, rows=MOST_OPEN_ROWS)
    places = [
        place
        for place, column in enumerate(table.columns)
        if column.name not in NOT_CELLS and any(each[place] is not None for each in table.rows)
    ]
    places = places[:MOST_COLUMNS]
    columns = [table.columns[place] for place in places]
    is_mixed = len({item.namespace for item in items}) > 1
    rows = [
        _row(item, [each[place] for place in places], columns, is_mixed)
        for item, each in zip(items, table.rows, strict=False)
    ]
    count = fitting(rows, LARGEST)
    if count < len(rows):
        table = bounded(items, rows=count)
    title = shown_namespace(items.search.prefix) if items.search.prefix else "the store"
    headings = [*(["namespace"] if is_mixed else []), "key", *(cut(each.title, LONGEST_NAME) for each in columns)]
    close = action("close", "Close", class_="lg-quiet")
    found = ", ".join(filter(None, [table.counted, table.more]))
    return card(
        "open",
        f"items in {title}",
        head(title, close, node("span", found, class_="lg-place")),
        section("notes", note(cut(items.note, LONGEST_NAME)), outcome(message)),
        two(
            grid(f"items in {title}", [*headings, "updated"], rows[:count]),
            side({"revision": revision}),
            "Choose a row to read its value, and to edit it.",
        ),
    )


def _row(item: Item, values: Sequence[Any], columns: Sequence[Column], is_mixed: bool) -> Node:
    namespace = cut(shown_namespace(item.namespace), LONGEST_NAME)
    when = item.updated_at
    cells = [
        *([node("td", namespace)] if is_mixed else []),
        node("td", _tail(item.key), class_="lg-key", title=cut(item.key, LONGEST_NAME)),
        *(node("td", _cell(value, column)) for value, column in zip(values, columns, strict=True)),
        node("td", shown_value(when, WHEN), title=when.isoformat() if when else None),
    ]
    return row(identity(item), cells, len(cells) - 1 - max(1, len(columns)))


def _tail(key: str) -> str:
    """Return a short key as it is, and the end of a long one, since keys are often ids with equal beginnings."""
    return key if len(key) <= LONG_KEY else f"…{key[-TAIL:]}"


def _cell(value: Any, column: Column) -> str:
    """Return a value on one line; a list as its length."""
    if isinstance(value, list) and value:
        return f"{len(value)} item{'s' * (len(value) != 1)}"
    return shown_value(value, column, WIDEST)


def item_tree(item: Item, *, line: str, is_there: bool = True, is_conflict: bool = False) -> Node:
    """Return an item: its value as JSON, complete if it can be edited, and its actions.

    Args:
        item: the current item.
        line: the line that shows it.
        is_there: whether the item exists.
        is_conflict: whether another client changed or deleted it during the edit; the page then shows a warning.
    """
    text, size = text_from_value(item.value, LONGEST_EDITED)
    text = visible_json(text)
    left = LARGEST_SENT - len(json.dumps(text, ensure_ascii=False))
    if left < LARGEST_SENT - 2 * LONGEST_EDITED:  # each of very many characters needs a second one in JSON
        size = size or len(text)
    copy = text[:LONGEST_SHOWN] if size else _beginning(text, left // (1 + is_conflict))
    name = spaced(
        copied_id("key", _tail(item.key), item.key), node("span", shown_namespace(item.namespace), class_="lg-place")
    )
    return node(
        "div",
        node("div", name, class_="lg-caption"),
        node(
            "div", _reading(item, copy, size or len(text), not size, line, is_there), key="reading", data_shows="edit:"
        ),
        None
        if size
        else node("div", _editing(item, text, copy, is_there, is_conflict), key="editing", data_shows="edit"),
        key="item",
        role="region",
        aria_label=f"{item.key} in {shown_namespace(item.namespace)}",
        data_form="item",
    )


def _beginning(text: str, most: int) -> str:
    """Return the part of a text that takes at most about so many characters as JSON."""
    sent = len(json.dumps(text, ensure_ascii=False))
    return text if sent <= most else text[: len(text) * most // sent]


def _beginning_of(shown: str, size: int) -> Node | None:
    return note(f"This is the beginning of {size:,} characters.") if len(shown) < size else None


def _reading(item: Item, shown: str, size: int, can_edit: bool, line: str, is_there: bool) -> list[Node | None]:
    if not is_there:
        return [note("There is no such item any more.")]
    seen = fingerprint(item.value)
    question = (
        f"Delete “{cut(item.key, LONGEST_NAME)}” from {shown_namespace(item.namespace)}? It cannot be brought back."
    )
    edit = node("button", "Edit", key="edit", data_choice=f"edit:{seen}", data_focus="text", data_static="no")
    delete = action(
        "delete",
        "Delete",
        args={"id": identity(item), "seen": seen},
        class_="lg-cancel",
        data_confirm=question,
        data_busy="Deleting…",
    )
    why_not = "" if can_edit else f"{size:,} characters are too many to edit here: %lg_store put"
    return [
        node("div", edit if can_edit else None, delete, insert(line), class_="lg-ways"),
        note(why_not),
        node("pre", shown, class_="lg-value", tabindex=0, role="region", aria_label="value"),
        _beginning_of(shown, size),
    ]


def _editing(item: Item, text: str, copy: str, is_there: bool, is_conflict: bool) -> list[Node | None]:
    args: dict[str, object] = {"id": identity(item)}
    label = "Save"
    if is_conflict:
        args["seen"] = fingerprint(item.value) if is_there else ""
        label = "Save over it" if is_there else "Create it again"
    box = node(
        "textarea",
        key="text",
        class_="lg-answer",
        value=text,
        rows=min(24, max(6, text.count("\n") + 2)),
        required=True,
        spellcheck="false",
        aria_label=f"value of {item.key}, as JSON",
        data_check="json",
        data_draft=True,
    )
    save = action(
        "save", label, args=args, class_="lg-main", data_busy="Saving…", data_needs_valid=True, data_focus="edit"
    )
    discard = node("button", "Discard", key="discard", data_choice="edit:", data_focus="edit")
    return [
        _conflict(copy, len(text), is_there) if is_conflict else None,
        box,
        node("div", save, discard, class_="lg-ways"),
    ]


def _conflict(shown: str, size: int, is_there: bool) -> Node:
    words = "As it is now:" if is_there else "There is no such item now: saving creates it again."
    now = [node("pre", shown, class_="lg-value", tabindex=0), _beginning_of(shown, size)] if is_there else None
    label = "the value as it is now"
    return node("div", node("div", words), now, key="conflict", class_="lg-question", role="group", aria_label=label)

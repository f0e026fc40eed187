"""Items of the store as text and as HTML, in part where they are many. Knows names and types; fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from lg_magics.model.namespaces import shown_namespace
from lg_magics.model.store_values import text_from_value
from lg_magics.tables.store import FOOT, Item, Items
from lg_magics.tables.table import Table
from lg_magics.views.escape import element
from lg_magics.views.frame import framed, shortened
from lg_magics.views.table import shown_value, table_html, table_text
from lg_magics.views.tree import tree

__all__ = ["bounded", "item_html", "item_text", "items_html", "items_text"]

MOST_ROWS = 200
MOST_FIELDS = 12
MOST_ITEM_FIELDS = 200
LONGEST = 20_000


def bounded(items: Items, rows: int = MOST_ROWS, fields: int = MOST_FIELDS) -> Table:
    """The items' table with no more rows and fields than a view can show; its note says what is left out."""
    table = items.table
    places = [place for place, column in enumerate(table.columns) if column.name in set(items.field_names.values())]
    hidden = set(places[fields:])
    kept = [place for place in range(len(table.columns)) if place not in hidden]
    left_out = [
        *([f"the first {rows:,} are shown"] if len(table.rows) > rows else []),
        *([f"{len(hidden):,} more fields are not shown"] if hidden else []),
    ]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows[:rows]),
        more=", ".join([*filter(None, [table.more]), *left_out, *([".df has all"] if left_out else [])]),
    )


def items_text(items: Items) -> str:
    """The items in columns."""
    return table_text(bounded(items))


def items_html(items: Items) -> str:
    """The items as an HTML table."""
    return table_html(bounded(items))


def _headline(item: Item) -> str:
    return f"{item.key} in {shown_namespace(item.namespace)}"


def _written(item: Item) -> str:
    return f"written {shown_value(item.updated_at, FOOT[0])}" if isinstance(item.updated_at, datetime) else ""


def item_text(item: Item) -> str:
    """An item: its key, its namespace and its value as JSON; no time, which differs with each run of a notebook."""
    text, cut = shortened(text_from_value(item.value), LONGEST)
    return f"{_headline(item)}\n{text}{f'… {cut:,} more characters' if cut else ''}"


def item_html(item: Item) -> str:
    """The same with its value as a tree."""
    fields = item.value.items() if isinstance(item.value, Mapping) else [("value", item.value)]
    shown = list(fields)[:MOST_ITEM_FIELDS]
    rows = [element("tr", element("th", str(name), scope="row"), element("td", tree(value))) for name, value in shown]
    left_out = len(fields) - len(shown)
    return framed(
        element("div", element("code", item.key), f" in {shown_namespace(item.namespace)}", class_="lg-name"),
        element("div", _written(item), class_="lg-soft"),
        element("table", element("tbody", *rows)) if rows else element("code", "{}"),
        element("div", f"{left_out:,} more fields are not shown", class_="lg-soft") if left_out else "",
    )

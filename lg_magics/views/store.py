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
from lg_magics.views.frame import framed
from lg_magics.views.table import shown_value, table_html, table_text
from lg_magics.views.tree import one_line, tree

__all__ = ["bounded", "item_html", "item_text", "items_html", "items_text"]

MOST_ROWS = 200
MOST_FIELDS = 12
LONGEST = 20_000


def bounded(items: Items, rows: int = MOST_ROWS, fields: int = MOST_FIELDS) -> Table:
    """The items' table with no more rows and fields than a view can show; its note says what is left out."""
    table, hidden = items.part(rows, fields), len(items.field_names) - fields
    left_out = [
        *([f"the first {rows:,} are shown"] if len(items) > rows else []),
        *([f"{hidden:,} more fields are not shown"] if hidden > 0 else []),
    ]
    return replace(
        table, more=", ".join([*filter(None, [table.more]), *left_out, *([".df has all"] if left_out else [])])
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


def _json(item: Item) -> tuple[str, str]:
    """The value as JSON, cut, and what to say of that; "" if it is whole."""
    text, size = text_from_value(item.value, LONGEST)
    return text, f"… {size:,} characters, .value has all" if size else ""


def item_text(item: Item) -> str:
    """An item: its key, its namespace and its value as JSON; no time, which differs with each run of a notebook."""
    return "\n".join([_headline(item), *filter(None, _json(item))])


def item_html(item: Item) -> str:
    """The same with its value as a tree, or as JSON where it is too large for one."""
    text, cut = _json(item)
    shown = element("pre", text, "\n", cut) if cut else _fields(item.value)
    name = element("div", element("code", item.key), f" in {shown_namespace(item.namespace)}", class_="lg-name")
    return framed(name, element("div", _written(item), class_="lg-soft"), shown)


def _fields(value: object) -> str:
    if not isinstance(value, Mapping) or not value:
        return element("code", one_line(value))
    rows = [
        element("tr", element("th", str(name), scope="row"), element("td", tree(inner)))
        for name, inner in value.items()
    ]
    return element("table", element("tbody", *rows))

"""Items of the store as text and as trees, in part where they are many. Knows names and types; fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from lg_magics.model.namespaces import shown_namespace
from lg_magics.model.store_values import text_from_value
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.store import FOOT, Item, Items
from lg_magics.tables.table import Table
from lg_magics.views.frame_tree import pre, result, soft
from lg_magics.views.node import Node, node, spaced
from lg_magics.views.table import shown_value, table_text, table_tree
from lg_magics.views.value_tree import one_line, value_rows

__all__ = ["bounded", "item_result", "item_text", "items_result", "items_text"]

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


def items_result(items: Items) -> Node:
    """The items as a tree."""
    return table_tree(bounded(items))


def _headline(item: Item) -> str:
    return visible_line(f"{item.key} in {shown_namespace(item.namespace)}")


def _written(item: Item) -> str:
    return f"written {shown_value(item.updated_at, FOOT[0])}" if isinstance(item.updated_at, datetime) else ""


def _json(item: Item) -> tuple[str, str]:
    """The value as JSON, cut, and what to say of that; "" if it is whole."""
    text, size = text_from_value(item.value, LONGEST)
    return text, f"… {size:,} characters, .value has all" if size else ""


def item_text(item: Item) -> str:
    """An item: its key, its namespace and its value as JSON; no time, which differs with each run of a notebook."""
    return "\n".join([_headline(item), *filter(None, _json(item))])


def item_result(item: Item) -> Node:
    """The same with each field of its value, or as JSON where it is too large for that."""
    text, cut = _json(item)
    name = spaced(node("code", item.key), "in", shown_namespace(item.namespace))
    written = _written(item)
    shown = pre(f"{text}\n{cut}") if cut else _fields(item.value)
    return result(node("div", name, class_="lg-name"), soft(written) if written else None, shown)


def _fields(value: object) -> Node | None:
    return value_rows(value) if isinstance(value, Mapping) and value else node("code", one_line(value))

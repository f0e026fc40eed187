"""Open items of the store as JSON: their rows, and what one of them holds. Knows names and types; fetches nothing.

Mirrors labextension/shared/store.ts. Every string in it is untrusted. Values travel as text: a page's own JSON rounds numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

from lg_magics.model.bounds import cut, fitting
from lg_magics.model.namespaces import shown_namespace
from lg_magics.model.store_values import fingerprint, text_from_value
from lg_magics.model.visible_text import visible_json
from lg_magics.tables.store import Item, Items
from lg_magics.tables.table import Column
from lg_magics.views.store import bounded
from lg_magics.views.table import shown_value

__all__ = ["ItemDetail", "ItemRow", "ItemsJson", "detail_json", "identity", "items_json"]

MOST_ROWS = 1_000
LARGEST = 110_000  # bytes of all rows as JSON: what a notebook saves
LONGEST_NAME = 300
WIDEST = 60
LONGEST_SHOWN = 20_000
LONGEST_EDITED = 200_000
NOT_CELLS = frozenset({"namespace", "key", "updated_at", "created_at"})


class ItemRow(TypedDict):
    """One item. `when` is ISO with its offset, the page says it in its own time; `line` shows it in a cell."""

    id: str
    namespace: str
    key: str
    cells: list[str]
    when: str
    line: str


class ItemsJson(TypedDict):
    """Items in the order of the search, with the names of their cells; `prefix` is the namespace that was searched."""

    protocol: Literal[1]
    title: str
    prefix: str
    headline: str
    note: str
    columns: list[str]
    rows: list[ItemRow]


class ItemDetail(TypedDict):
    """One item looked at: its value as JSON, and the fingerprint of what is shown; '' where it is gone.

    `why_not` says why it cannot be edited on the page; `size` how many characters it has where `text` is only its beginning.
    """

    id: str
    text: str
    size: int
    seen: str
    why_not: str
    when: str


def identity(item: Item) -> str:
    """What a page calls an item."""
    return json.dumps([*item.namespace, item.key], ensure_ascii=False)


def items_json(items: Items, line_of: Callable[[Item], str]) -> ItemsJson:
    """Items for the page; `line_of` says what to type for one."""
    table = bounded(items, rows=MOST_ROWS)
    places = [
        place
        for place, column in enumerate(table.columns)
        if column.name not in NOT_CELLS and any(row[place] is not None for row in table.rows)
    ]
    columns = [table.columns[place] for place in places]
    rows = [
        _row(item, [row[place] for place in places], columns, line_of(item))
        for item, row in zip(items, table.rows, strict=False)
    ]
    count = fitting(rows, LARGEST)
    if count < len(rows):
        table = bounded(items, rows=count)
    return {
        "protocol": 1,
        "title": shown_namespace(items.search.prefix) if items.search.prefix else "the store",
        "prefix": shown_namespace(items.search.prefix),
        "headline": ", ".join(filter(None, [table.counted, table.more])),
        "note": cut(items.note, LONGEST_NAME),
        "columns": [cut(column.title, LONGEST_NAME) for column in columns],
        "rows": rows[:count],
    }


def _row(item: Item, values: Sequence[Any], columns: Sequence[Column], line: str) -> ItemRow:
    return {
        "id": identity(item),
        "namespace": cut(shown_namespace(item.namespace), LONGEST_NAME),
        "key": cut(item.key, LONGEST_NAME),
        "cells": [shown_value(value, column, WIDEST) for value, column in zip(values, columns, strict=True)],
        "when": _when(item),
        "line": line,
    }


def _when(item: Item) -> str:
    return item.updated_at.isoformat() if item.updated_at else ""


def detail_json(item: Item) -> ItemDetail:
    """What one item holds; whole where it can be edited."""
    text, size = text_from_value(item.value, LONGEST_EDITED)
    text = visible_json(text)
    return {
        "id": identity(item),
        "text": text[:LONGEST_SHOWN] if size else text,
        "size": size,
        "seen": fingerprint(item.value),
        "why_not": f"{size:,} characters are too many to edit here: %lg_store put" if size else "",
        "when": _when(item),
    }

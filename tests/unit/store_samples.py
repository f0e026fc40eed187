"""Open items of the store at moments that a page must show."""

from __future__ import annotations

from typing import Any

from lg_magics.actions.open_store import line_of
from lg_magics.tables.store import Item, Items, Search
from lg_magics.views.node import Node
from lg_magics.views.store import item_tree, items_tree

HOSTILE = '<img src=x onerror="alert(1)">'


def item(key: str, value: Any, *labels: str) -> dict[str, Any]:
    """What the server says of an item."""
    time = "2024-11-14T19:37:41.664827+00:00"
    labels = labels or ("todo", "general", "Test")
    return {
        "namespace": list(labels),
        "key": key,
        "value": value,
        "created_at": time,
        "updated_at": time,
        "score": None,
    }


BOOK = {
    "task": "Finish booking travel to Hong Kong",
    "status": "not started",
    "deadline": "2024-11-22T23:59:59",
    "solutions": ["Check flight prices on Skyscanner", "Book hotel through Booking.com"],
    "time_to_complete": 120,
    "id": 9007199254740993,
}
CALL = {"task": "Call parents back", "status": "done", "deadline": None, "time_to_complete": 15.0, "at": {"city": "sf"}}


def todos(*more: dict[str, Any], **given: Any) -> Items:
    """The walkthrough's ToDos."""
    found = (item("18524803", BOOK), item("375d9596", CALL), *more)
    return Items(found, **{"search": Search(("todo",)), **given})


def hostile() -> Items:
    """Items that hold HTML wherever a text can be."""
    found = (item(HOSTILE, {HOSTILE: HOSTILE}, HOSTILE), item("k", {HOSTILE: {HOSTILE: 1}}, HOSTILE, "x"))
    return Items(found, Search((HOSTILE,)), note=HOSTILE)


def one(item: Item, **given: bool) -> Node:
    """An item as it is looked at."""
    return item_tree(item, line=line_of(item), **given)


def samples() -> dict[str, Node]:
    """Each by its name."""
    huge = Items((item("big", {"text": "x" * 300_000}),), Search(("todo",), limit=1), is_whole=False)
    return {
        "todos": items_tree(todos()),
        "several": items_tree(
            todos(item("profile", {"name": "Anna"}, "profile", "a/b c"), search=Search()), message="Saved."
        ),
        "hostile": items_tree(hostile()),
        "item": one(todos()[0]),
        "conflict": one(todos()[0], is_conflict=True),
        "gone": one(todos()[0], is_there=False, is_conflict=True),
        "huge": one(huge[0]),
        "hostile item": one(hostile()[0], is_conflict=True),
    }


def wide(count: int) -> Items:
    """So many items, each with a field of its own."""
    return Items(tuple(item(f"k{n}", {f"field{n}": n}) for n in range(count)))

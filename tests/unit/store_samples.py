"""The open items of tests/store_fixtures as they are made: `python tests/unit/store_samples.py` writes them anew.

The Python tests check that the fixtures are fresh, labextension/tests/store.test.ts draws them: so the two cannot drift.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lg_magics.commands.open_store import line_of
from lg_magics.tables.store import Items, Search
from lg_magics.views.store_view import detail_json, items_json

FOLDER = Path(__file__).parents[1] / "store_fixtures"
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


def sample(items: Items, place: int) -> Any:
    """Items, and one of them looked at, as JSON."""
    both = {"store": items_json(items, line_of), "detail": detail_json(items[place])}
    return json.loads(json.dumps(both))


def hostile() -> Items:
    """Items that hold HTML wherever a text can be."""
    found = (item(HOSTILE, {HOSTILE: HOSTILE}, HOSTILE), item("k", {HOSTILE: {HOSTILE: 1}}, HOSTILE, "x"))
    return Items(found, Search((HOSTILE,)), note=HOSTILE)


def samples() -> dict[str, Any]:
    """Each by its name."""
    return {
        "todos": sample(todos(), 0),
        "several": sample(todos(item("profile", {"name": "Anna"}, "profile", "a/b c"), search=Search()), 2),
        "huge": sample(Items((item("big", {"text": "x" * 300_000}),), Search(("todo",), limit=1), is_whole=False), 0),
        "hostile": sample(hostile(), 0),
    }


def wide(count: int) -> Items:
    """So many items, each with a field of its own."""
    return Items(tuple(item(f"k{n}", {f"field{n}": n}) for n in range(count)))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in samples().items():
        (FOLDER / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")

"""Open items on the kernel's side: what a page may send, what is sent to it, and nothing that it should not hear."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.commands.open_store import line_of
from lg_magics.views.store_view import detail_json, items_json
from lg_magics.widgets.store import StoreWidget

from .store_samples import todos


class Heard(list[tuple[str, ...]]):
    """A widget, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.widget = StoreWidget(items_json(todos(), line_of), self)

    def select(self, item_id: str) -> None:
        if item_id == "bad":
            raise RuntimeError("the loop has ended")
        self.append(("select", item_id))

    def save(self, item_id: str, text: str, seen: str) -> None:
        self.append(("save", item_id, text, seen))

    def delete(self, item_id: str, seen: str) -> None:
        self.append(("delete", item_id, seen))

    def close(self) -> None:
        self.append(("close",))

    def press(self, content: object) -> None:
        self.widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_what_a_page_asks_for_is_heard(sent: list[dict[str, Any]]) -> None:
    heard = Heard()
    heard.press({"action": "select", "id": "a"})
    heard.press({"action": "save", "id": "a", "text": "{}", "seen": "f"})
    heard.press({"action": "delete", "id": "a", "seen": "f"})
    heard.press({"action": "close"})
    assert heard == [("select", "a"), ("save", "a", "{}", "f"), ("delete", "a", "f"), ("close",)]


@pytest.mark.parametrize(
    "content",
    [None, "save", [], {}, {"action": "put", "id": "a"}, {"action": "select"}, {"action": ["select"], "id": "a"},
     {"action": "select", "id": 7}, {"action": "save", "id": "a"}, {"action": "save", "id": "a", "text": {}, "seen": ""},
     {"action": "delete", "id": "a"}, {"action": "delete", "id": "a", "seen": None}],
)  # fmt: skip
def test_any_other_message_is_let_be(sent: list[dict[str, Any]], content: object) -> None:
    heard = Heard()
    heard.press(content)
    assert heard == []


def test_what_cannot_even_be_asked_for_is_told(sent: list[dict[str, Any]]) -> None:
    Heard().press({"action": "select", "id": "bad"})
    assert sent[-1]["data"]["content"] == {"action": "failed", "id": "bad", "message": "the loop has ended"}


def test_each_answer_is_a_message_that_the_page_knows(sent: list[dict[str, Any]]) -> None:
    widget, detail = Heard().widget, detail_json(todos()[0])
    sent.clear()
    widget.show_detail(detail)
    widget.say_done("saved", "a", "Saved.")
    widget.say_changed("a", "Changed.", None)
    assert [message["data"]["content"] for message in sent] == [
        {"action": "detail", "detail": detail},
        {"action": "saved", "id": "a", "message": "Saved."},
        {"action": "changed", "id": "a", "message": "Changed.", "detail": None},
    ]


def test_nothing_but_the_items_leaves_the_kernel_and_the_bundle_is_small(sent: list[dict[str, Any]]) -> None:
    widget = Heard().widget
    names = {name for name in sent[-1]["data"]["state"] if not name.startswith("_")}
    assert names <= {"store", "kept", "layout", "tabbable", "tooltip"}
    assert len(widget._esm.encode()) <= 15_000

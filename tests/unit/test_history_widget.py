"""An open history on the kernel's side: what a page may send, what is sent to it, and nothing that it should not hear."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.views.history_view import history_json
from lg_magics.widgets.history import HistoryWidget

from .history_samples import forked, history


class Heard(list[tuple[str, ...]]):
    """A widget, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        shown = history_json(history(forked()))
        self.widget = HistoryWidget(
            shown, self.select, lambda i: self.append(("fork", i)), lambda: self.append(("close",))
        )

    def select(self, checkpoint_id: str) -> None:
        if checkpoint_id == "bad":
            raise RuntimeError("the loop has ended")
        self.append(("select", checkpoint_id))

    def press(self, content: object) -> None:
        self.widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_what_a_page_asks_for_is_heard(sent: list[dict[str, Any]]) -> None:
    heard = Heard()
    heard.press({"action": "select", "checkpoint_id": "a"})
    heard.press({"action": "fork", "checkpoint_id": "a"})
    heard.press({"action": "close"})
    assert heard == [("select", "a"), ("fork", "a"), ("close",)]


@pytest.mark.parametrize(
    "content",
    [None, "fork", [], {"action": "delete", "checkpoint_id": "a"}, {"action": "fork"}, {"action": ["fork"]},
     {"action": "fork", "checkpoint_id": 7}],
)  # fmt: skip
def test_any_other_message_is_let_be(sent: list[dict[str, Any]], content: object) -> None:
    heard = Heard()
    heard.press(content)
    assert heard == []


def test_what_cannot_even_be_asked_for_is_told(sent: list[dict[str, Any]]) -> None:
    Heard().press({"action": "select", "checkpoint_id": "bad"})
    failed = {"action": "failed", "checkpoint_id": "bad", "message": "the loop has ended"}
    assert sent[-1]["data"]["content"] == failed


def test_nothing_but_the_history_leaves_the_kernel_and_a_change_is_one_message(sent: list[dict[str, Any]]) -> None:
    heard = Heard()
    names = {name for name in sent[-1]["data"]["state"] if not name.startswith("_")}
    assert names <= {"history", "kept", "layout", "tabbable", "tooltip"}
    sent.clear()
    heard.widget.history = dict(history_json(history(forked()[2:])))
    assert [list(message["data"]["state"]) for message in sent] == [["history"]]


def test_the_bundle_is_at_most_thirteen_kilobytes(sent: list[dict[str, Any]]) -> None:
    assert len(Heard().widget._esm.encode()) <= 13_000

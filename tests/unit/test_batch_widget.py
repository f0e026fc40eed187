"""A batch's card on the kernel's side: few messages, and what is pressed is heard."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.widgets.batch import BatchWidget

from .batch_samples import card


class Pressed(list[str]):
    """A widget, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.widget = BatchWidget(card("running"), lambda: self.append("cancel"), lambda: self.append("retry"))

    def press(self, content: object) -> None:
        self.widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_a_card_is_made_in_at_most_three_messages_and_a_change_is_one(sent: list[dict[str, Any]]) -> None:
    pressed = Pressed()
    assert [message["type"] for message in sent] == ["comm_open"] * len(sent)
    assert len(sent) <= 3
    sent.clear()
    pressed.widget.card = dict(card("error"))
    assert [list(message["data"]["state"]) for message in sent] == [["card"]]


def test_the_bundle_is_at_most_twelve_kilobytes(sent: list[dict[str, Any]]) -> None:
    assert len(Pressed().widget._esm.encode()) <= 12_000


def test_what_is_pressed_is_heard(sent: list[dict[str, Any]]) -> None:
    pressed = Pressed()
    pressed.press({"action": "retry"})
    pressed.press({"action": "cancel"})
    assert pressed == ["retry", "cancel"]


@pytest.mark.parametrize(
    "content", [None, 7, "cancel", [], {}, {"action": None}, {"action": ["cancel"]}, {"action": "delete"}]
)
def test_anything_else_does_nothing(sent: list[dict[str, Any]], content: object) -> None:
    pressed = Pressed()
    pressed.press(content)
    assert pressed == []


def test_what_cannot_be_done_is_told_and_may_be_asked_for_again(sent: list[dict[str, Any]]) -> None:
    def refuse() -> None:
        raise RuntimeError("the loop has ended")

    widget = BatchWidget(card("running"), refuse, refuse)
    for _ in range(2):
        widget._handle_msg({"content": {"data": {"method": "custom", "content": {"action": "cancel"}}}, "buffers": []})
    failures = [message["data"]["content"] for message in sent if message["data"].get("method") == "custom"]
    assert failures == [{"action": "failed", "message": "the loop has ended"}] * 2


def test_beside_the_live_view_stands_what_a_page_without_a_kernel_shows(sent: list[dict[str, Any]]) -> None:
    bundle, _ = Pressed().widget._repr_mimebundle_()
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    assert "batch of 400 runs" in bundle["text/plain"]

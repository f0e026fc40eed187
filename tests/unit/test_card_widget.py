"""The live card on the kernel's side: few messages, and a Cancel that is heard once, from any thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import comm
import pytest
from ipykernel.comm.comm import BaseComm as KernelComm

from lg_magics.widgets.card import CardWidget
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.live import mime_type

from .card_texts import card


def press(widget: CardWidget, action: object = "cancel", **more: object) -> None:
    data = {"method": "custom", "content": {"action": action, **more}}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def widget(on_cancel: Callable[[], None] = lambda: None) -> CardWidget:
    return CardWidget(card("running"), on_cancel)


def test_a_card_is_made_in_at_most_three_messages(sent: list[dict[str, Any]]) -> None:
    widget()
    assert [message["type"] for message in sent] == ["comm_open"] * len(sent)
    assert len(sent) <= 3


def test_a_change_is_one_message_that_holds_the_card_alone(sent: list[dict[str, Any]]) -> None:
    live = widget()
    sent.clear()
    live.card = dict(card("success"))
    assert [message["data"]["state"] for message in sent] == [{"card": card("success")}]


def test_the_bundle_is_at_most_fifteen_kilobytes(sent: list[dict[str, Any]]) -> None:
    assert len(widget()._esm.encode()) <= 15_000


def test_pressing_cancel_many_times_asks_once(sent: list[dict[str, Any]]) -> None:
    asked: list[int] = []
    live = widget(lambda: asked.append(threading.get_ident()))
    threads = [threading.Thread(target=press, args=(live,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_after_a_failure_cancel_can_be_pressed_again(sent: list[dict[str, Any]]) -> None:
    asked: list[str] = []
    live = widget(lambda: asked.append("cancel"))
    press(live)
    live.fail("no answer from http://127.0.0.1:2025")
    press(live)
    assert asked == ["cancel", "cancel"]
    failures = [message["data"]["content"] for message in sent if message["data"].get("method") == "custom"]
    assert failures == [{"action": "failed", "message": "no answer from http://127.0.0.1:2025"}]


def test_a_cancel_that_cannot_even_be_asked_for_is_told(sent: list[dict[str, Any]]) -> None:
    def refuse() -> None:
        raise RuntimeError("the loop has ended")

    live = widget(refuse)
    press(live)
    assert sent[-1]["data"]["content"] == {"action": "failed", "message": "the loop has ended"}


def test_answers_are_handed_on_once_as_they_came_until_it_listens_again(sent: list[dict[str, Any]]) -> None:
    heard: list[object] = []
    live = CardWidget(card("waiting"), lambda: None, heard.append)
    press(live, "resume", answers=[{"x": 1}])
    press(live, "resume", answers=[])
    assert heard == [[{"x": 1}]]
    live.listen()
    press(live, "resume")
    assert heard == [[{"x": 1}], None]


def test_a_cancel_that_was_pressed_before_does_not_keep_an_answer_away(sent: list[dict[str, Any]]) -> None:
    heard: list[object] = []
    live = CardWidget(card("waiting"), lambda: None, heard.append)
    press(live)
    press(live, "resume", answers=[])
    assert heard == [[]]


@pytest.mark.parametrize("action", ["delete", None, {"cancel": 1}])
def test_any_other_message_is_let_be(sent: list[dict[str, Any]], action: object) -> None:
    asked: list[str] = []
    press(widget(lambda: asked.append("cancel")), action)
    assert asked == []


def test_a_page_without_a_kernel_finds_a_picture_and_a_text(sent: list[dict[str, Any]]) -> None:
    bundle, _ = widget()._repr_mimebundle_()
    types = {"application/vnd.jupyter.widget-view+json", mime_type("card"), "text/html", "text/plain"}
    assert set(bundle) == types
    assert bundle["text/plain"].startswith("running · task_maistro")
    assert bundle[mime_type("card")] == card("running")


def test_what_is_saved_of_a_live_card_holds_its_code_once(sent: list[dict[str, Any]]) -> None:
    bundle, _ = widget()._repr_mimebundle_()
    assert json.dumps(bundle).count("client.runs.create") == card("running")["code"].count("client.runs.create") == 1
    added = json.dumps(bundle[mime_type("card")], ensure_ascii=False).encode()
    assert len(added) < len(bundle["text/html"].encode()) / 5


@pytest.mark.parametrize("is_over", [False, True])
def test_the_page_is_told_in_one_message_what_the_notebook_keeps(sent: list[dict[str, Any]], is_over: bool) -> None:
    live = widget()
    sent.clear()
    picture = {"text/html": "<b>", "text/plain": "b"}
    live.put(card("success"), picture, is_over=is_over)
    assert [message["data"]["state"] for message in sent] == [
        {"card": card("success"), "kept": {**picture, "over": is_over}}
    ]
    sent.clear()
    live.put(card("running"))
    assert [message["data"]["state"] for message in sent] == [{"card": card("running"), "kept": {}}]


def test_nothing_but_the_card_leaves_the_kernel(sent: list[dict[str, Any]]) -> None:
    widget()
    state = json.loads(json.dumps(sent[-1]["data"]["state"], default=str))
    assert {name for name in state if not name.startswith("_")} <= {"card", "kept", "layout", "tabbable", "tooltip"}


def test_a_kernel_that_routes_answers_by_its_last_word_routes_them_by_the_pages() -> None:
    routed = KernelComm(target_name="x", primary=False)
    routed._reply_subshell_id = "main"
    hear_while_busy(routed)
    if hasattr(routed, "_reply_subshell_for"):
        assert routed._reply_subshell_for({"method": "custom"}, "the page's") == "the page's"


@pytest.mark.usefixtures("sent")
def test_a_kernel_without_such_routes_is_let_be() -> None:
    older = comm.create_comm(target_name="x", primary=False)
    hear_while_busy(older)
    hear_while_busy(None)
    assert not hasattr(older, "_reply_subshell_for")

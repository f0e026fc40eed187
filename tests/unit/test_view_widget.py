"""The widget of every view on the kernel's side: few messages, and only changes after the first."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import comm
import pytest
from ipykernel.comm.comm import BaseComm as KernelComm

from lg_magics.views.node import node
from lg_magics.widgets.comm_thread import route_to_subshell
from lg_magics.widgets.view import MIME, RELEASE, ViewWidget

VIEW = {"protocol": 1, "name": "n", "version": 1, "at": 5.0, "tree": node("p", "Buy"), "lost": None}
NEXT = {**VIEW, "version": 2, "at": 6.0, "tree": node("p", "Buy milk")}
PICTURE = {"text/html": "<b>", "text/plain": "b"}


def states(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message["data"]["state"] for message in sent]


def test_a_view_is_made_in_at_most_three_messages(sent: list[dict[str, Any]]) -> None:
    ViewWidget(VIEW, print)
    assert [message["type"] for message in sent] == ["comm_open"] * len(sent)
    assert len(sent) <= 3
    state = json.loads(json.dumps(sent[-1]["data"]["state"], default=str))
    assert state["view"] == {**VIEW, "at": pytest.approx(5.0, abs=1)}
    assert {name for name in state if name[0] != "_"} <= {"view", "newest", "kept", "layout", "tabbable", "tooltip"}


def test_a_change_is_one_message_without_the_whole_which_a_page_that_comes_gets(sent: list[dict[str, Any]]) -> None:
    live = ViewWidget(VIEW, print)
    sent.clear()
    made = [["text", [0], " milk"]]
    live.update(1, 2, 6.0, made, NEXT)
    assert states(sent) == [{"newest": {"base": 1, "version": 2, "at": 6.0, "changes": made, "lost": None}}]
    assert live.get_state("view") == {"view": {**NEXT, "at": pytest.approx(6.0, abs=1)}}


def test_a_page_that_comes_later_gets_the_time_of_then(sent: list[dict[str, Any]]) -> None:
    live = ViewWidget(VIEW, print)
    time.sleep(0.1)
    assert 5.1 <= live.get_state()["view"]["at"] < 6
    live.update(1, 2, 8.0, [], {**NEXT, "at": 8.0})
    assert 8.0 <= live.get_state()["view"]["at"] < 8.1


def test_what_the_notebook_keeps_is_one_message(sent: list[dict[str, Any]]) -> None:
    live = ViewWidget(VIEW, print)
    sent.clear()
    live.keep(PICTURE, is_over=True)
    live.keep({}, is_over=False)
    assert states(sent) == [{"kept": {**PICTURE, "over": True}}, {"kept": {}}]


def test_a_widget_is_released_at_once_where_no_extension_writes_its_end_down(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.widgets.view.SPOKE", threading.Event())
    live = ViewWidget(VIEW, print)
    live.keep(PICTURE, is_over=True)
    sent.clear()
    live.release()
    assert [message["type"] for message in sent] == ["comm_close"] * 2  # the view and its layout
    live.keep(PICTURE, is_over=True)
    live.send({"id": "1"})
    assert len(sent) == 2


def test_where_the_extension_is_a_widget_stays_until_its_end_is_written_down(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.widgets.view.SPOKE", spoke := threading.Event())
    spoke.set()
    live = ViewWidget(VIEW, print)
    live.keep(PICTURE, is_over=True)
    sent.clear()
    live.release()
    assert sent == []
    live._handle_msg({"content": {"data": {"method": "custom", "content": RELEASE}}, "buffers": []})
    assert [message["type"] for message in sent] == ["comm_close"] * 2


def test_an_output_holds_the_widget_its_tree_and_a_picture(sent: list[dict[str, Any]]) -> None:
    bundle, _ = ViewWidget(VIEW, print).bundle(PICTURE)
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", MIME, "text/html", "text/plain"}
    assert (bundle[MIME], bundle["text/plain"]) == (VIEW, "b")


def test_a_request_is_handed_on_as_it_came(sent: list[dict[str, Any]]) -> None:
    received: list[object] = []
    live = ViewWidget(VIEW, received.append)
    live._handle_msg({"content": {"data": {"method": "custom", "content": {"id": "1"}}}, "buffers": []})
    assert received == [{"id": "1"}]


def test_the_one_script_of_all_views_is_at_most_sixteen_kilobytes(sent: list[dict[str, Any]]) -> None:
    assert len(ViewWidget(VIEW, print)._esm.encode()) <= 16_000


def test_a_kernel_that_routes_answers_by_its_last_word_routes_them_by_the_pages() -> None:
    routed = KernelComm(target_name="x", primary=False)
    routed._reply_subshell_id = "main"
    route_to_subshell(routed)
    if hasattr(routed, "_reply_subshell_for"):
        assert routed._reply_subshell_for({"method": "custom"}, "the page's") == "the page's"


@pytest.mark.usefixtures("sent")
def test_a_kernel_without_such_routes_is_let_be() -> None:
    older = comm.create_comm(target_name="x", primary=False)
    route_to_subshell(older)
    route_to_subshell(None)
    assert not hasattr(older, "_reply_subshell_for")

"""A page that asks for a run's card again, on the real server: what it gets, what it may ask for, and that it stays true."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances

from lg_magics.commands import runs
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.views.node import attributes_of, nodes_in
from lg_magics.widgets.view import MIME, RELEASE, ViewWidget

from .coming import until
from .panel_page import page_of
from .waiting_runs import asked

WIDGET = "application/vnd.jupyter.widget-view+json"
LIVE = {WIDGET, MIME, "text/html", "text/plain"}
PICTURE = {"text/html", "text/plain"}


def launched(session: Session, **value: Any) -> Run:
    return runs.run(session, input={"steps": 1, **value}, assistant="workbench", thread="new")


def ask(session: Session, **arguments: object) -> dict[str, Any]:
    """What the page of a new kernel hears."""
    with page_of(session) as page:
        return page.ask("reattach", **arguments)


def ids(run: Run) -> dict[str, str]:
    return {"run": run.run_id, "thread": run.thread_id}


def widget_of(bundle: dict[str, Any]) -> ViewWidget:
    """The kernel's end of what a page shows."""
    found = _instances[bundle[WIDGET]["model_id"]]
    assert isinstance(found, ViewWidget)
    return found


def test_a_live_run_gets_a_live_card_that_says_at_its_end_what_to_keep(session: Session, other: Session) -> None:
    run = launched(session, seconds=30)
    bundle = ask(other, **ids(run))["result"]["bundle"]
    assert set(bundle) == LIVE
    widget = widget_of(bundle)
    assert widget.kept == {}
    run.cancel()
    until(lambda: widget.kept)
    assert widget.view["tree"][1]["class"] == "lg-card lg-view lg-cancelled"
    assert widget.kept["over"] is True
    assert widget.kept["text/plain"].startswith("cancelled · workbench")


def test_a_settled_card_is_released_when_its_end_is_written_down(session: Session, other: Session) -> None:
    run = launched(session, seconds=30)
    bundle = ask(other, **ids(run))["result"]["bundle"]
    widget, released = widget_of(bundle), {"content": {"data": {"method": "custom", "content": RELEASE}}, "buffers": []}
    layout = widget.layout.model_id
    widget._handle_msg(released)  # too early
    assert bundle[WIDGET]["model_id"] in _instances
    run.cancel()
    until(lambda: widget_of(bundle).kept)
    assert bundle[WIDGET]["model_id"] in _instances  # a page that was away gets it
    widget._handle_msg(released)
    assert {bundle[WIDGET]["model_id"], layout}.isdisjoint(_instances)
    seen = [weakref.ref(widget)]
    del widget
    until(lambda: gc.collect() >= 0 and seen[0]() is None)


def test_a_run_that_waits_gets_its_form(session: Session, other: Session) -> None:
    bundle = ask(other, **ids(asked(session, "one")))["result"]["bundle"]
    assert set(bundle) == LIVE
    widget = widget_of(bundle)
    until(lambda: widget.kept)
    assert [
        attributes_of(each)["data-act"] for each in nodes_in(widget.view["tree"]) if "data-needs-valid" in each[1]
    ] == ["resume"]
    assert widget.kept["over"] is False


def test_a_run_that_has_ended_meanwhile_is_shown_with_its_end(session: Session, other: Session) -> None:
    run = launched(session).wait()
    for _ in range(2):
        bundle = ask(other, **ids(run))["result"]["bundle"]
        assert set(bundle) == PICTURE
        assert bundle["text/plain"].startswith("success · workbench")


@pytest.mark.parametrize("named", [{}, {"run": "last", "thread": "last"}, {"run": 1, "thread": None}, {"run": "%lg"}])
def test_a_page_names_a_run_by_whole_ids_alone(session: Session, named: dict[str, object]) -> None:
    assert ask(session, **named)["error"]["message"] == "The page's request names no run."


def test_a_run_that_is_nowhere_is_reported(session: Session, other: Session) -> None:
    run = launched(session).wait()
    nowhere = "019c0000-0000-7000-8000-000000000000"
    assert not ask(other, run=nowhere, thread=run.thread_id)["ok"]
    assert not ask(other, run=run.run_id, thread=nowhere)["ok"]

"""When a page of the panel is told to look again, on the real server: what has changed, soon, a few times, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lg_magics.actions.crons import temporary_cron
from lg_magics.commands import runs
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.lookup import command_named
from lg_magics.live import live_view
from lg_magics.live.workers import Workers
from lg_magics.panel.notices import known
from lg_magics.session import Session
from lg_magics.views.node import text_in

from .panel_page import Page, page_of

LISTS = ("waiting", "threads", "store", "crons")


@pytest.fixture
def panel(session: Session) -> Iterator[Page]:
    with page_of(session) as page:
        yield page


def asked(panel: Page) -> dict[str, Any]:
    """What a page asks with for each list: another number means that it is not what it was."""
    return {name: panel.asks(name) for name in LISTS}


def until_asked_anew(panel: Page, before: dict[str, Any], *names: str) -> None:
    panel.until(lambda: all(panel.asks(name) != before[name] for name in names))


def test_a_page_is_notified_of_the_sections_that_changed_and_nothing_else(panel: Page, session: Session) -> None:
    before = asked(panel)
    call_command(command_named("thread new"), session, (), {})
    until_asked_anew(panel, before, "threads", "waiting", "crons")
    assert panel.asks("store") == before["store"]
    before = asked(panel)
    runs.run(session, "hi", assistant="agent").wait()
    until_asked_anew(panel, before, "threads", "waiting", "store")


def test_what_a_page_shows_beside_the_panel_follows_the_crons_that_are_left(panel: Page, session: Session) -> None:
    """However they came to be: a block's own cron has no command of its own, and a kernel may die within the block."""
    updates = panel.live.rendered
    with temporary_cron(session, print, "0 9 * * *", "hello", assistant="agent"):
        panel.until(lambda: panel.live.rendered is not updates)
        assert len(known(session)["left"]) == 1
    assert known(session)["left"] == []


def test_many_changes_are_reported_a_few_times(panel: Page, session: Session) -> None:
    command = command_named("thread new")
    before, began = panel.asks("threads")["revision"], time.monotonic()
    for _ in range(60):
        call_command(command, session, (), {})
    passed = time.monotonic() - began
    panel.until(lambda: panel.asks("threads")["revision"] > before)
    assert panel.asks("threads")["revision"] - before <= 2 + passed


def test_a_command_that_only_looks_is_not_reported(panel: Page, session: Session) -> None:
    before = asked(panel)
    call_command(command_named("threads"), session, (), {})
    call_command(command_named("store put"), session, ("t", "k", {}), {})
    until_asked_anew(panel, before, "store")
    assert {name for name in LISTS if panel.asks(name) != before[name]} == {"store"}


def test_another_deployment_takes_the_rows_of_the_one_before_away(panel: Page, session: Session) -> None:
    assert panel.rows("runs") == []
    runs.run(session, "hi", assistant="agent", thread="new").wait()
    assert panel.rows("threads")
    handle = panel.rows("threads")[0].handle
    session.disconnect()
    session.events.emit("command", "disconnect")
    panel.until(lambda: "Not connected to a deployment." in text_in(panel.tree))
    assert "is not in the panel any more" in panel.refused("detail", choice=handle)


def test_what_was_pressed_waits_behind_nothing_that_is_read(
    panel: Page, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The readers are all held up by a deployment that is slow to answer; a person still can cancel."""
    readers = Workers(3, 100)
    monkeypatch.setattr(live_view, "READS", readers)
    held, go = threading.Barrier(4), threading.Event()

    def hold() -> None:
        held.wait(10)
        go.wait(120)

    for _ in range(3):
        readers.do(hold)
    held.wait(10)
    run = runs.run(session, input={"steps": 3, "seconds": 30}, assistant="workbench", thread="new")
    panel.until(lambda: panel.counted("runs") == "1 live")
    waits = panel.begin("section", **panel.asks("threads"))
    (row,) = panel.rows("runs")
    panel.get("do", row=row.handle, key="cancel")
    assert run.wait_quietly().status == "cancelled"
    panel.until(lambda: panel.counted("runs") == "1")
    assert not panel.has_answered(waits)
    go.set()
    assert panel.answer(waits)["ok"]
    readers.close()

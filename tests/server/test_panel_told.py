"""What the pages of a panel are told without asking, on the real server: which sections changed, once, and nothing else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lg_magics.commands import runs
from lg_magics.commands.calling import call_command
from lg_magics.commands.lookup import command_named
from lg_magics.commands.temporary_cron import temporary_cron
from lg_magics.panel.service import PanelService
from lg_magics.session import Session


class Heard:
    """A service, and what it has sent to one page."""

    def __init__(self, session: Session) -> None:
        self.service = PanelService(lambda: session)
        self.sent: list[dict[str, Any]] = []
        self._came = threading.Condition()
        self.service.add(self.hear)

    def hear(self, data: dict[str, Any]) -> None:
        with self._came:
            self.sent.append(data)
            self._came.notify_all()

    def until(self, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        with self._came:
            assert self._came.wait_for(lambda: any(map(is_there, self.sent)), 20)
            return next(filter(is_there, self.sent))

    def ask(self, identity: str, command: str, **arguments: Any) -> dict[str, Any]:
        self.service.hear(self.hear, {"id": identity, "protocol": 1, "command": command, "arguments": arguments})
        return self.until(lambda sent: sent.get("id") == identity)

    def changes(self) -> list[list[str]]:
        with self._came:
            return [sent["changed"] for sent in self.sent if "changed" in sent]


@pytest.fixture
def heard(session: Session) -> Iterator[Heard]:
    made = Heard(session)
    made.ask("0", "hello")
    yield made
    made.service.close()


def test_a_page_is_told_which_sections_changed_and_nothing_else(heard: Heard, session: Session) -> None:
    call_command(command_named("thread new"), session, (), {})
    heard.until(lambda sent: sent.get("changed") == ["deployment", "threads", "waiting", "crons"])
    heard.sent.clear()
    run = runs.run(session, "hi", assistant="agent")
    run.wait()
    heard.until(lambda sent: "store" in sent.get("changed", ()))
    assert heard.changes()[0] == ["runs"]
    assert json.dumps(heard.sent).count("hi") == 0


def test_a_page_is_told_when_other_crons_are_left(heard: Heard, session: Session) -> None:
    """However they came to be: a block's own cron has no command of its own, and a kernel may die within the block."""

    def is_told(sent: dict[str, Any]) -> bool:
        return "left" in sent.get("changed", ())

    with temporary_cron(session, print, "0 9 * * *", "hello", assistant="agent"):
        heard.until(is_told)
        assert len(heard.ask("1", "section", name="left")["result"]["crons"]) == 1
        heard.sent.clear()
    heard.until(is_told)
    heard.service.close()
    with temporary_cron(session, print, "0 9 * * *", "hello", assistant="agent"):
        heard.sent.clear()
    assert heard.sent == []


def test_many_changes_are_told_a_few_times(heard: Heard, session: Session) -> None:
    command = command_named("set")
    began = time.monotonic()
    for _ in range(500):
        call_command(command, session, (), {})
    passed = time.monotonic() - began
    heard.until(lambda sent: "deployment" in sent.get("changed", ()))
    assert len(heard.changes()) <= 2 + passed / 0.25


def test_a_command_that_only_looks_is_not_told(heard: Heard, session: Session) -> None:
    call_command(command_named("threads"), session, (), {})
    call_command(command_named("thread new"), session, (), {})
    heard.until(lambda sent: "changed" in sent)
    assert heard.changes() == [["deployment", "threads", "waiting", "crons"]]


def test_a_page_that_left_and_a_service_that_closed_tell_nothing(heard: Heard, session: Session) -> None:
    heard.service.leave(heard.hear)
    second: list[dict[str, Any]] = []
    told = threading.Event()

    def hear(data: dict[str, Any]) -> None:
        second.append(data)
        told.set()

    heard.service.add(hear)
    call_command(command_named("thread new"), session, (), {})
    assert told.wait(10)
    assert heard.changes() == []
    heard.service.close()
    call_command(command_named("thread new"), session, (), {})
    assert len(second) == 1
    session.events.emit("command", "run")
    assert len(second) == 1


def test_what_was_pressed_waits_behind_nothing_that_is_read(heard: Heard, session: Session) -> None:
    """The readers are all held up by a deployment that is slow to answer; a person still can cancel."""
    held, go = threading.Barrier(4), threading.Event()

    def hold() -> None:
        held.wait(10)
        go.wait(120)

    for _ in range(3):
        heard.service._readers.do(hold)
    held.wait(10)
    assert heard.ask("1", "section", name="runs")["ok"]
    assert heard.ask("2", "thread new")["ok"]
    heard.service.hear(heard.hear, {"id": "3", "protocol": 1, "command": "section", "arguments": {"name": "threads"}})
    assert heard.ask("4", "section", name="deployment")["ok"]
    assert not any(sent.get("id") == "3" for sent in heard.sent)
    go.set()
    heard.until(lambda sent: sent.get("id") == "3")

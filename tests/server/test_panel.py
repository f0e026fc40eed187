"""The panel's requests on the real server: what each section says, what each action does, and what the pages are told."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient
from waiting_runs import asked, given, stopped

from lg_magics.commands import cron_changes, cron_create, runs, store_items, threads
from lg_magics.commands.calling import call_command
from lg_magics.commands.lookup import command_named
from lg_magics.panel.dispatch import Dispatch
from lg_magics.panel.service import PanelService
from lg_magics.session import Session

SLOW = {"steps": 3, "seconds": 30}


class Page:
    """A page that asks, and keeps what it hears."""

    def __init__(self, session: Session) -> None:
        self.dispatch = Dispatch(lambda: session)
        self._ids = map(str, itertools.count())

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        identity = next(self._ids)
        request = {"id": identity, "protocol": 1, "command": command, "arguments": arguments}
        answer = self.dispatch.answer(request)
        json.dumps(answer)
        assert answer["id"] == identity
        return answer

    def get(self, command: str, **arguments: Any) -> Any:
        answer = self.ask(command, **arguments)
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, command: str, **arguments: Any) -> str:
        answer = self.ask(command, **arguments)
        assert not answer["ok"], answer
        return " ".join(filter(None, (answer["error"]["message"], answer["error"]["hint"])))

    def section(self, name: str, **arguments: Any) -> Any:
        return self.get("section", name=name, **arguments)

    def row(self, section: str, identity: str) -> dict[str, Any]:
        (found,) = [row for row in self.section(section, limit=1000)["rows"] if row["id"] == identity]
        return dict(found)


@pytest.fixture
def panel(session: Session) -> Page:
    return Page(session)


def test_a_session_that_is_nowhere_says_so() -> None:
    panel = Page(Session())
    assert panel.section("deployment")["connected"] is False
    assert panel.section("runs")["counted"] == "none"
    assert panel.refused("section", name="threads") == "Not connected. %lg_connect local starts one."


def test_the_deployment_says_where_the_session_is_and_holds_no_secret(panel: Page, session: Session) -> None:
    session.select(
        defaults=replace(session.selection.defaults, headers={"x-token": "hush"}, configurable={"user_id": "T"})
    )
    found = panel.section("deployment")
    assert found["connected"] is True
    assert found["url"] == session.connection.url
    assert found["defaults"] == ["user_id=T", "header x-token"]
    assert "hush" not in json.dumps(found)


def test_runs_that_live_come_first_and_can_be_cancelled(panel: Page, session: Session) -> None:
    done = runs.run(session, "hi", assistant="agent", thread="new").wait()
    waits = asked(session, "plain")
    live = runs.run(session, input=SLOW, assistant="workbench", thread="new")
    newest = runs.run(session, "hi", assistant="agent", thread="new").wait()
    found = panel.section("runs")
    assert [row["id"] for row in found["rows"]] == [live.run_id, waits.run_id, newest.run_id, done.run_id]
    assert (found["counted"], found["live"], found["waiting"]) == ("1 live · 1 waiting", 1, 1)
    assert ["cancel" in row["without"] for row in found["rows"]] == [False, True, True, True]
    assert panel.section("runs", limit=1)["is_whole"] is False
    assert panel.get("cancel", references=[live.run_id])["said"] == f"Run {live.number}: cancelled on workbench"
    assert live.wait_quietly().status == "cancelled"
    assert panel.refused("cancel", references=[live.run_id]) == f"{live.number} has already ended: cancelled."


def test_threads_are_listed_without_a_number_until_they_are_met(panel: Page, session: Session, other: Session) -> None:
    mine = runs.run(session, "mine", assistant="agent", thread="new").wait().thread_id
    theirs = runs.run(other, "theirs", assistant="agent", thread="new").wait().thread_id
    before = len(session.tracker.known_threads())
    found = {row["id"]: row for row in panel.section("threads")["rows"]}
    assert found[mine]["is_current"] is True
    assert found[mine]["word"].startswith("t")
    assert found[mine]["without"] == ["use"]
    assert (found[theirs]["word"], found[theirs]["text"]) == (theirs, "theirs")
    assert len(session.tracker.known_threads()) == before
    assert panel.get("thread use", thread=theirs)["said"].startswith(f"thread t{before + 1} “theirs”")
    assert panel.row("threads", theirs)["is_current"] is True


def test_a_thread_is_copied_forked_and_deleted(panel: Page, session: Session, sdk: SyncLangGraphClient) -> None:
    thread = runs.run(session, "hi", assistant="agent", thread="new").wait().thread_id
    assert "a copy of" in panel.get("thread copy", thread=thread)["said"]
    titles = [row.get("text") for row in panel.section("threads")["rows"][:2]]
    assert titles == ["hi", "hi"]
    points = panel.get("checkpoints", thread=thread)["rows"]
    assert [point["shown"] for point in points] == ["step:1", "step:0", "step:-1"]
    assert panel.get("fork", checkpoint=points[1]["id"], thread=points[1]["thread"])["said"].startswith("The head of")
    assert len(sdk.threads.get_history(thread)) == 4
    assert panel.get("thread delete", thread=thread)["said"].startswith("Deleted thread")
    assert panel.refused("thread delete", thread=thread).startswith("No thread")


def test_a_protected_deployment_wants_a_yes(panel: Page, session: Session) -> None:
    thread = threads.new(session).thread_id
    session.connection.deployment = replace(session.connection.deployment, protect=True, name="prod")
    assert panel.section("deployment")["protected"] is True
    assert panel.section("threads")["actions"]["delete"]["writes"] is True
    assert panel.refused("thread delete", thread=thread).startswith("prod is protected: thread")
    assert panel.get("thread delete", thread=thread, yes=True)["said"].startswith("Deleted thread")


def answers(row: dict[str, Any], kind: str, value: object = None) -> list[dict[str, Any]]:
    return [{"interrupt_id": question["id"], "kind": kind, "value": value} for question in row["asks"]]


def test_what_waits_is_answered_whoever_launched_it(panel: Page, session: Session, other: Session) -> None:
    run = asked(other, "Plan a trip")
    row = panel.row("waiting", run.thread_id)
    assert [question["ways"] for question in row["asks"]] == [["accept", "edit", "respond", "ignore"]]
    assert row["word"] == run.thread_id
    said = panel.get("answer", thread=run.thread_id, mark=row["mark"], answers=answers(row, "accept"))
    going = session.tracker.run(said["run"])
    assert going is not None
    assert given(going) == [[{"type": "accept", "args": None}]]
    assert run.thread_id not in [each["id"] for each in panel.section("waiting")["rows"]]


def test_a_breakpoint_goes_on_without_an_answer(panel: Page, session: Session) -> None:
    run = stopped(session)
    row = panel.row("waiting", run.thread_id)
    assert (row["text"], row.get("asks")) == ("stopped before work", None)
    said = panel.get("answer", thread=run.thread_id, mark=row["mark"], answers=[])
    going = session.tracker.run(said["run"])
    assert going is not None
    assert going.wait().status == "success"


def test_an_answer_to_what_was_not_shown_is_not_sent(panel: Page, session: Session) -> None:
    run = asked(session, "plain")
    row = panel.row("waiting", run.thread_id)
    refusal = panel.refused("answer", thread=run.thread_id, mark="other", answers=answers(row, "text", "yes"))
    assert "waits for something else now. Nothing was sent." in refusal
    assert run.is_waiting
    panel.get("answer", thread=run.thread_id, mark=row["mark"], answers=answers(row, "text", "yes"))


@pytest.mark.parametrize("said", [None, [], "yes", [{}], [{"interrupt_id": 3}], {"kind": "text"}, [[]], 7])
def test_what_is_no_answer_is_refused(panel: Page, session: Session, said: object) -> None:
    run = asked(session, "plain")
    row = panel.row("waiting", run.thread_id)
    assert panel.refused("answer", thread=run.thread_id, mark=row["mark"], answers=said)
    assert run.is_waiting
    session.tracker.thread(run.thread_id)
    threads.delete(session, run.thread_id)


def test_namespaces_and_crons(panel: Page, session: Session) -> None:
    store_items.put(session, "panel/a b", "k", {"x": 1})
    (row,) = [each for each in panel.section("store", limit=1000)["rows"] if each["id"] == "panel/a b"]
    assert (row["word"], row["aside"]) == ('"panel/a b"', "1 item")
    cron = cron_create.create(session, "0 9 * * MON-FRI", "hello", assistant="agent")
    found = panel.row("crons", cron.cron_id)
    assert found["text"].startswith("0 9 * * MON-FRI")
    assert (found["state"], found["without"]) == ("enabled", ["resume"])
    far = (datetime.now(UTC) + timedelta(days=200)).replace(hour=12, minute=0)
    distant = cron_create.create(session, f"0 12 {far.day} {far.month} *", "hello", assistant="agent")
    assert f"{far.astimezone():%m-%d %H:%M}" in panel.row("crons", distant.cron_id)["aside"]
    cron_changes.delete(session, distant)
    assert panel.get("cron pause", cron=cron.cron_id)["said"].startswith("Paused cron")
    assert panel.row("crons", cron.cron_id)["without"] == ["pause"]
    assert panel.get("cron delete", cron=cron.cron_id)["said"].startswith("Deleted cron")


@pytest.mark.parametrize("limit", [0, 1001, "5", True, None, 2.5, [1]])
def test_a_limit_is_a_number_within_bounds(panel: Page, limit: object) -> None:
    assert panel.refused("section", name="threads", limit=limit) == "A limit goes from 1 to 1000."


# -- what the pages are told ------------------------------------------------------------------------------------


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
    heard.service.add(lambda data: (second.append(data), told.set()))  # type: ignore[func-returns-value, arg-type, return-value]
    call_command(command_named("thread new"), session, (), {})
    assert told.wait(10)
    assert heard.changes() == []
    heard.service.close()
    call_command(command_named("thread new"), session, (), {})
    assert len(second) == 1
    assert session.called("run") is None  # type: ignore[func-returns-value]


def test_what_was_pressed_waits_behind_nothing_that_is_read(heard: Heard, session: Session) -> None:
    """The readers are all held up by a deployment that is slow to answer; a person still can cancel."""
    held, go = threading.Barrier(4), threading.Event()

    def hold() -> None:
        held.wait(10)
        go.wait(20)

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

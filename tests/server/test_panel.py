"""The panel's requests on the real server: what each section says, what each action does, and what the pages are told."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import cron_changes, cron_create, runs, store_items, thread_delete, threads
from lg_magics.model.cell import Cell
from lg_magics.panel.dispatch import Dispatch
from lg_magics.session import Session

from .waiting_runs import asked, given, stopped

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
    row = panel.row("runs", run.run_id)
    assert (row["state"], row["tone"]) == ("success", "good")


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
    thread_delete.delete(session, run.thread_id)


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


def test_crons_that_outlive_the_session_are_left(panel: Page, session: Session) -> None:
    """The page says so when the kernel ends: a kernel that ends can not."""
    nothing = {"name": "left", "crons": [], "line": "%lg_cron delete --mine"}
    assert panel.section("left") == nothing
    session.cell = lambda: Cell("mine.ipynb·123456", "a")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    cron = cron_create.create(session, "0 9 * * *", "hello", assistant="agent", until=until)
    there = {"id": cron.cron_id, "deployment": session.connection.deployment.name, "until": until.timestamp()}
    assert panel.section("left") == {**nothing, "crons": [there]}
    cron_changes.pause(session, cron)
    assert panel.section("left") == nothing
    cron_changes.resume(session, cron)
    assert panel.section("left")["crons"] == [there]
    session.cell = lambda: Cell()
    for _ in range(2):
        cron_create.create(session, "0 9 * * *", "hello", assistant="agent")
    assert panel.section("left")["line"] == "%lg_crons"  # no later session knows them as its own
    for each in session.crons.left(datetime.now(UTC)):
        cron_changes.delete(session, each.id)
    assert panel.section("left") == nothing


@pytest.mark.parametrize("limit", [0, 1001, "5", True, None, 2.5, [1]])
def test_a_limit_is_a_number_within_bounds(panel: Page, limit: object) -> None:
    assert panel.refused("section", name="threads", limit=limit) == "A limit goes from 1 to 1000."

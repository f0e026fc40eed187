"""The panel on the real server: what each section shows, what each action does, and what can be pressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import crons, runs, store, threads
from lg_magics.panel.notices import known
from lg_magics.session import Session
from lg_magics.views.node import text_in

from .panel_page import Page, page_of
from .waiting_runs import asked, given, stopped

SLOW = {"steps": 3, "seconds": 30}


@pytest.fixture
def panel(session: Session) -> Iterator[Page]:
    with page_of(session) as page:
        yield page


def test_a_session_that_is_nowhere_says_so_and_how_to_begin() -> None:
    session = Session()
    with page_of(session) as panel:
        words = text_in(panel.tree)
        assert "not connected" in words
        assert "Not connected to a deployment.%lg_connect local" in words
        assert "Threads" not in words
        assert known(session)["connected"] is False
        with_no_rows = text_in(panel.get("section", name="threads")["tree"])
        assert with_no_rows == "Not connected. %lg_connect local starts one."


def test_the_deployment_says_where_the_session_is_and_holds_no_secret(panel: Page, session: Session) -> None:
    session.select(
        defaults=replace(session.selection.defaults, headers={"x-token": "hush"}, configurable={"user_id": "T"})
    )
    session.events.emit("command", "set")
    panel.until(lambda: "user_id=T" in text_in(panel.tree))
    words = text_in(panel.section("deployment"))
    assert all(
        each in words for each in ("connected", session.connection.deployment.name, "user_id=T", "header x-token")
    )
    assert "hush" not in json.dumps(panel.live.envelope())


def test_runs_that_live_come_first_and_can_be_cancelled(panel: Page, session: Session) -> None:
    done = runs.run(session, "hi", assistant="agent", thread="new").wait()
    waits = asked(session, "plain")
    live = runs.run(session, input=SLOW, assistant="workbench", thread="new")
    newest = runs.run(session, "hi", assistant="agent", thread="new").wait()
    panel.until(lambda: panel.counted("runs") == "1 live · 1 waiting" and len(panel.rows("runs")) == 4)
    found = panel.rows("runs")
    numbers = [run.number for run in (live, waits, newest, done)]
    assert [row.about.split(" · ")[0] for row in found] == numbers
    assert [row.quick for row in found] == [["Cancel"], [], [], []]
    assert (known(session)["live"], known(session)["waiting"]) == (1, 1)
    assert panel.do("runs", live.run_id, "cancel") == f"Run {live.number}: cancelled on workbench"
    assert live.wait_quietly().status == "cancelled"
    row = panel.row("runs", live.run_id)
    assert panel.refused("do", row=row.handle, key="cancel") == f"{live.number} has already ended: cancelled."


def test_threads_are_listed_without_a_number_until_they_are_found(
    panel: Page, session: Session, other: Session
) -> None:
    mine = runs.run(session, "mine", assistant="agent", thread="new").wait().thread_id
    theirs = runs.run(other, "theirs", assistant="agent", thread="new").wait().thread_id
    before = len(session.tracker.known_threads())
    own, strange = panel.row("threads", mine), panel.row("threads", theirs)
    assert "current · idle" in own.about
    assert "Use" not in panel.buttons(own)
    assert (strange.title, strange.about) == ("theirs", f"·{theirs[-6:]} · idle · agent")
    assert panel.buttons(strange)["Use"]["data-act"] == "do"
    assert len(session.tracker.known_threads()) == before
    assert panel.do("threads", theirs, "use").startswith(f"thread t{before + 1} “theirs”")
    assert "current · idle" in panel.row("threads", theirs).about


def test_a_thread_is_copied_forked_and_deleted(panel: Page, session: Session, sdk: SyncLangGraphClient) -> None:
    thread = runs.run(session, "hi", assistant="agent", thread="new").wait().thread_id
    assert "a copy of" in panel.do("threads", thread, "copy")
    assert [row.title for row in panel.rows("threads")[:2]] == ["hi", "hi"]
    row = panel.row("threads", thread)
    points = panel.get("checkpoints", row=row.handle)["tree"]
    assert [text_in(each).partition(" ")[0] for each in points[2][2:]] == ["step:1", "step:0", "step:-1"]
    forks = json.dumps(points)
    assert '"data-insert": "%lg_fork -t t1 step:0"' in forks.replace(row.about.split()[0], "t1")
    identity = points[2][3][1]["key"]
    panel.get("do", row=row.handle, point=identity, key="fork")
    assert panel.said.startswith("The head of")
    assert len(sdk.threads.get_history(thread)) == 4
    assert panel.do("threads", thread, "delete").startswith("Deleted thread")


def test_what_fails_is_reported_at_its_row_and_at_the_top_while_that_is_gone(
    panel: Page, session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    thread = threads.new(other).thread_id
    row = panel.row("threads", thread)
    other.connection.threads.delete(thread)
    assert panel.refused("do", row=row.handle, key="use").startswith("No thread")
    assert panel.failure == ""
    assert row.handle not in [each.handle for each in panel.rows("threads")]
    panel.until(lambda: panel.failure.startswith("No thread"))
    sdk.threads.create(thread_id=thread)
    assert row.handle in [each.handle for each in panel.rows("threads")]
    panel.until(lambda: panel.failure == "")
    sdk.threads.delete(thread)
    assert row.handle not in [each.handle for each in panel.rows("threads")]
    panel.until(lambda: panel.failure.startswith("No thread"))
    panel.get("refresh")
    assert panel.failure == ""


def test_a_protected_deployment_is_named_before_anything_is_written(panel: Page, session: Session) -> None:
    thread = threads.new(session, title="Trip").thread_id
    session.connection.deployment = replace(session.connection.deployment, protect=True, name="prod")
    panel.get("refresh")
    assert "protected" in text_in(panel.section("deployment"))
    row = panel.row("threads", thread)
    question = panel.buttons(row)["Delete"]["data-confirm"]
    assert question.startswith("prod is protected. Delete thread t")
    assert "“Trip” with all it holds, and its crons? It cannot be brought back." in question
    assert panel.do("threads", thread, "delete").startswith("Deleted thread")


def test_a_waiting_run_of_another_client_is_answered(panel: Page, session: Session, other: Session) -> None:
    run = asked(other, "Plan a trip")
    row = panel.row("waiting", run.thread_id)
    assert row.quick == ["Answer"]
    assert {"Accept", "Edit", "Respond", "Ignore", "Resume"} <= set(panel.buttons(row))
    form = {run.interrupts[0].id: {"0": {"way": "accept"}}}
    panel.get("answer", **panel.form(row), form=form)
    going = session.tracker.runs()[-1]
    assert panel.said == f"Answered: {going.number} goes on."
    assert given(going) == [[{"type": "accept", "args": None}]]
    assert run.thread_id not in map(panel.id_of, panel.rows("waiting"))


def test_a_breakpoint_goes_on_without_an_answer(panel: Page, session: Session) -> None:
    run = stopped(session)
    row = panel.row("waiting", run.thread_id)
    assert row.title == "stopped before work"
    assert "Go on" in panel.buttons(row)
    panel.get("answer", **panel.form(row), form={})
    going = session.tracker.runs()[-1]
    assert going.wait().status == "success"
    panel.until(lambda: f"{going.number} · success" in text_in(panel.section("runs")))


def test_an_answer_to_what_was_not_shown_is_not_sent(panel: Page, session: Session) -> None:
    run = asked(session, "plain")
    row = panel.row("waiting", run.thread_id)
    form = {run.interrupts[0].id: {"text": "yes"}}
    refusal = panel.refused("answer", row=row.handle, mark="other", form=form)
    assert "waits for something else now. Nothing was sent." in refusal
    assert run.is_waiting
    panel.get("answer", **panel.form(row), form=form)


@pytest.mark.parametrize("said", [None, [], "yes", [{}], {"x": 3}, {"": {"text": "x"}}, [[]], 7])
def test_what_is_no_answer_is_refused(panel: Page, session: Session, said: object) -> None:
    run = asked(session, "plain")
    row = panel.row("waiting", run.thread_id)
    assert panel.refused("answer", **panel.form(row), form=said)
    assert run.is_waiting
    session.tracker.thread(run.thread_id)
    threads.delete(session, run.thread_id)


def test_the_line_of_a_form_has_what_was_filled_in(panel: Page, session: Session) -> None:
    plain, called = asked(session, "plain"), asked(session, "Plan a trip")
    for run, filled, said in (
        (plain, {"text": "an aisle seat"}, "an aisle seat"),
        (plain, {"text": "two\nlines"}, '--json "two\\nlines"'),
        (called, {"0": {"way": "accept"}}, "--accept"),
        (called, {"0": {"way": "respond", "respond": "No"}}, "--respond No"),
    ):
        row = panel.row("waiting", run.thread_id)
        line = panel.get("line", **panel.form(row), form={run.interrupts[0].id: filled})["insert"]
        assert line == f"%lg_resume -t {session.tracker.thread(run.thread_id).number} {said}"


def test_namespaces_and_crons(panel: Page, session: Session) -> None:
    store.put(session, "panel/a b", "k", {"x": 1})
    (row,) = [each for each in panel.rows("store") if each.title == "panel/a b"]
    assert row.about == "1 item"
    assert panel.buttons(row)["Search +"]["data-insert"] == '%lg_store search "panel/a b" --open'
    cron = crons.create(session, "0 9 * * MON-FRI", "hello", assistant="agent")
    row = panel.row("crons", cron.cron_id)
    assert row.title.startswith("0 9 * * MON-FRI")
    assert " · enabled · " in row.about
    assert "Resume" not in panel.buttons(row)
    far = (datetime.now(UTC) + timedelta(days=200)).replace(hour=12, minute=0)
    distant = crons.create(session, f"0 12 {far.day} {far.month} *", "hello", assistant="agent")
    assert f"{far.astimezone():%m-%d %H:%M}" in panel.row("crons", distant.cron_id).about
    crons.delete(session, distant)
    assert panel.do("crons", cron.cron_id, "pause").startswith("Paused cron c")
    assert "Pause" not in panel.buttons(panel.row("crons", cron.cron_id))
    assert panel.do("crons", cron.cron_id, "delete").startswith("Deleted cron")


def test_more_rows_are_read_when_they_are_asked_for(panel: Page, session: Session) -> None:
    made = [threads.new(session, title=f"Number {n}") for n in range(31)]
    assert len(panel.rows("threads")) == 30
    panel.until(lambda: panel.counted("threads") == "30+")
    panel.get("more", name="threads")
    assert len(panel.rows("threads")) > 30
    for each in made:
        session.connection.threads.delete(each.thread_id)

"""What a page shows outside the panel, on the real server: which runs are news, the counts, and the crons that are left."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lg_magics.commands import crons, people, runs
from lg_magics.commands.attach import attach
from lg_magics.follow.run import Run
from lg_magics.model.cell import Cell
from lg_magics.panel.notices import RunNews, known
from lg_magics.session import Session

from .coming import until

SOON = {"steps": 1, "seconds": 0.1}


@pytest.fixture
def news(session: Session) -> RunNews:
    return RunNews(session)


def launched(session: Session, **given: Any) -> Run:
    return runs.run(session, input={**SOON, **given}, assistant="workbench", thread="new")


def ended(run: Run) -> Run:
    """The run when it has ended. No code waits for it."""
    until(lambda: run.is_settled)
    return run


def one(news: RunNews) -> dict[str, Any]:
    (found,) = news.since()["runs"]
    assert isinstance(found, dict)
    return found


def test_the_end_of_a_run_is_news_once_with_its_cell(session: Session, news: RunNews) -> None:
    session.cell = lambda: Cell("mine.ipynb·123456", "cell-1#2")
    run = launched(session, seconds=1)
    assert news.since() == {}
    assert not ended(run).is_waiting
    found = one(news)
    words = found.pop("words")
    title = f"“{run.info.title}”"
    assert found == {"id": run.run_id, "kind": "success", "about": title, "cell": "cell-1", "leads": []}
    assert words.startswith("Finished in 1.")
    assert news.since() == {}


def test_a_run_that_ended_before_it_was_seen_is_news(session: Session, news: RunNews) -> None:
    ended(launched(session))
    assert one(news)["kind"] == "success"


def test_a_run_that_failed_says_so(session: Session, news: RunNews) -> None:
    ended(launched(session, fail_at=1))
    found = one(news)
    assert found["kind"] == "error"
    assert found["words"].startswith("Failed after ")


def test_a_run_that_waits_is_news_with_its_thread_until_it_is_answered(session: Session, news: RunNews) -> None:
    run = ended(runs.run(session, "plain", assistant="approval", thread="new"))
    found = one(news)
    assert (found["kind"], found["words"], found["leads"]) == ("warning", "Waiting for you", ["waiting", run.thread_id])
    answer = people.resume(session, "yes").wait()
    assert answer.status == "success"
    until(lambda: run.status == "success")
    assert news.since() == {"runs": [], "answered": [run.run_id]}


def test_what_ended_before_or_was_attached_cancelled_or_awaited_is_no_news(session: Session, other: Session) -> None:
    theirs = ended(launched(other))
    ended(launched(session))
    news = RunNews(session)
    attach(session, theirs.run_id)
    ended(attach(session, launched(other, seconds=1).run_id))  # it was never seen live
    launched(session).wait()
    slow = launched(session, seconds=60)
    slow.cancel()
    assert ended(slow).status == "cancelled"
    assert news.since() == {}


def test_only_the_title_of_an_input_reaches_a_page(session: Session, news: RunNews) -> None:
    ended(runs.run(session, f"a task{' and another' * 20}, and a private one", assistant="agent"))
    message = json.dumps(news.since())
    assert "a task and another" in message
    assert "private" not in message


def test_crons_that_outlive_the_session_are_left(session: Session) -> None:
    """The page says so when the kernel ends: a kernel that ends can not."""

    def left() -> list[dict[str, Any]]:
        return list(known(session)["left"])

    assert left() == []
    session.cell = lambda: Cell("mine.ipynb·123456", "a")
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    cron = crons.create(session, "0 9 * * *", "hello", assistant="agent", until=end)
    line = "%lg_cron delete --mine"
    words = f"1 cron goes on firing on {session.connection.deployment.name}. Once connected again: {line}"
    there = {"ids": [cron.cron_id], "until": end.timestamp(), "words": words, "line": line}
    assert left() == [there]
    crons.pause(session, cron)
    assert left() == []
    crons.resume(session, cron)
    assert left() == [there]
    session.cell = lambda: Cell()
    for _ in range(2):
        crons.create(session, "0 9 * * *", "hello", assistant="agent")
    assert {each["line"] for each in left()} == {"%lg_crons"}  # no later session knows them as its own
    for each in session.crons.left(datetime.now(UTC)):
        crons.delete(session, each.id)
    assert left() == []

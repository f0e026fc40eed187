"""How fast a batch asks: a rate, 429 with and without Retry-After, a deployment that is away; settings of each row."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.commands.batch import batch
from lg_magics.errors import CommandError, DeploymentError, NotFound
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.views.batch_card import batch_card

from .batches import begun, orders, runs_of, until
from .lacking import Lacking, lacking_server


@pytest.fixture
def between(server: local.LocalServer, session: Session) -> Iterator[Lacking]:
    """A deployment that refuses what the test names; the session is connected to it."""
    with lacking_server(server.url) as found:
        deployment.connect(session, found.url)
        yield found


def progress(made: Any) -> str:
    card = batch_card(made.view, id="x", deployment="", assistants=[], source="", now=time.time())
    return card.progress + " | ".join(card.notes)


def test_no_more_are_launched_in_a_minute_than_wanted(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders(*[{}] * 6), per_minute=120).wait(120)
    began = sorted(datetime.fromisoformat(run["created_at"]) for runs in runs_of(sdk, made) for run in runs)
    assert (began[-1] - began[0]).total_seconds() >= 5 * 0.5 - 1.0  # the first request may take long
    slow = begun(session, orders(*[{}] * 6), per_minute=1)
    until(lambda: slow.counts.get("success") == 1)
    began_at = time.monotonic()
    assert slow.cancel().wait(20).counts == {"success": 1, "not started": 5}
    assert time.monotonic() - began_at < 5


@pytest.mark.parametrize("later", [1.0, None], ids=["retry-after", "none"])
def test_too_many_requests_slow_it_down_are_counted_and_fail_no_row(
    session: Session, sdk: SyncLangGraphClient, between: Lacking, later: float | None
) -> None:
    between.later = later
    between.refused = {"POST /threads/.*/runs": 429}
    made = begun(session, orders(*[{}] * 20), concurrency=10)
    until(lambda: made.view.refused >= 1)
    assert "paused: the deployment asks for a pause (429)" in progress(made)
    refused = threading.Timer(1.5, lambda: setattr(between, "refused", {}))
    refused.start()
    assert made.wait(120).counts == {"success": 20}
    refused.join()
    assert f"{made.view.refused} retried after 429" in progress(made)
    assert made.view.refused < 80  # each pause is longer than the one before
    assert max(map(len, runs_of(sdk, made))) == 1


@pytest.mark.parametrize(
    ("refused", "phase"), [("POST /threads", "preparing"), ("POST /threads/.*/runs", "running")], ids=["plan", "runs"]
)
def test_a_cancel_does_not_wait_for_the_end_of_a_pause(
    session: Session, sdk: SyncLangGraphClient, between: Lacking, refused: str, phase: str
) -> None:
    between.later, between.refused = 3600.0, {refused: 429}
    made = begun(session, orders(*[{}] * 4), concurrency=2)
    until(lambda: made.view.refused >= 1)
    assert made.status == phase
    began = time.monotonic()
    assert made.cancel().wait(20).counts == {"not started": 4}
    assert time.monotonic() - began < 5
    between.refused = {}
    assert made.retry("not started").wait(60).counts == {"success": 4}
    assert sum(map(len, runs_of(sdk, made))) == 4  # beside them are the threads whose launch was left to others


def test_a_cancel_of_live_runs_does_not_wait_for_the_end_of_a_pause(
    session: Session, sdk: SyncLangGraphClient, between: Lacking
) -> None:
    made = begun(session, orders(*[{"seconds": 1}] * 3), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    between.later = 3600.0
    between.refused = {"POST /threads/search": 429, "GET /threads/[^/]*(/runs(/[^/]*)?)?": 429}
    began = time.monotonic()
    assert made.cancel().wait(20).counts == {"unknown": 2, "not started": 1}
    assert time.monotonic() - began < 5
    assert "It was cancelled, but its end is not confirmed" in made.entries[0].error
    between.refused = {}
    assert made.retry().wait(60).counts == {"cancelled": 2, "not started": 1}
    assert max(map(len, runs_of(sdk, made))) == 1


def test_a_launch_that_was_cancelled_uses_no_turn(session: Session) -> None:
    made = begun(session, orders(*[{}] * 8), concurrency=8, per_minute=60)
    until(lambda: made.counts.get("success") == 1)
    began = time.monotonic()
    made.cancel().wait(20)
    made.retry("not started")
    until(lambda: made.counts.get("success") == 3)
    assert time.monotonic() - began < 6
    made.cancel().wait(20)


def test_a_deployment_that_is_away_pauses_it(session: Session, between: Lacking) -> None:
    between.refused = {".*": 503}
    made = begun(session, orders(*[{}] * 12), concurrency=6)
    until(lambda: "paused: the deployment is away" in progress(made))
    between.refused = {}
    assert made.wait(120).counts == {"success": 12}
    assert "paused" not in progress(made)


def test_settings_are_taken_from_the_row_here_and_in_another_kernel(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    rows = [{"order": {"seconds": 0.5}, "p": "brief", "n": 1}, {"order": {}, "p": "kind", "n": 2}]
    options: dict[str, Any] = {"configurable": {"prompt": "Be {p}", "n": "{n}"}, "metadata": {"p": "{p}"}}
    made = begun(session, rows, concurrency=1, **options)
    until(lambda: made.view.count("live"))
    made.cancel().wait(60)
    again = begun(other, attach=made.id).wait(60)
    again.retry("not started", "cancelled").wait(120)
    found = {}
    for run in (run for runs in runs_of(sdk, made) for run in runs):
        config, metadata = run["kwargs"]["config"]["configurable"], run["metadata"]
        found[metadata["lg_row"]] = (config["prompt"], config["n"], metadata["p"])
    assert found == {0: ("Be brief", 1, "brief"), 1: ("Be kind", 2, "kind")}
    with pytest.raises(CommandError, match="no column 'pp'"):
        begun(session, rows, configurable={"prompt": "{pp}"})


def test_each_row_names_its_assistant(session: Session) -> None:
    rows = [{"q": "weather in Paris", "who": "agent"}, {"q": "hello", "who": "workbench"}, {"q": "x", "who": None}]
    made = begun(session, rows, "q", assistant="{who}").wait(120)
    assert [(entry.assistant, entry.status) for entry in made.entries][:2] == [
        ("agent", "success"),
        ("workbench", "success"),
    ]
    assert {entry.error for entry in made.entries[2:]} == {"Not sent: the cell of 'who' is empty."}
    with pytest.raises(CommandError, match="not both"):
        begun(session, rows, "q", assistant="{who},agent")


def test_versions_of_an_assistant_are_compared(session: Session, other: Session, sdk: SyncLangGraphClient) -> None:
    made_by = sdk.assistants.create("workbench", name="mine", config={"configurable": {"tone": "one"}})
    sdk.assistants.update(made_by["assistant_id"], config={"configurable": {"tone": "two"}})
    try:
        made = begun(session, orders({}), assistant="mine@1,mine@2").wait(120)
        tones = {
            run["metadata"]["lg_assistant"]: run["kwargs"]["config"]["configurable"]["tone"]
            for runs in runs_of(sdk, made)
            for run in runs
        }
        assert tones == {"mine@1": "one", "mine@2": "two"}
        assert begun(other, attach=made.id).wait(60).counts == {"success": 2}
        with pytest.raises(NotFound, match="mine has no version 7"):
            begun(session, orders({}), assistant="mine@7")
    finally:
        sdk.assistants.delete(made_by["assistant_id"])


def test_a_file_is_a_frame(session: Session, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"q": "weather in Paris"}\n{"q": "hello"}\n')
    said = batch(session, str(tmp_path / "questions.jsonl"), input="q", assistant="agent", dry_run=True)
    assert isinstance(said, Facts)
    assert said["rows"] == "2"


@pytest.mark.parametrize(("asked", "shown"), [(0.0, ""), (1e9, "tried again in 3600 s")])
def test_a_deployment_that_names_no_sensible_time_is_asked_now_and_then(
    asked: float, shown: str, session: Session
) -> None:
    pace, calls = BatchPace(session.connection, None, lambda: None), []

    async def ask() -> None:
        calls.append(pace.pause)
        raise DeploymentError("slowly", status_code=429, retry_after=asked)

    async def for_a_while() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pace.with_retries(ask), 1.2)

    asyncio.run(for_a_while())
    assert 1 <= len(calls) <= 3
    assert shown in pace.pause

"""A thread is watched while somebody else runs on it; threads are copied between deployments; many are read as one table."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import attach, deployment, runs
from lg_magics.errors import CommandError, LgError, NotFound, RunFailed, Unsupported
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.cell import Cell
from lg_magics.model.result import Result
from lg_magics.session import Session

from .coming import until
from .inputs import input_from_text
from .lacking import lacking_server
from .lines import typed

LONG = {"steps": 1, "seconds": 60}


def test_each_run_of_somebody_else_gets_its_card(session: Session, other: Session) -> None:
    first = runs.run(other, "hello", assistant="agent", thread="new", wait=True)
    shown: list[Result] = []
    began = threading.Event()

    def announce(result: Result) -> None:
        shown.append(result)
        began.set()

    session.announce = announce
    live = runs.run(other, input={"steps": 1, "seconds": 1}, assistant="workbench", thread="new")
    typed(session, "thread use", live.thread_id)

    def theirs() -> None:
        assert began.wait(60)
        runs.run(other, input={"steps": 1}, assistant="workbench", thread=live.thread_id)

    somebody = threading.Thread(target=theirs)
    somebody.start()
    table = typed(session, "watch", "--runs 2 --timeout 120")
    somebody.join()
    assert [row["status"] for row in table] == ["success", "success"]
    assert len(shown) == 2
    assert first.run_id not in [getattr(each, "run_id", "") for each in shown]


def test_watching_ends_in_time_and_wants_a_thread(session: Session) -> None:
    typed(session, "thread new", "")
    assert len(typed(session, "watch", "--timeout 0.1")) == 0
    with pytest.raises(NotFound):
        typed(session, "watch", str(uuid.uuid4()))


def test_watching_goes_on_after_the_deployment_was_away(
    session: Session, other: Session, server: local.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach, "POLL_EVERY", 0.1)
    calls: Counter[str] = Counter()

    def count(call: str) -> None:
        calls[call] += 1

    with lacking_server(server.url) as between:
        between.instead = count
        deployment.connect(session, between.url)
        first = runs.run(other, input={"steps": 1, "seconds": 1, "tokens": 10}, assistant="workbench", thread="new")

        def theirs() -> None:
            until(lambda: session.tracker.runs())
            between.refused = {"GET /threads/[^/]+/runs": 503}
            between.cut_streams()
            until(lambda: calls[f"GET /threads/{first.thread_id}/stream"] > 1)
            until(lambda: calls[f"GET /threads/{first.thread_id}/runs"] > 3)
            runs.run(other, input={"steps": 1}, assistant="workbench", thread=first.thread_id)

        somebody = threading.Thread(target=theirs)
        somebody.start()
        table = typed(session, "watch", f"{first.thread_id} --runs 2 --timeout 60")
        somebody.join()
    assert [row["status"] for row in table] == ["success", "success"]


def test_watching_that_cannot_begin_leaves_no_stream_open(session: Session, server: local.LocalServer) -> None:
    async def tasks() -> list[str]:
        return [str(task.get_coro()) for task in asyncio.all_tasks()]

    with lacking_server(server.url) as between:
        deployment.connect(session, between.url)
        typed(session, "thread new", "")
        between.refused = {"GET /threads/[^/]+/runs": 501}
        with pytest.raises(Unsupported):
            typed(session, "watch", "--timeout 60")
        until(lambda: "_put_started" not in str(session.loop.wait(tasks())))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[SyncLangGraphClient]:
    """A second deployment with the demo's graphs."""
    running = local.start(private=True)
    with get_sync_client(url=running.url, api_key=None) as client:
        yield client
    local.stop(running)


def address(client: SyncLangGraphClient) -> str:
    return str(client.http.client.base_url)


def test_a_thread_is_copied_to_another_deployment(session: Session, elsewhere: SyncLangGraphClient) -> None:
    run = runs.run(session, "what's the weather in sf", assistant="agent", thread="new", wait=True)
    done = typed(session, "thread copy", f"--to {address(elsewhere)}")
    there, here = elsewhere.threads.get_state(done["thread_id"]), session.connection.states.get(run.thread_id)
    states: list[Any] = [there["values"], here["values"]]
    contents = [[each["content"] for each in values["messages"]] for values in states]
    assert contents[0] == contents[1]
    assert there["next"] == []
    assert not done.warning
    assert len(elsewhere.threads.get_history(done["thread_id"])) > 3
    metadata = elsewhere.threads.get(done["thread_id"])["metadata"] or {}
    assert metadata["lg_copied_from"] == f"{session.connection.url} {run.thread_id}"


def test_a_thread_that_was_made_with_a_history_is_copied_whole(
    session: Session, elsewhere: SyncLangGraphClient
) -> None:
    steps = [{"updates": [{"values": {"messages": [{"role": "human", "content": "hello"}]}, "as_node": "__start__"}]}]
    typed(session, "thread new", "--graph agent --supersteps $steps", steps=steps)
    there = typed(session, "thread copy", f"--to {address(elsewhere)}")["thread_id"]
    back = typed(session, "thread copy", f"{there} --from {address(elsewhere)}")
    assert "differ" not in back.note
    assert typed(session, "run", "--wait").messages[0].text == "hello"


def test_the_thread_of_a_name_is_another_thread_on_another_deployment(
    session: Session, elsewhere: SyncLangGraphClient
) -> None:
    name, cell = f"trip {uuid.uuid4()}", Cell("trip.ipynb·123456", "a")
    session.cell = lambda: cell
    typed(session, "thread use", f'"{name}" --create')
    live = runs.run(session, input=LONG, assistant="workbench")
    elsewhere.threads.create(thread_id=live.thread_id)
    elsewhere.runs.wait(live.thread_id, "approval", input=input_from_text("plain trip to Oslo"))
    deployment.connect(session, address(elsewhere))
    typed(session, "thread use", f'"{name}" --create')
    with pytest.raises(LgError, match="waits for an answer"):
        runs.run(session, "hello", assistant="agent")
    assert "live" not in dict(deployment.home(session).facts)
    once = runs.run(session, input={"steps": 1}, assistant="workbench", once=True, discard_interrupt=True, wait=True)
    again = runs.run(session, input={"steps": 1}, assistant="workbench", rewind=True, multitask="rollback", wait=True)
    assert {each.thread_id for each in (once, again)} == {live.thread_id}
    assert live not in (once, again)
    assert not tracked(live).superseded_by
    live.cancel()


def test_a_question_stays_open_when_a_run_begins_on_the_thread_of_its_name_elsewhere(
    session: Session, elsewhere: SyncLangGraphClient
) -> None:
    name = f"trip {uuid.uuid4()}"
    typed(session, "thread use", f'"{name}" --create')
    asks, here = runs.run(session, "plain", assistant="approval", wait=True), session.connection
    deployment.connect(session, address(elsewhere))
    typed(session, "thread use", f'"{name}" --create')
    runs.run(session, "hello", assistant="agent", wait=True)
    assert (asks.status, asks.is_waiting) == ("waiting", True)
    deployment.connect(session, here.url)
    typed(session, "thread use", f'"{name}"')
    assert typed(session, "resume", "--wait yes").status == "success"


def test_a_failure_is_replayed_on_a_copy_from_another_deployment(
    session: Session, elsewhere: SyncLangGraphClient
) -> None:
    thread = elsewhere.threads.create()["thread_id"]
    elsewhere.runs.wait(thread, "workbench", input={"steps": 3, "fail_at": 2}, raise_error=False)
    copied = typed(session, "thread copy", f"{thread} --from {address(elsewhere)}")
    assert copied.is_current
    assert "differ" not in copied.note
    assert session.connection.states.get(copied.thread_id).next == tuple(elsewhere.threads.get_state(thread)["next"])
    with pytest.raises(RunFailed, match="asked to fail at step 2"):
        typed(session, "run", "--wait")


def test_a_copy_across_that_cannot_be_is_refused(session: Session, elsewhere: SyncLangGraphClient) -> None:
    typed(session, "thread new", "")
    for line, words in (
        (f"t1 --from {address(elsewhere)}", "whole id"),
        (f"--to {session.connection.url}", "own deployment"),
        (f"--to {address(elsewhere)} --from {address(elsewhere)}", "not both"),
    ):
        with pytest.raises(CommandError, match=words):
            typed(session, "thread copy", line)
    with pytest.raises(NotFound):
        typed(session, "thread copy", f"{uuid.uuid4()} --from {address(elsewhere)}")


def test_the_messages_of_many_threads_are_one_frame(session: Session, tmp_path: Path) -> None:
    own = uuid.uuid4().hex[:8]
    for text in ("hello", "<b>bye</b>"):
        runs.run(session, text, assistant="agent", thread="new", metadata={"own": own}, wait=True)
    threads = typed(session, "threads", "--limit 2")
    table = typed(session, "messages", "-t $threads --role human", threads=threads)
    assert sorted(table.df["text"]) == ["<b>bye</b>", "hello"]
    assert set(table.df["thread_id"]) == set(threads.df["thread_id"])
    for name in ("talk.md", "talk.html", "talk.jsonl"):
        written = typed(session, "messages", f"-t $threads --to {tmp_path / name}", threads=threads)
        assert written.note == f"Written to {tmp_path / name}."
    assert "**human**\n\nhello" in (tmp_path / "talk.md").read_text()
    assert "&lt;b&gt;bye&lt;/b&gt;" in (tmp_path / "talk.html").read_text()
    lines = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text().splitlines()]
    assert {line["thread_id"] for line in lines} == set(threads.df["thread_id"])
    one = typed(session, "messages", f"--last 1 --to {tmp_path / 'one.md'}")
    assert one.counted.startswith("1 of ")
    assert one.note == f"Written to {tmp_path / 'one.md'}."
    with pytest.raises(CommandError, match="ends in"):
        typed(session, "messages", "--to talk.docx")
    with pytest.raises(CommandError, match="of one thread"):
        typed(session, "messages", "-t $threads --raw", threads=threads)

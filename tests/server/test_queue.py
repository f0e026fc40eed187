"""The embedded server's queue looks for runs when there may be one, and not every half second.

On the server of these tests it would look once an hour: a run that nobody signals fails its test.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from langgraph_sdk.schema import Run

from .coming import until
from .own_server import graphs_of, own_server

RARELY = """
import sys
from lg_magics.local import serve, server_patches

server_patches.QUEUE_SECONDS = 3600
serve.main(sys.argv[1])
"""


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncLangGraphClient]:
    graphs = graphs_of("queued_graphs.py", ("written", "retried"))
    folder = tmp_path_factory.mktemp("rare")
    with own_server(folder, graphs, script=RARELY) as running, get_sync_client(url=running.url, api_key=None) as client:
        yield client


class Writing:
    """The runs of one test, by name. They write into one file."""

    def __init__(self, client: SyncLangGraphClient, file: Path) -> None:
        self.client, self.file = client, file
        self.runs: dict[str, Run] = {}
        file.touch()

    def thread(self) -> str:
        return str(self.client.threads.create()["thread_id"])

    def begin(self, name: str, thread: str | None, *, seconds: object = 0, ending: float = 0, **options: Any) -> None:
        given: dict[str, Any] = {"file": str(self.file), "name": name, "seconds": seconds, "ending": ending}
        options = {"assistant_id": "written", **options}
        self.runs[name] = self.client.runs.create(thread, input=given, **options)

    def cancel(self, name: str, action: Literal["interrupt", "rollback"] = "interrupt") -> None:
        run = self.runs[name]
        self.client.runs.cancel(run["thread_id"], run["run_id"], action=action)

    def statuses(self) -> dict[str, str]:
        """The statuses of the runs that the server still has."""
        threads = {run["thread_id"] for run in self.runs.values()}
        held = {run["run_id"]: run["status"] for thread in threads for run in self.client.runs.list(thread, limit=100)}
        return {name: held[run["run_id"]] for name, run in self.runs.items() if run["run_id"] in held}

    def ended(self) -> dict[str, str]:
        """The statuses of the runs, once all have ended."""
        until(lambda: not {"pending", "running"} & set(self.statuses().values()), 20)
        return self.statuses()

    @property
    def lines(self) -> list[str]:
        return self.file.read_text().splitlines()

    def wait_for(self, line: str) -> None:
        until(lambda: line in self.lines, 20)


@pytest.fixture
def writing(rare: SyncLangGraphClient, tmp_path: Path) -> Writing:
    return Writing(rare, tmp_path / "lines.txt")


def test_runs_on_one_thread_follow_each_other(writing: Writing) -> None:
    thread = writing.thread()
    for name in "abc":
        writing.begin(name, thread, seconds=0.05)
    assert writing.ended() == dict.fromkeys("abc", "success")
    assert writing.lines == ["begin a", "end a", "begin b", "end b", "begin c", "end c"]


def test_more_runs_than_there_are_workers_all_run(writing: Writing) -> None:
    threads = [writing.thread() for _ in range(15)]
    for number in range(30):
        writing.begin(str(number), threads[number % 15], seconds=0.02)
    assert writing.ended() == dict.fromkeys(map(str, range(30)), "success")


def test_a_stateless_run_runs(writing: Writing) -> None:
    for name in "ab":
        writing.begin(name, None)
        writing.wait_for(f"end {name}")


def test_a_run_follows_one_that_failed_and_one_that_is_tried_again(writing: Writing) -> None:
    thread = writing.thread()
    writing.begin("retried", thread, assistant_id="retried")
    writing.begin("failing", thread, seconds="no number")
    writing.begin("after", thread)
    assert writing.ended() == {"retried": "success", "failing": "error", "after": "success"}
    assert writing.lines[:2] == ["attempt", "attempt"]


@pytest.mark.parametrize("action", ["interrupt", "rollback"])
def test_a_run_follows_one_that_is_cancelled_while_it_runs_or_waits(
    writing: Writing, action: Literal["interrupt", "rollback"]
) -> None:
    thread = writing.thread()
    writing.begin("running", thread, seconds=100)
    writing.begin("waiting", thread)
    writing.begin("after", thread)
    writing.wait_for("begin running")
    writing.cancel("waiting", action)
    writing.cancel("running", action)
    writing.wait_for("end after")
    assert writing.ended()["after"] == "success"
    assert writing.lines == ["begin running", "end running", "begin after", "end after"]


def test_a_run_follows_one_that_is_deleted_while_it_runs(writing: Writing) -> None:
    thread = writing.thread()
    writing.begin("deleted", thread, seconds=0.3)
    writing.begin("after", thread)
    writing.wait_for("begin deleted")
    writing.client.runs.delete(thread, writing.runs["deleted"]["run_id"])
    writing.wait_for("end after")
    assert writing.lines == ["begin deleted", "end deleted", "begin after", "end after"]


@pytest.mark.parametrize("strategy", ["interrupt", "rollback"])
def test_a_run_that_takes_anothers_place_begins_when_that_one_has_really_ended(writing: Writing, strategy: str) -> None:
    thread, elsewhere = writing.thread(), writing.thread()
    writing.begin("first", thread, seconds=100, ending=0.5)
    writing.wait_for("begin first")
    writing.begin("next", thread, multitask_strategy=strategy)
    for number in range(3):  # these make the queue look for runs meanwhile
        writing.begin(str(number), elsewhere)
        time.sleep(0.02)
    writing.wait_for("end next")
    on_thread = [line for line in writing.lines if line.split()[1] in ("first", "next")]
    assert on_thread == ["begin first", "end first", "begin next", "end next"]
    assert {writing.ended()[str(number)] for number in range(3)} == {"success"}


@pytest.mark.parametrize("how", ["interrupt", "rollback", "deleted", "deleted with its thread"])
def test_a_run_that_is_stopped_while_it_waits_for_the_real_end_of_another_never_begins(
    writing: Writing, how: str
) -> None:
    thread, elsewhere = writing.thread(), writing.thread()
    writing.begin("first", thread, seconds=100, ending=1)
    writing.wait_for("begin first")
    writing.begin("next", thread, multitask_strategy="interrupt")
    time.sleep(0.2)
    assert writing.statuses()["next"] == "pending"
    if how == "interrupt":
        writing.cancel("next")
    elif how == "rollback":
        writing.cancel("next", "rollback")
    elif how == "deleted":
        writing.client.runs.delete(thread, writing.runs["next"]["run_id"])
    else:
        writing.client.threads.delete(thread)
    writing.begin("elsewhere", elsewhere)
    writing.wait_for("end first")
    writing.wait_for("end elsewhere")
    assert writing.lines == ["begin first", "end first", "begin elsewhere", "end elsewhere"]
    if how != "deleted with its thread":
        until(lambda: writing.client.threads.get(thread)["status"] != "busy", 5)


def test_a_delayed_run_begins_in_its_time(sdk: SyncLangGraphClient) -> None:
    thread = sdk.threads.create()["thread_id"]
    before = time.monotonic()
    run = sdk.runs.create(thread, "workbench", input={"steps": 1}, after_seconds=1)
    sdk.runs.join(thread, run["run_id"])
    assert time.monotonic() - before > 1
    assert sdk.runs.get(thread, run["run_id"])["status"] == "success"

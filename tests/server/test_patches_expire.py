"""Each patch of the in-memory server is still needed. What fails here says: delete that patch from local/server_patches.py.

The server runs without our patches, and its scheduler once a second, so that it soon comes upon what the patch is for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands.people import resume

from .coming import until
from .conftest import connected
from .own_server import graphs_of, own_server
from .proxy import Proxy
from .test_stateless_ends import INPUT, late
from .waiting_runs import asking

UNPATCHED = "import sys; from lg_magics.local import serve; serve.apply_patches = lambda: None; serve.main(sys.argv[1])"
FAILS = "'<' not supported between instances of 'str' and 'datetime.datetime'"
NEVER = "0 0 1 1 *"
END = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def unpatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    graphs = graphs_of("asking_graphs.py", ["sides"])
    graphs |= graphs_of("odd_graphs.py", ["counted", "raises", "handled", "handled_badly", "lost"])
    graphs |= graphs_of("queued_graphs.py", ["written"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRON_SCHEDULER_SLEEP_TIME", "1")
        with own_server(tmp_path_factory.mktemp("unpatched"), graphs, script=UNPATCHED) as running:
            yield running


@pytest.fixture
def client(unpatched: local.LocalServer) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=unpatched.url, api_key=None) as found:
        yield found


def scheduler_fails(server: local.LocalServer) -> bool:
    """Whether the scheduler fails from now on, within ten seconds."""
    already = server.log.stat().st_size
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with server.log.open("rb") as log:
            log.seek(already)
            if FAILS.encode() in log.read():
                return True
        time.sleep(0.1)
    return False


def test_a_cron_that_is_created_with_an_end_still_stops_the_unpatched_scheduler(
    unpatched: local.LocalServer, client: SyncLangGraphClient
) -> None:
    cron: Any = client.crons.create("sides", schedule=NEVER, input={"sent": []}, end_time=END)
    try:
        assert scheduler_fails(unpatched), "no longer needed: the patch of Crons.put in local/server_patches.py"
    finally:
        client.crons.delete(cron["cron_id"])


def test_a_cron_that_is_given_an_end_later_still_stops_the_unpatched_scheduler(
    unpatched: local.LocalServer, client: SyncLangGraphClient
) -> None:
    cron: Any = client.crons.create("sides", schedule=NEVER, input={"sent": []})
    try:
        client.crons.update(cron["cron_id"], end_time=END)
        assert scheduler_fails(unpatched), "no longer needed: the patch of Crons.update in local/server_patches.py"
    finally:
        client.crons.delete(cron["cron_id"])


def test_the_row_of_a_thread_still_lacks_a_question_of_the_unpatched_server_and_both_are_answered(
    unpatched: local.LocalServer, client: SyncLangGraphClient
) -> None:
    for session in connected(unpatched):
        run = asking(session, "sides")
        listed = client.threads.get(run.thread_id)["interrupts"]
        assert len(listed) == 1, "no longer needed: the patch of on_checkpoint in local/server_patches.py"
        assert [each.node for each in resume(session, "L", interrupt=1).wait().interrupts] == ["right"]
        assert client.threads.get(run.thread_id)["status"] == "idle"
        assert resume(session, "R").wait().result["sent"] == ["first=L", "first=R"]


def test_the_unpatched_server_still_computes_the_schemas_of_a_graph_for_each_request(
    client: SyncLangGraphClient,
) -> None:
    (assistant,) = client.assistants.search(graph_id="counted")
    described = (client.assistants.get_schemas(assistant["assistant_id"]) for _ in range(2))
    first, second = (each["input_schema"] or {} for each in described)
    assert first["computed"] != second["computed"], (
        "no longer needed: the patch of _graph_schemas in local/server_patches.py"
    )


def test_the_unpatched_server_still_keeps_no_error_and_the_steps_show_it(
    unpatched: local.LocalServer, client: SyncLangGraphClient
) -> None:
    thread = client.threads.create()["thread_id"]
    run = client.runs.create(thread, "raises", input=INPUT, stream_resumable=True)
    client.runs.join(thread, run["run_id"])
    kept = [part.event for part in client.runs.join_stream(thread, run["run_id"], last_event_id="0")]
    assert kept
    assert "error" not in kept, "no longer needed: the patch of Stream.publish in local/server_patches.py"
    with Proxy(unpatched.url) as proxy:
        for session in connected(replace(unpatched, url=proxy.url)):
            assert late(proxy, session, "raises", card=False).wait_quietly().status == "error"
            assert late(proxy, session, "lost", card=False).wait_quietly().status == "unknown"
            assert late(proxy, session, "handled", card=False).wait_quietly().status == "success"
            unhandled = late(proxy, session, "handled_badly", card=False).wait_quietly()
            assert (unhandled.status, unhandled.error) == ("error", "KeyError: 'asked to fail again'")


def test_the_queue_of_the_unpatched_server_still_sleeps_before_it_looks_for_runs(client: SyncLangGraphClient) -> None:
    def seconds() -> float:
        thread = client.threads.create()["thread_id"]
        began = time.monotonic()
        client.runs.wait(thread, "counted", input={"word": ""})
        return time.monotonic() - began

    assert any(seconds() > 0.3 for _ in range(8)), (
        "no longer needed: the patches of the queue in local/server_patches.py"
    )


def test_a_run_on_the_unpatched_server_still_begins_before_a_cancelled_one_has_ended(
    client: SyncLangGraphClient, tmp_path: Path
) -> None:
    file = tmp_path / "lines.txt"
    file.touch()
    thread = client.threads.create()["thread_id"]
    given: dict[str, Any] = {"file": str(file), "name": "first", "seconds": 100, "ending": 3}
    client.runs.create(thread, "written", input=given)
    until(lambda: file.read_text())
    given |= {"name": "next", "seconds": 0, "ending": 0}
    client.runs.create(thread, "written", input=given, multitask_strategy="interrupt")
    until(lambda: file.read_text().count("\n") == 4)
    assert file.read_text().splitlines()[1] == "begin next", (
        "no longer needed: the wait for threads in the queue's patch in local/server_patches.py"
    )

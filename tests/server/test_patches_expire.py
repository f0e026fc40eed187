"""Each patch of the in-memory server is still needed. What fails here says: delete that patch from local/server_patches.py.

The server runs without our patches, and its scheduler once a second, so that it soon comes upon what the patch is for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.local import embedded, processes

UNPATCHED = "import sys; from lg_magics.local import serve; serve.apply_patches = lambda: None; serve.main(sys.argv[1])"
FAILS = "'<' not supported between instances of 'str' and 'datetime.datetime'"
NEVER = "0 0 1 1 *"
END = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def unpatched() -> Iterator[local.LocalServer]:
    def spawn(command: list[str], **options: object) -> processes.Process:
        interpreter, *_, folder = command
        return processes.spawn([interpreter, "-c", UNPATCHED, folder], **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "spawn", spawn)
        patch.setenv("CRON_SCHEDULER_SLEEP_TIME", "1")
        running = local.start(private=True)
    yield running
    local.stop(running)


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
    cron: Any = client.crons.create("agent", schedule=NEVER, input={"messages": []}, end_time=END)
    try:
        assert scheduler_fails(unpatched), "no longer needed: the patch of Crons.put in local/server_patches.py"
    finally:
        client.crons.delete(cron["cron_id"])


def test_a_cron_that_is_given_an_end_later_still_stops_the_unpatched_scheduler(
    unpatched: local.LocalServer, client: SyncLangGraphClient
) -> None:
    cron: Any = client.crons.create("agent", schedule=NEVER, input={"messages": []})
    try:
        client.crons.update(cron["cron_id"], end_time=END)
        assert scheduler_fails(unpatched), "no longer needed: the patch of Crons.update in local/server_patches.py"
    finally:
        client.crons.delete(cron["cron_id"])

"""The servers of the tests. Knows the embedded server; every test here talks to a real one."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.local import processes

# The same examples each time, with no time limit: a busy machine must not fail a test. `make test-slow` tries random ones.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fixed", ANY_SPEED, derandomize=True)
settings.register_profile("quick", ANY_SPEED, derandomize=True, max_examples=20)
settings.register_profile("random", ANY_SPEED, max_examples=500)
settings.load_profile("fixed")


def pytest_configure() -> None:
    """Let the stop button be heard: a shell that starts the tests in its background has it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def servers_that_are_left() -> Iterator[None]:
    """A server that a test leaves running on purpose, as a script may, ends after the last test of this process."""
    yield
    for child in processes._children.values():
        child.kill()
        child.wait()
    processes._children.clear()


@pytest.fixture(scope="session")
def server() -> Iterator[local.LocalServer]:
    """One embedded server with the demo deployment, for the whole session; it ends with it."""
    running = local.start(private=True)
    yield running
    local.stop(running)


@pytest.fixture(scope="session")
def sdk(server: local.LocalServer) -> Iterator[SyncLangGraphClient]:
    """The raw SDK's own client for that server."""
    with get_sync_client(url=server.url, api_key=None) as client:
        yield client

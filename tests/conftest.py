"""The servers of the tests. Knows the embedded server; every test here talks to a real one."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import kernel_sockets  # noqa: F401
import pytest
from hypothesis import HealthCheck, settings
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.local import processes

DEMO = Path(local.__file__).parent / "demo" / "langgraph.json"

# The same examples each time, with no time limit: a busy machine must not fail a test. `make test-slow` tries random ones.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fixed", ANY_SPEED, derandomize=True)
settings.register_profile("quick", ANY_SPEED, derandomize=True, max_examples=20)
settings.register_profile("random", ANY_SPEED, max_examples=500)
settings.load_profile("fixed")


STATE = tempfile.mkdtemp(prefix="lg-magics-tests-")


def pytest_configure() -> None:
    """Make interrupts arrive: a shell that starts the tests in its background ignores them.

    The addresses of these tests are not offered in the notebooks of the person who runs them.
    """
    os.environ["XDG_STATE_HOME"] = STATE
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage meanwhile: all that is new stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def short_collections() -> None:
    """Leave what is there before a file out of later garbage collections: IPython's `reset` makes a full one each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def servers_that_are_left() -> Iterator[None]:
    """A server that a test leaves running on purpose, as a script may, ends after the last test of this process."""
    yield
    for child in processes._children.values():
        child.kill()
        child.wait()
    processes._children.clear()
    shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """One embedded server for the whole session; it ends with it.

    It has the demo deployment, but for `approval`: that is a graph whose nodes ask in the shape of the Agent Inbox.
    """
    config = json.loads(DEMO.read_text("utf-8"))
    config["graphs"]["approval"]["path"] = f"{Path(__file__).parent / 'inbox_graph' / 'approval.py'}:graph"
    file = tmp_path_factory.mktemp("server") / "langgraph.json"
    file.write_text(json.dumps(config), "utf-8")
    running = local.start(private=True, config=file)
    yield running
    local.stop(running)


@pytest.fixture(scope="session")
def sdk(server: local.LocalServer) -> Iterator[SyncLangGraphClient]:
    """The raw SDK's own client for that server."""
    with get_sync_client(url=server.url, api_key=None) as client:
        yield client

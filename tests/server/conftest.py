"""The sessions of the server tests: each connected to the one server of all tests, and closed behind its test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.server import ping
from lg_magics.session import Session

from .lacking import Lacking
from .own_server import graphs_of, own_server


@pytest.fixture(scope="module", autouse=True)
def a_busy_machine() -> Iterator[None]:
    """Servers that are known to run get longer to answer a connection than 2 s, which tests/faults holds to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ping, "PING_SECONDS", 20)
        yield


def connected(server: local.LocalServer | Lacking) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, server.url)
    yield new
    new.close()


@pytest.fixture(scope="module", autouse=True)
def store_is_left_empty(sdk: SyncLangGraphClient) -> Iterator[None]:
    """Which files a worker runs before another differs each time: items of one may not change what another counts."""
    yield
    for _ in range(100):
        items = sdk.store.search_items((), limit=100)["items"]
        if not items:
            return
        for item in items:
            sdk.store.delete_item(item["namespace"], item["key"])


@pytest.fixture
def session_server(server: local.LocalServer) -> local.LocalServer:
    """The server of `session` and `other`: that of all tests. A module may override it.

    It does not override `server` itself: `sdk` lasts longer than a module, and would stay with the other server.
    """
    return server


@pytest.fixture
def session(session_server: local.LocalServer | Lacking) -> Iterator[Session]:
    """A session that is connected to the server of this module."""
    yield from connected(session_server)


@pytest.fixture
def other(session_server: local.LocalServer | Lacking) -> Iterator[Session]:
    """Somebody else, on the same server."""
    yield from connected(session_server)


@pytest.fixture
def root() -> str:
    """A label of the store for this test alone."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def own_crons(sdk: SyncLangGraphClient) -> Iterator[Callable[[], list[str]]]:
    """The ids of the crons that this test has made and that are there, newest first; they go with it, others stay."""

    def there() -> list[str]:
        return [cron["cron_id"] for cron in sdk.crons.search(limit=1000)]

    before = set(there())

    def own() -> list[str]:
        return [each for each in there() if each not in before]

    yield own
    for each in own():
        sdk.crons.delete(each)


@pytest.fixture(scope="session")
def odd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """An embedded server with the graphs of odd_graphs.py."""
    names = ["trip", "notes", "wanted", "asked", "broken", "odd", "wide", "nested", "chat", "log", "counted"]
    names += ["raises", "lost", "handled", "asks_after", "routed"]
    folder = tmp_path_factory.mktemp("odd")
    with own_server(folder, graphs_of("odd_graphs.py", names), on_progress=SHOWN_AT_START.append) as running:
        yield running


SHOWN_AT_START: list[str] = []
"""What a person was shown while the server with the odd graphs started."""


@pytest.fixture
def odd(odd_server: local.LocalServer) -> Iterator[Session]:
    """A session that is connected to the server with the odd graphs."""
    yield from connected(odd_server)


ASKING = (
    "batched",
    "per_call",
    "typed",
    "scalar",
    "bad",
    "shape",
    "moody",
    "sibling",
    "pair",
    "nested",
    "twice",
    "pays",
    "payers",
    "calls_and_asks",
    "three",
    "sides",
    "strict",
    "crowd",
    "tasked",
    "flow",
)


@pytest.fixture(scope="session")
def asking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """An embedded server with the graphs of asking_graphs.py."""
    with own_server(tmp_path_factory.mktemp("asking"), graphs_of("asking_graphs.py", ASKING)) as running:
        yield running
        with get_sync_client(url=running.url, api_key=None) as raw:
            threads = raw.threads.search(status="error", limit=1000)
    broken = [(thread["metadata"] or {})["graph_id"] for thread in threads]
    free = {"bad", "moody", "nested", "pair", "sibling", "strict", "tasked", "flow", "calls_and_asks"}
    assert set(broken) <= free  # their questions take any text


STEPPING = (
    *(
        "boom",
        "unsure",
        "parallel",
        "fanned",
        "asks_inside",
        "asks_deep",
        "fails_deep",
        "asks_each",
        "asks_kept",
        "busy_inside",
    ),
    *("planner", "careful", "fails_tool", "worked", "functional"),
)


FORKING = (
    *("counts", "goes", "goes_inside", "asks_twice", "ends_fanned", "joined", "doubles"),
    *("echoes", "appends", "talks", "shop"),
)


@pytest.fixture(scope="session")
def forking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """An embedded server with the graphs of fork_graphs.py."""
    with own_server(tmp_path_factory.mktemp("forking"), graphs_of("fork_graphs.py", FORKING)) as running:
        yield running


@pytest.fixture
def forking(forking_server: local.LocalServer) -> Iterator[Session]:
    """A session that is connected to the server with the graphs of fork_graphs.py."""
    yield from connected(forking_server)


@pytest.fixture(scope="session")
def stepping_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """An embedded server with the graphs of step_graphs.py, and the demo's workbench."""
    graphs = graphs_of("step_graphs.py", STEPPING) | {"workbench": "lg_magics.local.demo.workbench:graph"}
    with own_server(tmp_path_factory.mktemp("stepping"), graphs) as running:
        yield running


@pytest.fixture
def stepping(stepping_server: local.LocalServer) -> Iterator[Session]:
    """A session that is connected to the server with the graphs of step_graphs.py."""
    yield from connected(stepping_server)

"""Over a network that breaks streams at any point: no token is lost, none is printed twice, every run ends in a true status."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import Unreachable
from lg_magics.follow.run import Run
from lg_magics.model.messages import messages_from_values
from lg_magics.model.stream_parts import Mode, StreamPart, part_from_event
from lg_magics.session import Session

from .proxy import Fault, Proxy

MODES: tuple[Mode, ...] = ("tasks", "updates", "messages", "custom")


@pytest.fixture
def proxy(server: local.LocalServer) -> Iterator[Proxy]:
    with Proxy(server.url) as between:
        yield between


@pytest.fixture
def session(proxy: Proxy) -> Iterator[Session]:
    """A session that is connected by way of the bad network."""
    new = Session()
    deployment.connect(new, proxy.url, assistant="workbench")
    yield new
    new.close()


def launched(session: Session, **value: Any) -> Run:
    return runs.run(session, input=value, thread="new")


def undisturbed(sdk: SyncLangGraphClient, run: Run) -> list[StreamPart]:
    """The same run's stream, as the server keeps it."""
    stream = sdk.runs.join_stream(run.thread_id, run.run_id, last_event_id="0")
    parts = [part_from_event(part.event, part.data, part.id) for part in stream]
    return [part for part in parts if part]


def test_a_stream_that_is_dropped_a_hundred_times_loses_and_doubles_nothing(
    session: Session, proxy: Proxy, sdk: SyncLangGraphClient
) -> None:
    random, drops = Random(20261121), 100

    def drop(furthest: int) -> Fault | None:
        """Somewhere in what was read before, then somewhere behind it: a part has some 1,200 bytes."""
        if proxy.faults >= drops:
            return None
        return Fault(random.randint(0, furthest) if proxy.faults % 2 else furthest + random.randint(1800, 3000))

    proxy.fault_of = drop
    while proxy.faults < drops:  # one run is enough, mostly
        run = launched(session, steps=5, tokens=30, seconds=1.2, custom=8)
        printed = list(run.stream(MODES[0], *MODES[1:]))
        assert printed == undisturbed(sdk, run)
        assert run.wait().status == "success"
        assert run.view.text == messages_from_values(run.result)[-1].text == " ".join(f"w{n}" for n in range(30))
        assert run.view.chunks == sum(part.mode == "messages" for part in printed)


def test_what_a_slow_join_in_mid_run_delivers_twice_is_reported_once(
    session: Session, proxy: Proxy, sdk: SyncLangGraphClient
) -> None:
    """While the server replays what it keeps, more comes, and that it sends twice."""
    faults = [Fault(1_500_000), Fault(20_000_000, delay=0.005)]
    proxy.fault_of = lambda furthest: faults.pop(0) if faults else None
    run = launched(session, steps=60, seconds=0.05, grow=4000)
    assert list(run.stream(MODES[0], *MODES[1:])) == undisturbed(sdk, run)
    assert proxy.streams >= 2


def test_what_was_said_while_the_connection_was_broken_is_read_after_the_end(session: Session, proxy: Proxy) -> None:
    """The run is over when the connection is back: its row says so, and what is missing is still to be read."""
    proxy.fault_of = lambda furthest: Fault(2000, pause=2.0) if proxy.streams == 1 else None
    run = launched(session, steps=1, tokens=40, seconds=0.2).wait()
    assert run.view.text == " ".join(f"w{n}" for n in range(40))


def test_a_stream_that_ends_too_soon_goes_on_where_it_was(
    session: Session, proxy: Proxy, sdk: SyncLangGraphClient
) -> None:
    """A balancer that ends a long answer in order looks like the run's end."""
    proxy.fault_of = lambda furthest: Fault(furthest + 2500, "end") if proxy.faults < 3 else None
    run = launched(session, steps=3, tokens=30, seconds=1.3)
    assert list(run.stream(MODES[0], *MODES[1:])) == undisturbed(sdk, run)
    assert proxy.faults == 3
    assert run.wait().status == "success"


def test_a_stream_that_ends_within_an_event_goes_on_where_it_was(
    session: Session, proxy: Proxy, sdk: SyncLangGraphClient
) -> None:
    proxy.fault_of = lambda furthest: Fault(furthest + 1700, "torn") if proxy.faults < 6 else None
    run = launched(session, steps=3, tokens=30, seconds=1.3)
    assert list(run.stream(MODES[0], *MODES[1:])) == undisturbed(sdk, run)
    assert proxy.faults == 6
    assert run.wait().status == "success"


def test_a_run_without_its_stream_still_ends_in_a_true_status(session: Session, proxy: Proxy) -> None:
    proxy.fault_of = lambda furthest: Fault(0)
    well, badly = launched(session, steps=1), launched(session, steps=1, fail_at=1)
    assert well.wait(180).status == "success"
    assert badly.wait_quietly(180).status == "error"
    assert badly.error == "ValueError: asked to fail at step 1"


def test_a_stateless_run_that_vanished_while_its_connection_was_broken_is_reported_whole(
    session: Session, proxy: Proxy
) -> None:
    proxy.fault_of = lambda furthest: Fault(2000, pause=2.0) if proxy.streams == 1 else None
    run = runs.run(session, input={"steps": 1, "tokens": 40, "seconds": 0.2}, stateless=True).wait()
    assert run.status == "success"
    assert run.view.text == " ".join(f"w{n}" for n in range(40))
    assert run.result["step"] == 1


def test_how_a_stateless_run_ended_that_nobody_could_read_is_not_made_up(session: Session, proxy: Proxy) -> None:
    proxy.fault_of = lambda furthest: Fault(150)
    run = runs.run(session, input={"steps": 4, "fail_at": 3}, stateless=True)
    with pytest.raises(Unreachable, match="its stream broke off before its end, and a stateless run leaves nothing"):
        run.wait(180)
    assert run.status == "unknown"


def test_the_proxy_of_these_tests_leaves_no_socket_of_a_connection_that_it_closes_under() -> None:
    for _ in range(10):
        with Proxy("http://127.0.0.1:9") as between:
            address = urlsplit(between.url)
            client = socket.create_connection((address.hostname, address.port))
        client.close()
    gc.collect()  # an open socket is a warning, and so an error


def test_a_stream_that_ends_in_order_within_a_step_is_read_again_after_the_run(
    session: Session, proxy: Proxy, sdk: SyncLangGraphClient
) -> None:
    """The run is over when the balancer ends the answer, which looks whole."""
    proxy.fault_of = lambda furthest: Fault(4000, "end", pause=2.0) if proxy.streams == 1 else None
    run = launched(session, steps=1, tokens=40, seconds=0.2)
    assert list(run.stream(MODES[0], *MODES[1:])) == undisturbed(sdk, run)
    assert run.view.text == " ".join(f"w{n}" for n in range(40))
    assert proxy.streams == 2

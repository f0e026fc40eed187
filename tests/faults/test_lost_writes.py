"""A write whose response is lost: what it made is found, or the error says where to look; it is never made twice."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, crons, deployment, runs, state, store, threads
from lg_magics.errors import DeploymentError, WriteInterrupted
from lg_magics.session import Session

from .faulty import FAULTS, SLOW_FAULTS, Faulty, answers, faulty_server

LOST = ("loses the answer", "half a body", "resets after the work")
AFTER = ("502", "503", "504", "500")  # a gateway's word for a write that went through


@pytest.fixture(scope="module")
def proxy(server: local.LocalServer) -> Iterator[Faulty]:
    with faulty_server(server.url) as made:
        yield made


@pytest.fixture(scope="module")
def thread_of_all(proxy: Faulty) -> Iterator[tuple[Session, str]]:
    """A session, and a thread with a few checkpoints."""
    session = Session()
    deployment.connect(session, proxy.url)
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    yield session, run.thread_id
    session.close()


@pytest.fixture
def faulty(proxy: Faulty) -> Iterator[Faulty]:
    yield proxy
    proxy.set(None)


@pytest.fixture
def kept(thread_of_all: tuple[Session, str]) -> Session:
    """The session, on that thread."""
    session, thread_id = thread_of_all
    threads.use(session, thread_id)
    return session


@pytest.fixture
def left(sdk: SyncLangGraphClient) -> Iterator[None]:
    """What a test makes outside of its threads goes with it."""
    yield
    for cron in sdk.crons.search(limit=100):
        sdk.crons.delete(cron["cron_id"])
    for made in sdk.assistants.search(limit=100):
        if (made["metadata"] or {}).get("created_by") != "system":
            sdk.assistants.delete(made["assistant_id"])


def counted(sdk: SyncLangGraphClient, kind: str, thread_id: str = "") -> int:
    if kind == "checkpoints":
        return len(sdk.threads.get_history(thread_id, limit=100))
    if kind == "crons":
        return len(sdk.crons.search(limit=100))
    return len(sdk.assistants.search(limit=100)) if kind == "assistants" else sdk.threads.count()


Write = Callable[[Session], object]
WRITES: dict[str, tuple[str, str, Write]] = {
    "cron": (
        "POST /runs/crons",
        "crons",
        lambda session: crons.create(session, "0 9 * * *", "hi", assistant="agent"),
    ),
    "cron on a thread": (
        "POST /threads/[^/]+/runs/crons",
        "crons",
        lambda session: crons.create(session, "0 9 * * *", "hi", assistant="agent", thread="last"),
    ),
    "assistant": (
        "POST /assistants",
        "assistants",
        lambda session: assistants.create(session, "agent", name="mine"),
    ),
    "thread": ("POST /threads", "threads", lambda session: threads.new(session, title="a title")),
    "named thread": (
        "POST /threads",
        "threads",
        lambda session: threads.use(session, f"trip {time.time_ns()}", create=True),
    ),
    "state": (
        "POST /threads/[^/]+/state",
        "checkpoints",
        lambda session: state.update(session, values={"messages": [{"role": "user", "content": "more"}]}),
    ),
    "fork": (
        "POST /threads/[^/]+/state",
        "checkpoints",
        lambda session: state.fork(session, "b1:0", values={"messages": []}),
    ),
    "fork without a change": (
        "POST /threads/[^/]+/state",
        "checkpoints",
        lambda session: state.fork(session, "b1:0"),
    ),
    "copy": ("POST /threads/[^/]+/copy", "threads", lambda session: threads.copy(session)),
}


def hits(pattern: str) -> Callable[[str], bool]:
    import re

    return lambda call: re.fullmatch(pattern, call) is not None


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("name", WRITES)
def test_what_was_made_is_found(name: str, fault: str, faulty: Faulty, kept: Session, sdk: SyncLangGraphClient) -> None:
    pattern, kind, write = WRITES[name]
    assert kept.selection.thread is not None
    before = counted(sdk, kind, kept.selection.thread.id)
    thread_id = kept.selection.thread.id
    faulty.set(FAULTS[fault], hits(pattern), times=1)
    made = write(kept)
    assert made is not None
    assert faulty.count == 1
    assert counted(sdk, kind, thread_id) == before + 1


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("name", WRITES)
def test_what_was_not_made_and_stays_open_says_where_to_look(
    name: str, faulty: Faulty, kept: Session, sdk: SyncLangGraphClient
) -> None:
    """A gateway answers in place of the server, which received nothing: it looks like a late answer."""
    pattern, kind, write = WRITES[name]
    assert kept.selection.thread is not None
    thread_id = kept.selection.thread.id
    before = counted(sdk, kind, thread_id)
    later = answers(503, b"Service Unavailable", "text/plain", retry_after="1")
    for fault in (FAULTS["closes"], FAULTS["502"], FAULTS["503"], later, FAULTS["504"]):
        faulty.set(fault, hits(pattern))
        with pytest.raises(DeploymentError, match="It may have been made: %lg_") as caught:
            write(kept)
        assert faulty.count == 1  # it is not sent again
        assert "refused" not in str(caught.value)
        assert "<" not in str(caught.value).replace("<Session", "")
    assert counted(sdk, kind, thread_id) == before


def test_what_the_server_refuses_was_not_made_and_says_so(faulty: Faulty, kept: Session) -> None:
    faulty.set(answers(422, b'{"detail": "no"}'), hits("POST /threads"))
    with pytest.raises(DeploymentError, match="refused") as caught:
        threads.new(kept)
    assert "may have been" not in str(caught.value)


def test_a_run_that_may_go_on_says_so(faulty: Faulty, kept: Session) -> None:
    faulty.set(FAULTS["502"], hits("POST /threads/[^/]+/runs"))
    with pytest.raises(DeploymentError, match="It may have been made: %lg_runs --mine"):
        runs.run(kept, "again")


def test_an_item_is_written_once_more_and_what_stays_open_says_so(faulty: Faulty, kept: Session) -> None:
    faulty.set(FAULTS["loses the answer"], hits("PUT /store/items"), times=1)
    store.put(kept, "lost", "k", {"a": 1})
    assert store.get(kept, "lost", "k").value == {"a": 1}
    faulty.set(FAULTS["loses the answer"], hits("PUT /store/items"))
    with pytest.raises(DeploymentError, match="It may have been made: %lg_store get"):
        store.put(kept, "lost", "k", {"a": 2})
    faulty.set(FAULTS["loses the answer"], hits("DELETE /store/items"))
    with pytest.raises(DeploymentError, match="It may have been made: %lg_store get"):
        store.delete(kept, "lost", "k")


@pytest.mark.parametrize("name", ["cron", "assistant", "thread", "state", "fork", "copy"])
@pytest.mark.usefixtures("left")
def test_a_kernel_interrupt_in_the_middle_says_the_same(name: str, faulty: Faulty, kept: Session) -> None:
    pattern, _, write = WRITES[name]
    faulty.set(SLOW_FAULTS["silent after the work"], hits(pattern))
    began = time.monotonic()

    def interrupt() -> None:
        while not faulty.count and time.monotonic() - began < 20:
            time.sleep(0.01)
        time.sleep(0.1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(WriteInterrupted, match="It may have been made: %lg_"):
        write(kept)
    interrupting.join()
    assert time.monotonic() - began < 10

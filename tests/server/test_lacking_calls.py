"""Deployments that lack a call: it says so in one line, and in the status; nothing else breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import assistants, attach, crons, deployment, people, runs, state, store, threads
from lg_magics.commands.batch import batch
from lg_magics.errors import LgError, NotFound, UnknownReference, Unreachable, Unsupported
from lg_magics.server.capabilities import Capabilities
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .lacking import Lacking, lacking_server
from .waiting_runs import asked

STATUSES = (404, 405, 501)
CRONS = "(POST|PATCH|DELETE|GET) (/runs/crons.*|/threads/[^/]+/runs/crons)"
STORE = "[A-Z]+ /store/.*"
COPY = "POST /threads/[^/]+/copy"
STATELESS = "POST /runs"
ASSISTANTS = "POST /assistants/search"
THREADS = "POST /threads/search"


@pytest.fixture(scope="module")
def running(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def poor(running: Lacking) -> Iterator[Lacking]:
    """A deployment that lacks nothing yet."""
    yield running
    running.refused, running.ignored, running.keeps_texts = {}, {}, False


@pytest.fixture
def session(poor: Lacking) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, poor.url)
    yield new
    new.close()


CALLS: dict[str, tuple[str, str, Callable[[Session], object]]] = {
    "crons": (CRONS, "crons", lambda s: crons.crons(s)),
    "a cron": (CRONS, "crons", lambda s: crons.create(s, "0 0 1 1 *", "hello", assistant="agent")),
    "a cron by its number": (CRONS, "crons", lambda s: crons.show(s, "c1")),
    "store": (STORE, "store", lambda s: store.search(s)),
    "an item": (STORE, "store", lambda s: store.get(s, "a/b", "c")),
    "an item to put": (STORE, "store", lambda s: store.put(s, "a/b", "c", {"d": 1})),
    "copy": (COPY, "copy of threads", lambda s: threads.copy(s)),
    "stateless": (STATELESS, "stateless runs", lambda s: runs.run(s, "hi", assistant="agent", stateless=True)),
    "assistants": (ASSISTANTS, "list of assistants", lambda s: assistants.assistants(s)),
    "threads": (THREADS, "list of threads", lambda s: threads.threads(s)),
    "history": ("POST /threads/[^/]+/history", "history of threads", lambda s: state.history(s)),
}


@pytest.mark.parametrize(("what", "code"), [*((what, 404) for what in CALLS), ("crons", 405), ("copy", 501)])
def test_a_call_that_is_lacking_is_said_in_one_line(session: Session, poor: Lacking, what: str, code: int) -> None:
    pattern, feature, do = CALLS[what]
    threads.new(session)
    poor.refused = {pattern: code}
    with pytest.raises(Unsupported) as caught:
        do(session)
    assert str(caught.value) == f"This deployment ({poor.url}) has no {feature}."
    assert session.connection.lacking == {feature}


def test_any_other_call_that_is_lacking_is_said_too(session: Session, poor: Lacking) -> None:
    threads.new(session)
    poor.refused = {"PATCH /threads/[^/]+": 405}
    with pytest.raises(Unsupported, match=r"^This deployment \(http\S+\) has no call to update the thread\.$"):
        threads.update(session, metadata={"a": "b"})


def test_a_search_that_would_ignore_a_filter_is_refused(session: Session, poor: Lacking) -> None:
    schema: dict[str, Any] = {"properties": {"limit": {}, "offset": {}, "graph_id": {}}}
    call = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
    session.connection.capabilities = Capabilities({"paths": {"/assistants/search": call}})
    with pytest.raises(Unsupported, match=r"^The search for assistants of http\S+ has no name and no metadata\.$"):
        assistants.assistants(session, name="mine", metadata={"a": "b"})
    known, _ = threads.new(session), threads.new(session)
    poor.ignored = {THREADS: ["ids"]}
    with pytest.raises(Unsupported, match=r"^This deployment \(http\S+\) does not find threads by their ids\.$"):
        threads.threads(session, ids=[known.thread_id])


@pytest.mark.parametrize("code", STATUSES)
def test_the_status_names_all_that_is_lacking(poor: Lacking, code: int) -> None:
    poor.refused = dict.fromkeys((CRONS, STORE, COPY, STATELESS, ASSISTANTS), code)
    session = Session()
    try:
        deployment.connect(session, poor.url)
        said = deployment.status(session)
        assert dict(said.facts)["has no"] == "copy of threads, crons, list of assistants, stateless runs, store"
        assert said["lacks"] == ["copy of threads", "crons", "list of assistants", "stateless runs", "store"]
        assert "crons" not in dict(said.facts)
    finally:
        session.close()


def test_a_deployment_that_lacks_nothing_has_no_such_line(session: Session) -> None:
    said = deployment.status(session)
    assert "has no" not in dict(said.facts)
    assert said["lacks"] == []


@pytest.mark.parametrize("code", [404, 405])
@pytest.mark.parametrize("lacks", [("GET /info",), ("GET /info", "GET /ok"), ("GET /info", "GET /ok", ASSISTANTS)])
def test_one_connects_without_info_and_without_ok(poor: Lacking, lacks: tuple[str, ...], code: int) -> None:
    poor.refused = dict.fromkeys(lacks, code)
    session = Session()
    try:
        deployment.connect(session, poor.url)
        said = dict(deployment.status(session).facts)
        assert (said["version"], said["can do"]) == ("unknown", "unknown")
        assert runs.run(session, "hello", assistant="agent", wait=True).status == "success"
    finally:
        session.close()


def test_what_answers_nothing_at_all_is_no_deployment(poor: Lacking) -> None:
    poor.refused = {".*": 404}
    with pytest.raises(Unreachable, match="is not a LangGraph server"):
        deployment.connect(Session(), poor.url)


def test_without_a_list_of_assistants_a_graphs_name_will_do(poor: Lacking) -> None:
    poor.refused = {ASSISTANTS: 404}
    session = Session()
    try:
        connected = deployment.connect(session, poor.url)
        assert dict(connected.facts)["assistants"] == "none"
        with pytest.raises(UnknownReference, match=r"Which assistant\? This deployment .* has no list of assistants"):
            runs.run(session, "hello")
        assistants.use(session, "agent")
        assert runs.run(session, "hello", wait=True).status == "success"
        with pytest.raises(LgError, match="nobody"):
            runs.run(session, "hello", assistant="nobody")
    finally:
        session.close()
    session = Session()
    try:
        deployment.connect(session, poor.url, assistant="agent")
        assert session.selection.assistant == "agent"
    finally:
        session.close()


def test_without_a_list_of_threads_a_thread_is_known_by_its_number_or_id(poor: Lacking) -> None:
    poor.refused = {THREADS: 404}
    session = Session()
    try:
        deployment.connect(session, poor.url)
        run = runs.run(session, "hello", assistant="agent", wait=True)
        asked(session, "plain")
        assert runs.runs(session)[0]["status"] == "waiting"
        assert people.resume(session, "yes", wait=True).status == "success"
        assert threads.use(session, "t1").thread_id == threads.use(session, run.thread_id).thread_id == run.thread_id
        assert threads.show(session)["title"] == "hello"
        with pytest.raises(NotFound, match="No thread '00000000"):
            threads.use(session, "00000000-0000-0000-0000-000000000000")
    finally:
        session.close()


def test_a_scheduler_that_stops_at_an_end_is_given_none(session: Session, poor: Lacking) -> None:
    poor.keeps_texts = True
    with pytest.raises(
        Unsupported, match="cannot end a cron: its scheduler stops at one with an end, so it is not made"
    ):
        crons.create(session, "0 0 1 1 *", "hello", assistant="agent", until="7d")
    assert len(crons.crons(session, mine=True)) == 0
    made = crons.create(session, "0 0 1 1 *", "hello", assistant="agent")
    with pytest.raises(Unsupported, match=r"so c1 ·\w{5} has no end now\. Leave --until out"):
        crons.update(session, made, until="7d")
    assert crons.crons(session, mine=True)[0]["until"] is None
    crons.delete(session, made)


def test_nothing_else_breaks(poor: Lacking) -> None:
    poor.refused = dict.fromkeys((CRONS, STORE, COPY, STATELESS, ASSISTANTS, "POST /runs/(batch|cancel)"), 404)
    session = Session()
    try:
        deployment.connect(session, poor.url)
        run = runs.run(session, "hello", assistant="agent", wait=True)
        shown = [
            deployment.home(session),
            deployment.status(session),
            threads.threads(session),
            threads.show(session),
            runs.runs(session),
            state.state(session),
            state.messages(session),
            state.history(session),
            people.inbox(session),
            attach.attach(session, run.run_id),
            batch(session, [{"q": "hi"}, {"q": "there"}], input="{q}", assistant=["agent"]).wait(),
        ]
        assert all("text/plain" in bundle(each) for each in shown)
        for kind in ("assistant", "thread", "run", "cron", "namespace"):
            session.completions(kind)
        cancelled = runs.run(session, input={"steps": 9, "seconds": 9}, assistant="workbench", thread="new")
        assert cancelled.cancel().wait().status == "cancelled"
        threads.delete(session)
    finally:
        session.close()

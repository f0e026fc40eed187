"""Deployments that ignore what a search is to look for: a row with another id, or of another thing, never counts as a match."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, attach, crons, deployment, people, runs, state, store, threads
from lg_magics.errors import LgError, NotFound, UnknownReference
from lg_magics.follow import stream_pool
from lg_magics.follow.run import Run
from lg_magics.grammar.lookup import commands
from lg_magics.grammar.registry import Command
from lg_magics.session import Selection, Session

from .batches import begun, orders
from .lacking import Lacking, lacking_server
from .lines import typed
from .waiting_runs import asked

IGNORES_IDS = {"POST /threads/search": ("ids",)}
STEP = "1f0c2b9e-aaaa-6bff-8000-0000000bff07"
KINDS = ("thread", "run", "assistant", "cron", "batch")


@pytest.fixture(scope="module")
def running(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def poor(running: Lacking) -> Iterator[Lacking]:
    """A deployment that ignores the ids in a search for threads, as langgraph-api 0.2.86 and aegra do."""
    running.ignored = IGNORES_IDS
    yield running
    running.ignored = {}


@pytest.fixture
def session(poor: Lacking) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, poor.url, assistant="agent")
    yield new
    new.close()


@pytest.fixture
def newest(other: Session, session: Session) -> Run:
    """A run of somebody else, whose thread is the newest; `session` is wanted, so that its thread is made first."""
    return runs.run(other, "somebody else's", assistant="agent", thread="new", card=False, wait=True)


# -- an id that nobody has ----------------------------------------------------------------------------------------

LINES = {
    "assistant use": "{id}",
    "assistant show": "{id}",
    "assistant update": "{id} --description x",
    "assistant versions": "{id}",
    "assistant use-version": "1 {id}",
    "assistant delete": "{id}",
    "doctor": "--run -a {id} hello",
    "schemas": "{id}",
    "graph": "{id}",
    "remote_graph": "-t {id}",
    "thread use": "{id}",
    "thread show": "{id}",
    "thread copy": "{id}",
    "thread rename": "-t {id} mine",
    "thread update": "{id} --metadata a=b",
    "thread prune": "{id}",
    "thread delete": "{id}",
    "run": "-t {id} --wait hello",
    "stream": "-t {id} hello",
    "batch": "--attach {id}",
    "wait": "{id}",
    "cancel": "{id}",
    "attach": "{id} -t {newest}",
    "check": "{id} golden.json",
    "compare": "{id} {id}",
    "resume": "-t {id} yes",
    "runs": "-t {id}",
    "runs delete": "{id}",
    "usage": "{id}",
    "watch": "{id} --timeout 1",
    "state": "-t {id}",
    "messages": "-t {id}",
    "state update": "-t {id} $values",
    "fork": "-t {id} --run --wait step:0",
    "history": "{id}",
    "diff": "-t {newest} {id} {newest}",
    "crons": "-t {id}",
    "cron create": '-t {id} "0 0 1 1 *" hello',
    "cron show": "{id}",
    "cron runs": "{id}",
    "cron pause": "{id}",
    "cron resume": "{id}",
    "cron update": "{id} --schedule '0 0 2 1 *'",
    "cron delete": "{id}",
}
NOT_LOOKED_UP = {"connect", "assistant create"}  # those name a deployment, and a graph


def takes_an_id(command: Command) -> bool:
    return any(each.completes in KINDS or "CHECKPOINT" in each.value for each in command.parameters)


def what_is_there(sdk: SyncLangGraphClient, newest: Run) -> tuple[Any, ...]:
    row = sdk.threads.get(newest.thread_id)
    ran = [each["run_id"] for each in sdk.runs.list(newest.thread_id)]
    return row["metadata"], row["updated_at"], row["values"], ran, len(sdk.threads.search(limit=1000))


def test_every_command_that_takes_an_id_is_held_against_this() -> None:
    assert {each.name for each in commands() if takes_an_id(each)} == {*LINES, *NOT_LOOKED_UP}


def test_an_id_that_nobody_has_is_found_by_no_command(session: Session, newest: Run, sdk: SyncLangGraphClient) -> None:
    before = what_is_there(sdk, newest)
    wrong = {}
    for name, line in LINES.items():
        nobody = str(uuid.uuid4())
        try:
            wrong[name] = typed(session, name, line.format(id=nobody, newest=newest.thread_id), values={"a": 1})
        except (NotFound, UnknownReference) as problem:
            if nobody not in str(problem):
                wrong[name] = problem
    assert wrong == {}
    assert session.selection == Selection(assistant="agent")
    assert what_is_there(sdk, newest) == before


def test_the_functions_find_nothing_either(session: Session, newest: Run) -> None:
    nobody = str(uuid.uuid4())
    for call in (threads.show, threads.use, threads.copy, threads.delete, people.resume):
        with pytest.raises(NotFound, match=nobody):
            call(session, thread=nobody)
    made = threads.use(session, nobody, create=True)
    assert (made.thread_id, made.note) == (nobody, "new")


def test_a_checkpoint_that_the_thread_has_not_is_no_checkpoint(session: Session, newest: Run) -> None:
    for name, line in (
        ("state", "-t {t} {id}"),
        ("fork", "-t {t} {id}"),
        ("fork", "-t {t} --run {id}"),
        ("run", "-t {t} --checkpoint {id} hello"),
        ("state update", "-t {t} --at {id} $values"),
        ("history", "{t} --before {id}"),
        ("diff", "-t {t} {id} step:0"),
    ):
        with pytest.raises((NotFound, UnknownReference), match="bff07"):
            typed(session, name, line.format(t=newest.thread_id, id=STEP), values={"a": 1})


# -- an id of a thread that is not the newest ---------------------------------------------------------------------


def test_the_thread_that_is_meant_is_found_and_no_other(session: Session, other: Session) -> None:
    own = runs.run(other, "what's the weather in sf", assistant="agent", thread="new", wait=True)
    waiting = asked(other, "plain")
    runs.run(other, "somebody else's", assistant="agent", thread="new", wait=True)
    shown = threads.show(session, own.thread_id)
    assert dict(shown.facts)["id"] == own.thread_id
    assert dict(shown.facts)["title"] == "what's the weather in sf"
    assert threads.use(session, own.thread_id).thread_id == own.thread_id
    assert runs.run(session, "and in nyc?", wait=True).thread_id == own.thread_id
    assert [each["status"] for each in runs.runs(session, thread=waiting.thread_id)] == ["waiting"]
    assert attach.attach(session, waiting.run_id, thread=waiting.thread_id, wait=True).status == "waiting"
    with pytest.raises(LgError, match="waits for an answer"):
        runs.run(session, "something new", thread=waiting.thread_id)
    state.state(session, thread=waiting.thread_id)  # it was shown
    assert people.resume(session, "yes", thread=waiting.thread_id, wait=True).status == "success"
    assert waiting.thread_id not in {each["thread_id"] for each in people.inbox(session, all=True)}


def test_a_batch_knows_which_of_its_rows_waits(session: Session, sdk: SyncLangGraphClient) -> None:
    rows = [{"ask": "plain"}, {"ask": "plain"}]
    made = begun(session, rows, "ask", assistant="approval").wait(180)
    assert made.counts == {"waiting": 2}
    made = begun(session, orders(*({} for _ in range(12)))).wait(180)
    assert made.counts == {"success": 12}


def test_runs_without_a_stream_get_one_where_their_threads_cannot_be_polled(
    session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_pool, "STREAMS", 0)
    monkeypatch.setattr(stream_pool, "STREAMS_FOR_ANYBODY", 0)
    work = {"steps": 1, "seconds": 1}
    launched = [runs.run(session, input=work, assistant="workbench", thread="new") for _ in range(2)]
    sdk.threads.create()  # the newest thread is none of these
    assert [run.wait(120).status for run in launched] == ["success"] * 2
    assert not session.connection.finds_by_id


# -- other filters ------------------------------------------------------------------------------------------------


def test_what_a_run_left_is_its_own_though_another_ran_since(poor: Lacking, session: Session) -> None:
    first = runs.run(session, "what's the weather in sf", thread="new", card=False, wait=True)
    runs.run(session, "and in nyc?", card=False, wait=True)
    poor.ignored = {**IGNORES_IDS, "POST /threads/[^/]+/history": ("metadata",)}
    assert [message.role for message in first.messages] == ["human", "ai", "tool", "ai"]
    assert session.connection.history.of_run(first.thread_id, str(uuid.uuid4()), limit=1) == []
    fails = iter([(500, "application/json", b"{}")])
    poor.instead = lambda call: next(fails, None) if "history" in call else None  # aegra fails at the filter
    try:
        assert len(first.messages) == 4
    finally:
        poor.instead = lambda call: None


def test_an_assistants_schemas_and_a_threads_crons_are_their_own(
    poor: Lacking, session: Session, newest: Run, other: Session
) -> None:
    made = crons.create(other, "0 0 1 1 *", "hello", thread=newest.thread_id)
    poor.ignored = {"POST /assistants/search": ("graph_id", "metadata"), "POST /runs/crons/search": ("thread_id",)}
    try:
        for name in ("agent", "approval", "task_maistro", "workbench"):
            assert assistants.schemas(session, name).assistant == name
        own = threads.new(session)
        assert len(crons.crons(session, thread=own.thread_id)) == 0
        assert len(crons.crons(session, thread=newest.thread_id)) == 1
        assert len(crons.runs(session, made.cron_id)) == 0
    finally:
        other.connection.sync.crons.delete(made.cron_id)


def test_an_item_of_another_key_is_no_item(poor: Lacking, session: Session) -> None:
    store.put(session, "lookups/test", "a", {"n": 1})
    other_item = b'{"namespace": ["lookups", "test"], "key": "a", "value": {"n": 1}}'
    poor.instead = lambda call: (200, "application/json", other_item) if call == "GET /store/items" else None
    try:
        assert store.get(session, "lookups/test", "a").value == {"n": 1}
        with pytest.raises(NotFound, match="b"):
            store.get(session, "lookups/test", "b")
    finally:
        poor.instead = lambda call: None


def test_a_run_or_an_assistant_with_another_id_is_no_match(poor: Lacking, session: Session, newest: Run) -> None:
    row = b'{"run_id": "01a1faa6-5475-715e-a455-20158515fd36", "assistant_id": "01a1faa6-5475-715e-a455-20158515fd36"}'
    poor.instead = lambda call: (
        (200, "application/json", row) if call.startswith(("GET /threads/", "GET /assi")) else None
    )
    nobody = str(uuid.uuid4())
    try:
        with pytest.raises(UnknownReference, match=nobody):
            attach.attach(session, nobody, thread=newest.thread_id)
        for name in ("assistant show", "schemas"):
            with pytest.raises(NotFound, match=nobody):
                typed(session, name, nobody)
    finally:
        poor.instead = lambda call: None

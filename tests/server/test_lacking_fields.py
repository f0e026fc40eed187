"""Deployments whose answers lack fields, or use other words: no view of them crashes, and none makes anything up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lg_magics import local
from lg_magics.commands import assistants, attach, crons, deployment, people, runs, state, store, threads
from lg_magics.errors import NotFound
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.result import Result
from lg_magics.session import Session
from lg_magics.tables.crons import Cron
from lg_magics.views.bundle import bundle
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree

from .lacking import Lacking, lacking_server
from .waiting_runs import asked

FIELDS = (
    *("values", "metadata", "kwargs", "checkpoint_id", "parent_checkpoint_id"),
    *("created_at", "updated_at", "state_updated_at", "next_run_date", "end_time"),
    *("config", "context", "error", "extracted", "multitask_strategy", "payload", "timezone", "on_run_completed"),
    *("description", "version", "name", "score", "parent_checkpoint", "enabled", "user_id"),
)


@dataclass
class There:
    """What is there to be looked at, made on the whole deployment."""

    done: Run
    waiting: Run
    cancelled: Run
    cron: Cron


@pytest.fixture(scope="module")
def running(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture(scope="module")
def there(server: local.LocalServer) -> Iterator[There]:
    session = Session()
    deployment.connect(session, server.url)
    done = runs.run(session, "what's the weather in sf", assistant="agent", wait=True)
    runs.run(session, "and in nyc?", assistant="agent", wait=True)
    waiting = asked(session, "plain")
    cancelled = runs.run(session, input={"steps": 9, "seconds": 9}, assistant="workbench", thread="new")
    cancelled.cancel().wait()
    cron = crons.create(session, "0 0 1 1 *", "hello", assistant="agent", until="9d", keep=True)
    store.put(session, "lacking/test", "trip", {"days": 5})
    yield There(done, waiting, cancelled, cron)
    crons.delete(session, mine=True)
    session.close()


@pytest.fixture
def poor(running: Lacking) -> Iterator[Lacking]:
    yield running
    running.refused, running.dropped, running.says_interrupted, running.ends_streams = {}, (), False, False


LOOKS: dict[str, Callable[[Session, There], object]] = {
    "home": lambda s, t: deployment.home(s),
    "status": lambda s, t: deployment.status(s),
    "assistants": lambda s, t: assistants.assistants(s),
    "assistant": lambda s, t: assistants.show(s, "agent"),
    "threads": lambda s, t: threads.threads(s),
    "thread": lambda s, t: threads.show(s),
    "runs": lambda s, t: runs.runs(s),
    "state": lambda s, t: state.state(s),
    "messages": lambda s, t: state.messages(s),
    "history": lambda s, t: state.history(s),
    "diff": lambda s, t: state.diff(s, *(step.checkpoint.id for step in list(state.history(s))[:2])),
    "attach": lambda s, t: attach.attach(s, t.done.run_id, wait=True),
    "wait": lambda s, t: runs.wait(s, "last"),
    "inbox": lambda s, t: people.inbox(s),
    "crons": lambda s, t: crons.crons(s),
    "cron": lambda s, t: crons.show(s, t.cron),
    "cron runs": lambda s, t: crons.runs(s, t.cron),
    "store": lambda s, t: store.search(s, "lacking"),
    "item": lambda s, t: store.get(s, "lacking/test", "trip"),
}


def looked_at(poor: Lacking, there: There) -> dict[str, object]:
    """What every command shows, and every card."""
    session = Session()
    try:
        deployment.connect(session, poor.url, assistant="agent")
        threads.use(session, there.done.thread_id)
        found = {name: look(session, there) for name, look in LOOKS.items()}
        for other in (there.waiting, there.cancelled):
            found[other.run_id] = attach.attach(session, other.run_id, thread=other.thread_id, wait=True)
    finally:
        session.close()
    for result in found.values():
        assert isinstance(result, Result)
        assert bundle(result)["text/plain"]
        if isinstance(result, Run):
            run_tree(CardMaker(result.info).card(result.view, settled=True, again=tracked(result).rerun))
        elif hasattr(result, "df"):
            assert result.df is not None
    return found


ONE_BY_ONE = ("values", "metadata", "kwargs", "created_at", "updated_at", "checkpoint_id")


@pytest.mark.parametrize(
    "dropped", [(), *((name,) for name in ONE_BY_ONE), FIELDS], ids=lambda names: "+".join(names)[:40]
)
def test_no_view_crashes_without_a_field(poor: Lacking, there: There, dropped: tuple[str, ...]) -> None:
    poor.dropped = dropped
    found = looked_at(poor, there)
    attached = (found["attach"], found[there.waiting.run_id], found[there.cancelled.run_id])
    assert [run.status for run in attached if isinstance(run, Run)] == ["success", "waiting", "cancelled"]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(FIELDS), min_size=2))
def test_no_view_crashes_without_several_fields(poor: Lacking, there: There, dropped: set[str]) -> None:
    poor.dropped = dropped
    looked_at(poor, there)


def test_without_steps_told_a_checkpoint_is_named_by_its_id_and_one_that_is_not_there_is_missed(
    poor: Lacking, there: There
) -> None:
    poor.dropped = ("created_at",)
    session = Session()
    try:
        deployment.connect(session, poor.url)
        threads.use(session, there.done.thread_id)
        assert state.state(session, "step:1")
        with pytest.raises(NotFound, match="No checkpoint"):
            state.state(session, "1f0c2b9e-aaaa-6bff-8000-0000000bff07")
    finally:
        session.close()


# -- other words ------------------------------------------------------------------------------------------------


def test_a_pause_that_the_server_calls_interrupted_is_a_pause_and_a_cancelled_run_is_not(
    poor: Lacking, there: There
) -> None:
    poor.says_interrupted = True
    session = Session()
    try:
        deployment.connect(session, poor.url)
        run = asked(session, "plain")
        assert run.raw["status"] == "interrupted"
        assert runs.runs(session, thread=run.thread_id)[0]["status"] == "waiting"
        assert [each["status"] for each in runs.runs(session, thread=there.waiting.thread_id)] == ["waiting"]
        assert len(runs.runs(session, thread=there.waiting.thread_id, status="waiting")) == 1
        assert len(runs.runs(session, thread=there.waiting.thread_id, status="cancelled")) == 0
        assert runs.runs(session, thread=there.cancelled.thread_id)[0]["status"] == "cancelled"
        assert attach.attach(session, thread=there.waiting.thread_id, wait=True).status == "waiting"
        state.state(session, thread=run.thread_id)  # it was shown
        assert people.resume(session, "yes", thread=run.thread_id, wait=True).status == "success"
    finally:
        session.close()


@pytest.mark.parametrize("says_interrupted", [False, True])
def test_a_stream_that_ends_with_an_end_event_is_read_to_its_end(poor: Lacking, says_interrupted: bool) -> None:
    poor.ends_streams, poor.says_interrupted = True, says_interrupted
    session = Session()
    try:
        deployment.connect(session, poor.url)
        run = runs.run(session, "what's the weather in sf", assistant="agent", wait=True)
        assert run.view.text == run.messages[-1].text
        assert asked(session, "plain").interrupts
        watched = runs.run(session, input={"steps": 2, "tokens": 9}, assistant="workbench", thread="new")
        assert [type(event).__name__ for event in watched.stream()].count("NodeEnded") == 3
        printed: list[str] = []
        session.write = lambda run, text: printed.append(text)
        assert runs.stream(session, "what's the weather in sf", assistant="agent").status == "success"
        assert "in San Francisco now" in "".join(printed)
        stateless = runs.run(session, "hello", assistant="agent", stateless=True).wait()
        assert (stateless.status, stateless.view.text) == ("success", stateless.messages[-1].text)
        failed = runs.run(session, input={"steps": 2, "fail_at": 1}, assistant="workbench", thread="new")
        assert failed.wait_quietly().status == "error"
    finally:
        session.close()

"""An assistant's name is that of the assistant which has it now, whatever another client renamed or deleted meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import assistants, batch, crons, graph, runs
from lg_magics.errors import NotFound, UnknownReference
from lg_magics.session import Session

from .listening import requests_of

Make = Callable[..., str]


@pytest.fixture
def make(session: Session, sdk: SyncLangGraphClient) -> Iterator[Make]:
    """Makes an assistant of another client; all of them are deleted behind the test."""
    before = {row["assistant_id"] for row in sdk.assistants.search(limit=1000)}

    def new(name: str, graph_id: str = "agent") -> str:
        return sdk.assistants.create(graph_id, name=name)["assistant_id"]

    yield new
    for row in sdk.assistants.search(limit=1000):
        if row["assistant_id"] not in before:
            sdk.assistants.delete(row["assistant_id"])


@pytest.fixture
def renamed(session: Session, sdk: SyncLangGraphClient, make: Make) -> str:
    """The id of the new `rn`: this session knows the old one, which another client has renamed."""
    old = make("rn")
    assistants.assistants(session)
    sdk.assistants.update(old, name="rn-old")
    return make("rn")


@pytest.fixture
def created_again(session: Session, sdk: SyncLangGraphClient, make: Make) -> str:
    """The id of the new `rn`: this session has run the old one, which another client has deleted."""
    old = make("rn")
    assert runs.run(session, "hi", assistant="rn", thread="new").wait().raw["assistant_id"] == old
    sdk.assistants.delete(old)
    return make("rn")


def test_a_run_by_a_name_that_has_moved_is_of_its_new_assistant(session: Session, renamed: str) -> None:
    run = runs.run(session, "hi", assistant="rn", thread="new").wait()
    assert (run.raw["assistant_id"], run.info.assistant) == (renamed, "rn")


def test_a_run_by_a_name_that_was_deleted_and_made_again_is_of_the_new_one(
    session: Session, created_again: str
) -> None:
    run = runs.run(session, "hi", assistant="rn", thread="new").wait()
    assert (run.raw["assistant_id"], run.info.assistant) == (created_again, "rn")
    assert len(runs.runs(session, thread=run.thread_id)) == 1


def test_a_name_that_nobody_has_any_more_is_named_in_the_error(
    session: Session, sdk: SyncLangGraphClient, created_again: str
) -> None:
    sdk.assistants.delete(created_again)
    with pytest.raises(UnknownReference, match="No assistant 'rn'"):
        runs.run(session, "hi", assistant="rn", thread="new")


def test_the_current_assistant_that_is_gone_is_named_in_the_error(
    session: Session, sdk: SyncLangGraphClient, created_again: str
) -> None:
    assistants.use(session, "rn")
    sdk.assistants.delete(created_again)
    with pytest.raises(NotFound, match="No assistant rn on"):
        runs.run(session, "hi", thread="new")


def test_an_assistant_of_another_graph_does_not_run_in_place_of_the_one_that_was_known(
    session: Session, sdk: SyncLangGraphClient, make: Make
) -> None:
    old = make("rn")
    assistants.assistants(session)
    sdk.assistants.delete(old)
    new = make("rn", "task_maistro")
    with pytest.raises(UnknownReference, match="'rn' is another assistant by now: its graph is task_maistro"):
        runs.run(session, "hi", assistant="rn", thread="new")
    assert runs.run(session, "hi", assistant="rn", thread="new").wait().raw["assistant_id"] == new


EVERY: dict[str, Callable[[Session], object]] = {
    "schemas": lambda session: assistants.schemas(session, "rn").df,
    "graph": lambda session: graph.graph(session, "rn").nodes,
    "use": lambda session: assistants.use(session, "rn").data["assistant"],
    "remote graph": lambda session: assistants.remote_graph(session, "rn", stateless=True).assistant_id,
    "cron": lambda session: crons.create(session, "0 9 * * *", "hi", assistant="rn", yes=True).data["assistant_id"],
}


@pytest.mark.parametrize("what", EVERY)
def test_every_other_command_reads_the_names_again(
    session: Session, sdk: SyncLangGraphClient, created_again: str, what: str
) -> None:
    found = EVERY[what](session)
    assert not isinstance(found, str) or found == created_again
    for row in sdk.crons.search(assistant_id=created_again):
        sdk.crons.delete(row["cron_id"])


def test_a_launch_by_a_known_name_reads_no_names(session: Session, sdk: SyncLangGraphClient, make: Make) -> None:
    identity = make("rn")
    assistants.assistants(session)
    runs.run(session, "hi", assistant="rn", thread="new").wait()
    asked = requests_of(session, is_sync=True)
    runs.run(session, "hi", assistant="rn", thread="new").wait()
    assert not any("assistants" in path for path in asked)
    sdk.assistants.update(identity, name="rn2")
    assistants.assistants(session)
    runs.run(session, "hi", assistant="rn2", thread="new").wait()  # the row that came with the schemas has the old name
    asked.clear()
    runs.run(session, "hi", assistant="rn2", thread="new").wait()
    assert not any("assistants/search" in path for path in asked)


def test_a_batch_reads_the_names_again(session: Session, created_again: str) -> None:
    asked = batch.batch(session, [{"q": "hi"}], input="q", assistant=["rn"], dry_run=False)
    asked.wait()
    assert [run.raw["assistant_id"] for run in asked.runs] == [created_again]

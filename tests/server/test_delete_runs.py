"""Runs that have ended are deleted with what they left, and a run takes the settings of a version of its assistant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lg_magics.commands import assistants, runs, state, threads
from lg_magics.errors import LgError, NotFound
from lg_magics.session import Session
from lg_magics.tables.table import Table


def test_an_ended_run_is_deleted_and_its_thread_is_as_before(session: Session) -> None:
    first = runs.run(session, "one", assistant="agent", thread="new").wait()
    second = runs.run(session, "two").wait()
    assert len(state.messages(session)) == 4
    assert runs.delete(session).title == f"Deleted {second.number}."
    assert (second.status, first.status) == ("deleted", "success")
    assert len(state.messages(session)) == 2
    assert list(runs.runs(session).df["run_id"]) == [first.run_id]
    with pytest.raises(NotFound, match=f"run {second.number}"):
        runs.delete(session, second)


def test_several_are_counted_first(session: Session) -> None:
    made = [runs.run(session, "one", assistant="agent", thread="new").wait() for _ in range(2)]
    assert runs.delete(session, []).title == "No run fits: nothing is deleted."
    table = runs.wait(session, *made)
    assert isinstance(table, Table)
    for given in (table, table.df, list(table)):
        assert runs.delete(session, given)["run_ids"] == [each.run_id for each in made]
    shown = runs.delete(session, made)
    assert shown.title == "2 runs would be deleted. Nothing is deleted yet."
    assert [each.status for each in made] == ["success", "success"]
    assert runs.delete(session, made, yes=True)["run_ids"] == [each.run_id for each in made]
    assert [each.status for each in made] == ["deleted", "deleted"]


def test_a_table_may_list_runs_of_somebody_else(session: Session, other: Session) -> None:
    made = [runs.run(other, "one", assistant="agent", thread=thread).wait() for thread in ("new", None)]
    table = runs.runs(session, thread=made[0].thread_id)
    assert len(table) == 2
    assert runs.delete(session, table, yes=True).title == "Deleted r1, r2."
    with pytest.raises(NotFound, match="No run ·"):
        runs.delete(other, [{"thread_id": made[0].thread_id, "run_id": made[0].thread_id}])
    assert len(runs.runs(session, thread=made[0].thread_id)) == 0


def test_a_live_run_and_a_batch_are_not_deleted(session: Session) -> None:
    live = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    with pytest.raises(LgError, match=f"{live.number} is still live. Nothing was deleted.") as caught:
        runs.delete(session, live)
    assert caught.value.hint == f"%lg_cancel --rollback {live.number} cancels and deletes it."
    live.cancel()


@pytest.fixture
def versions(session: Session) -> Iterator[str]:
    assistants.create(session, "agent", name="polite", configurable={"user_id": "Ada"})
    assistants.update(session, "polite", configurable={"user_id": "Bob", "tone": "dry"})
    yield "polite"
    assistants.delete(session, "polite")


def test_a_run_takes_the_config_of_a_version(session: Session, versions: str) -> None:
    run = runs.run(session, "hello", assistant=f"{versions}@1", thread="new").wait()
    configurable = run.raw["kwargs"]["config"]["configurable"]
    assert (configurable["user_id"], "tone" in configurable) == ("Ada", False)
    assert run.info.choice == f"Version 1 of {versions}."
    own = runs.run(session, "hello", assistant=f"{versions}@2", thread="new", configurable={"user_id": "Eve"}).wait()
    configurable = own.raw["kwargs"]["config"]["configurable"]
    assert (configurable["user_id"], configurable["tone"]) == ("Eve", "dry")
    with pytest.raises(NotFound, match=f"{versions} has no version 9"):
        runs.run(session, "hello", assistant=f"{versions}@9", thread="new")
    threads.delete(session)

"""All runs of a notebook, on the real server: however many, whatever became of their threads, and on this deployment alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import attach, deployment, runs
from lg_magics.errors import UnknownReference
from lg_magics.follow.run import Run
from lg_magics.model.cell import Cell
from lg_magics.session import Session
from lg_magics.tables.table import Table

Many = Callable[..., list[str]]


def in_notebook(session: Session, name: str, cell: str = "a") -> Session:
    session.cell = lambda: Cell(f"{name}.ipynb·222222", cell)
    return session


def launched(session: Session, seconds: float = 0, **options: Any) -> Run:
    return runs.run(session, input={"steps": 1, "seconds": seconds}, assistant="workbench", thread="new", **options)


def mine(session: Session) -> Table:
    found = attach.attach(session, mine=True)
    assert isinstance(found, Table)
    return found


def ids(table: Table) -> set[str]:
    return set(table.df["run_id"])


@pytest.fixture
def later(sdk: SyncLangGraphClient) -> Iterator[Many]:
    """Launch runs that begin much later, on a thread of their own each or on one, as a kernel that has died did. Gives ids."""
    made: list[str] = []

    def launch(count: int, notebook: str, thread: str = "") -> list[str]:
        tags = Cell(f"{notebook}.ipynb·222222", "a").tags
        rows = [
            sdk.runs.create(
                thread or str(uuid.uuid4()),
                "workbench",
                input={"steps": 1},
                metadata={**tags, "lg_cell": f"cell-{number}"},
                after_seconds=300,
                if_not_exists="create",
            )
            for number in range(count)
        ]
        made.extend(dict.fromkeys(row["thread_id"] for row in rows))
        return [row["run_id"] for row in rows]

    yield launch
    for thread_id in made:
        sdk.threads.delete(thread_id)


def test_a_thread_that_is_gone_hides_no_other(session: Session, sdk: SyncLangGraphClient) -> None:
    gone = launched(session).wait()
    sdk.threads.delete(gone.thread_id)
    there = launched(session).wait()
    assert ids(mine(session)) == {there.run_id}
    assert attach.attach(session, there.run_id[-8:]) is there


def test_another_deployment_is_not_asked_for_the_threads_of_the_one_before(
    session: Session, odd_server: local.LocalServer
) -> None:
    there = launched(session).wait()
    deployment.connect(session, odd_server.url)
    here = runs.run(session, input={}, assistant="notes", thread="new").wait_quietly()
    assert ids(mine(session)) == {here.run_id}
    assert there.status == "success"


def test_every_live_run_is_found_however_many_there_are(session: Session, later: Many) -> None:
    made = later(112, "big")
    assert ids(table := mine(in_notebook(session, "big"))) == set(made)
    assert table.note == ("All live runs; of the ended ones, only the newest 100 threads of this notebook were read.")
    runs.cancel(session, mine=True)


def test_a_live_run_that_a_hundred_came_after_is_found(session: Session, later: Many) -> None:
    thread = str(uuid.uuid4())
    made = later(103, "queue", thread)
    assert ids(table := mine(in_notebook(session, "queue"))) == set(made)
    assert "only the newest 100 runs of t1" in table.note
    runs.cancel(session, mine=True)


def test_a_whole_id_finds_a_run_that_a_hundred_came_after(session: Session, later: Many) -> None:
    thread = str(uuid.uuid4())
    oldest = later(102, "long", thread)[0]
    found = attach.attach(session, oldest, thread=thread)
    assert isinstance(found, Run)
    assert (found.run_id, found.thread_id) == (oldest, thread)


def test_a_whole_id_finds_a_run_of_another_notebook(session: Session, other: Session) -> None:
    theirs = launched(in_notebook(session, "theirs")).wait()
    for _ in range(3):
        launched(session).wait()
    found = attach.attach(in_notebook(other, "ours"), theirs.run_id)
    assert isinstance(found, Run)
    assert (found.wait().status, found.thread_id) == ("success", theirs.thread_id)
    with pytest.raises(UnknownReference, match=r"No run '.*' of this notebook is on"):
        attach.attach(other, f"{theirs.run_id[:-4]}0000")

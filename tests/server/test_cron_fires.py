"""Crons fire on the real server, and what they ran is found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from lg_magics.actions.crons import runs_of_cron
from lg_magics.commands import attach, crons, state
from lg_magics.resolve.crons import which_cron
from lg_magics.tables.crons import cron_from_row
from lg_magics.tables.table import Table

from .firing import Firing, firing_crons

pytestmark = pytest.mark.slow  # the clock is real: a cron fires when the minute turns


@pytest.fixture(scope="module")
def firing() -> Iterator[Firing]:
    """Crons that fire every minute."""
    yield from firing_crons()


def statuses(firing: Firing, name: str) -> list[str]:
    return list(crons.runs(firing.session, firing.crons[name]).df["status"])


def has_succeeded(firing: Firing, name: str) -> bool:
    return "success" in statuses(firing, name)


def test_a_cron_fires_and_its_runs_are_found(firing: Firing) -> None:
    """Waits for the minute to turn: up to 70 s."""
    for name in ("ending", "kept", "on a thread"):
        firing.until(partial(has_succeeded, firing, name))
    session = firing.session
    newest = crons.runs(session, firing.crons["kept"])[-1]
    said = state.messages(session, thread=newest["thread_id"])
    assert next(message.text for message in said) == "hello from kept"
    assert (session.connection.sync.threads.get(newest["thread_id"])["metadata"] or {}).get("purpose") == "test"
    on_thread = crons.runs(session, firing.crons["on a thread"])
    assert set(on_thread.df["thread_id"]) == {firing.thread_id}
    assert not set(on_thread.df["run_id"]) & set(crons.runs(session, firing.crons["kept"]).df["run_id"])


def test_what_a_cron_that_keeps_nothing_ran_is_gone(firing: Firing) -> None:
    firing.until(lambda: "success" in statuses(firing, "kept"))
    firing.until(lambda: statuses(firing, "vanishing") == [])
    found = crons.runs(firing.session, firing.crons["vanishing"])
    assert found.note.startswith("It keeps nothing: a run is deleted when it ends.")


def test_a_paused_cron_does_not_fire_and_makes_up_for_nothing_when_it_is_resumed(firing: Firing) -> None:
    firing.until(lambda: "success" in statuses(firing, "kept"))
    now = datetime.now(UTC)
    rows = firing.session.connection.sync.crons.search(enabled=False, limit=1000)
    (missed,) = [str(row["next_run_date"]) for row in rows if row["cron_id"] == firing.crons["paused"].cron_id]
    assert datetime.fromisoformat(missed) < now
    assert statuses(firing, "paused") == []
    resumed = crons.resume(firing.session, firing.crons["paused"])
    assert datetime.fromisoformat(resumed.data["next_run_date"]) > now
    crons.pause(firing.session, firing.crons["paused"])


def test_a_cron_that_the_raw_sdk_made_has_its_runs_found_by_what_it_writes_on_them(firing: Firing) -> None:
    """The cron's id identifies the runs of one without our tag."""
    firing.until(lambda: "success" in statuses(firing, "kept"))
    cron = which_cron(firing.session, firing.crons["kept"])
    without_tag = {key: value for key, value in cron.metadata.items() if key != "lg_cron"}
    row = {**cron.row, "metadata": without_tag}
    found = set(runs_of_cron(firing.session, cron_from_row(row), limit=50).df["run_id"])
    assert found
    assert found <= set(crons.runs(firing.session, cron.id, limit=50).df["run_id"])


def test_the_way_back_to_a_notebooks_runs_shows_the_newest_of_a_cron_alone(firing: Firing) -> None:
    firing.until(lambda: "success" in statuses(firing, "on a thread"))
    crons.pause(firing.session, firing.crons["on a thread"])
    firing.until(lambda: set(statuses(firing, "on a thread")) == {"success"})
    table = attach.attach(firing.session, mine=True)
    assert isinstance(table, Table)
    ended = [row["thread_id"] for row in table if row["status"] == "success"]
    assert ended.count(firing.thread_id) == 1

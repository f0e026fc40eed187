"""A batch whose rows are still being written, or never were: nothing is lost, and nothing is called deleted that was not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.errors import LgError
from lg_magics.follow.batch import Batch
from lg_magics.session import Session

from .batches import begun, orders, plan_of, runs_of, threads_of, until, written

REST = "lg_rest"
BOTH = ["workbench", "agent"]


def test_a_kernel_that_dies_while_it_writes_loses_no_row(session: Session, sdk: SyncLangGraphClient) -> None:
    frame = pd.DataFrame({"city": ["Paris", None, "Rome", "Oslo"], "n": range(4)}, index=list("abcd"))
    plan = plan_of(frame, source="weather in {city}", assistants={name: name for name in BOTH})
    for place in (0, 5):  # one assistant's thread is there and the other's is not; of some rows there is none
        written(session, plan, place)
    again = begun(session, attach=plan.id).wait(180)
    assert [entry.status for entry in again.entries] == ["success", "success", "error", "error", *["success"] * 4]
    assert again.entries[2].error == "Not sent: the cell of 'city' is empty."
    assert list(again.df.index) == list("aabbccdd")
    pd.testing.assert_frame_equal(again.df[["city", "n"]].iloc[::2], frame)
    assert sorted(map(len, runs_of(sdk, again))) == [0] * 2 + [1] * 6
    assert "6 had not started and are launched now" in again.notes[0]


def half_written(session: Session) -> Batch:
    made = begun(session, {"n": list(range(60))}, "{n}", assistant=BOTH, concurrency=30)
    until(lambda: made.view.prepared >= 30)
    return made


def test_another_may_go_on_with_it_while_it_is_written(session: Session, other: Session) -> None:
    made = half_written(session)
    beside = begun(other, attach=made.id)
    assert beside.wait(180).counts == made.wait(180).counts == {"success": 120}
    assert [entry.thread_id for entry in beside.entries] == [entry.thread_id for entry in made.entries]


def test_what_was_cancelled_while_it_was_written_has_not_started(session: Session, other: Session) -> None:
    made = half_written(session).cancel().wait(120)
    assert made.counts["not started"]
    again = begun(other, attach=made.id).wait(120)
    assert (again.status, again.counts) == ("cancelled", made.counts)
    assert again.retry("not started", "cancelled").wait(180).counts == {"success": 120}
    assert begun(session, attach=made.id).wait(180).entries == again.entries


def test_when_all_is_written_no_thread_holds_another_row(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({}, {}, {})).wait(120)
    for row in threads_of(sdk, made):
        assert not row["metadata"].get(REST)
    assert REST in str(threads_of(sdk, made))


def test_a_row_that_never_started_and_one_that_was_deleted_are_told_apart(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, {"n": [1, 2]}, "{n}", assistant=BOTH).wait(180)
    sdk.threads.delete(made.entries[1].thread_id)
    again = begun(other, attach=made.id).wait(120)
    assert [entry.status for entry in again.entries] == ["success", "deleted", "success", "success"]
    assert again.entries[1].error == "Nothing of this row is on the deployment."
    assert again.retry().wait(120).counts == {"success": 4}
    for entry in made.entries[:2]:
        sdk.threads.delete(entry.thread_id)
    third = begun(other, attach=made.id).wait(120)
    assert [entry.status for entry in third.entries] == ["deleted", "deleted", "success", "success"]
    assert third.can_retry == 0


def test_rows_that_are_too_large_for_one_request_are_held_by_several_threads(session: Session, other: Session) -> None:
    plan = plan_of(orders(*[{"x": "y" * 50_000}] * 9))
    holders = list(plan.rests)
    assert holders[0] == 0
    assert 2 <= len(holders) < 9
    for row in holders[1:]:
        written(session, plan, row)
    with pytest.raises(LgError, match=r"not wholly written: .* of its 9 rows are not there, and nothing was launched"):
        begun(other, attach=plan.id)
    written(session, plan, 0)
    again = begun(other, attach=plan.id)
    assert again.wait(180).counts == {"success": 9}
    assert again.plan.inputs == plan.inputs
    assert not any(row["metadata"].get(REST) for row in threads_of(other.connection.sync, again))


@pytest.mark.parametrize("text", ["[", "7", "[[1]]", "null", '[["{}", "{}", "", null, 1]]', '["abcd"]'])
def test_what_holds_nothing_that_can_be_read_is_no_row(session: Session, sdk: SyncLangGraphClient, text: Any) -> None:
    plan = plan_of(orders({}, {}))
    sdk.threads.update(written(session, plan, 0), metadata={REST: text})
    with pytest.raises(LgError, match="not wholly written: 1 of its 2 rows"):
        begun(session, attach=plan.id)

"""A batch whose rows are still being written, or never were: nothing is lost, and nothing is called deleted that was not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.errors import LgError
from lg_magics.follow.batch import Batch
from lg_magics.model.batch_written import parts_of
from lg_magics.session import Session

from .batches import begun, orders, plan_of, until, written

BOTH = ["workbench", "agent"]


def half_written(session: Session) -> Batch:
    """A batch whose plan is just being written."""
    made = begun(session, {"n": list(range(60))}, "{n}", assistant=BOTH, concurrency=30)
    until(lambda: made.view.prepared >= 30)
    return made


def test_another_may_go_on_with_it_from_the_beginning(session: Session, other: Session) -> None:
    made = half_written(session)
    beside = begun(other, attach=made.id)
    assert beside.wait(180).counts == made.wait(180).counts == {"success": 120}
    assert [entry.thread_id for entry in beside.entries] == [entry.thread_id for entry in made.entries]


def test_rows_that_never_started_come_back_as_they_were(session: Session) -> None:
    frame = pd.DataFrame({"city": ["Paris", None, "Rome", "Oslo"], "n": range(4)}, index=list("abcd"))
    plan = plan_of(frame, source="weather in {city}", assistants={name: name for name in BOTH})
    written(session, plan)
    again = begun(session, attach=plan.id).wait(180)
    assert [entry.status for entry in again.entries] == ["success", "success", "error", "error", *["success"] * 4]
    assert again.entries[2].error == "Not sent: the cell of 'city' is empty."
    assert list(again.df.index) == list("aabbccdd")
    pd.testing.assert_frame_equal(again.df[["city", "n"]].iloc[::2], frame)
    assert "6 had not started and are launched now" in again.notes[0]


def test_what_was_cancelled_while_it_was_written_has_not_started(session: Session, other: Session) -> None:
    made = half_written(session).cancel().wait(120)
    assert made.counts["not started"]
    again = begun(other, attach=made.id).wait(120)
    assert (again.status, again.counts) == ("cancelled", made.counts)
    assert again.retry("not started", "cancelled").wait(180).counts == {"success": 120}
    assert begun(session, attach=made.id).wait(180).entries == again.entries


def test_a_row_that_never_started_and_one_that_was_deleted_are_distinguished(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, {"n": [1, 2]}, "{n}", assistant=BOTH).wait(180)
    sdk.threads.delete(made.entries[1].thread_id)
    again = begun(other, attach=made.id).wait(120)
    assert [entry.status for entry in again.entries] == ["success", "deleted", "success", "success"]
    assert again.entries[1].error == "Nothing of this row is on the deployment."
    assert again.retry().wait(120).counts == {"success": 4}


def test_rows_that_are_too_large_for_one_request_are_held_by_several_threads(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    plan = plan_of(orders(*[{"x": "y" * 50_000}] * 9))
    first, *others = parts_of(plan)
    assert len(others) in (1, 2, 3, 4)
    for part in others:  # the kernel died before the last of them, which is the first
        session.connection.threads.create(part.thread_id, metadata=part.metadata)
    with pytest.raises(LgError, match=r"only partly written, and none of its runs was launched"):
        begun(other, attach=plan.id)
    session.connection.threads.create(first.thread_id, metadata=first.metadata)
    sdk.threads.delete(others[-1].thread_id)
    again = begun(other, attach=plan.id)
    lost = len(others[-1].rows)
    assert again.wait(180).counts == {"success": 9 - lost, "deleted": lost}
    assert again.plan.inputs[: 9 - lost] == plan.inputs[: 9 - lost]


@pytest.mark.parametrize("text", ["[", "7", "[[1]]", "null", '[{"row": "0"}]', '["abcd"]'])
def test_what_holds_nothing_that_can_be_read_is_no_row(session: Session, sdk: SyncLangGraphClient, text: Any) -> None:
    plan = plan_of(orders({}, {}))
    written(session, plan)
    sdk.threads.update(parts_of(plan)[0].thread_id, metadata={"lg_rows": text})
    assert begun(session, attach=plan.id).wait(60).counts == {"deleted": 2}

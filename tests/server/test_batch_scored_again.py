"""Rows of a batch that are retried while others are scored, and scores that replace earlier ones, on the real server."""

from __future__ import annotations

import threading
from typing import Any

from lg_magics.session import Session

from .batches import begun, orders


class Held:
    """A scorer whose first call does not return before `goes_on`; the next ones return None."""

    def __init__(self) -> None:
        self.calls = 0
        self.begins, self.goes_on = threading.Event(), threading.Event()

    def judge(self, row: dict[str, Any]) -> int | None:
        self.calls += 1
        self.begins.set()
        self.goes_on.wait(60)
        return 1 if self.calls == 1 else None


def test_a_row_that_is_retried_while_another_is_scored_runs_again(session: Session, other: Session) -> None:
    made, held = begun(session, orders({}, {"fail_at": 1})).wait(60), Held()
    again = begun(other, attach=made.id, score=held.judge)
    assert held.begins.wait(60)
    again.retry()
    held.goes_on.set()
    assert again.wait(60).counts == {"success": 1, "error": 1}
    assert [entry.attempt for entry in again.entries] == [1, 2]
    assert list(again.df["judge"].fillna(0)) == [1, 0]


def test_a_score_of_a_run_that_is_retried_meanwhile_is_dropped(session: Session, other: Session) -> None:
    made, held = begun(session, orders({})).wait(60), Held()
    again = begun(other, attach=made.id, score=held.judge)
    assert held.begins.wait(60)
    again.retry("success")
    held.goes_on.set()
    assert again.wait(60).counts == {"success": 1}
    assert (held.calls, again.entries[0].attempt, again.entries[0].scores) == (2, 2, {})

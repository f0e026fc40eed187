"""The reads of a view that follow changes: many changes are one read more, and an older result never replaces a newer one."""

from __future__ import annotations

import threading

import pytest

from lg_magics.errors import LgError
from lg_magics.live.rereads import Rereads

SECONDS = 30


class Slow:
    """Reads that each wait for a permission; the result is the number of the read."""

    def __init__(self) -> None:
        self.began, self.go_on, self.ended = threading.Semaphore(0), threading.Semaphore(0), threading.Semaphore(0)
        self.count = 0
        self.taken: list[int] = []
        self.problem: LgError | None = None
        self.reads = Rereads(self.read, self.taken.append)

    def read(self) -> int:
        self.count += 1
        number = self.count
        self.began.release()
        assert self.go_on.acquire(timeout=SECONDS)
        if self.problem:
            raise self.problem
        return number

    def soon(self) -> None:
        self.reads.soon(self.ended.release)


def test_many_changes_during_a_read_cause_one_more() -> None:
    slow = Slow()
    slow.soon()
    assert slow.began.acquire(timeout=SECONDS)
    for _ in range(200):
        slow.soon()
    slow.go_on.release(2)
    for _ in range(2):
        assert slow.ended.acquire(timeout=SECONDS)
    assert slow.taken == [1, 2]
    slow.go_on.release()
    slow.soon()
    assert slow.ended.acquire(timeout=SECONDS)
    assert slow.taken == [1, 2, 3]


def test_an_older_result_does_not_replace_a_newer_one() -> None:
    slow = Slow()
    slow.soon()
    assert slow.began.acquire(timeout=SECONDS)
    newer = threading.Thread(target=lambda: slow.reads.after("Saved."))
    newer.start()
    assert slow.began.acquire(timeout=SECONDS)
    slow.go_on.release(2)
    newer.join(SECONDS)
    assert slow.ended.acquire(timeout=SECONDS)
    assert slow.taken[-1] == 2


def test_a_failed_read_is_a_sentence_until_one_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow()
    slow.problem = LgError("It is gone.", hint="Try again.")
    slow.go_on.release(4)
    slow.soon()
    assert slow.ended.acquire(timeout=SECONDS)
    assert (slow.reads.failure, slow.taken, caplog.text) == ("It is gone. Try again.", [], "")
    assert slow.reads.after("Saved.") == "Saved. The rows cannot be read again: It is gone."
    slow.problem = None
    assert slow.reads.after("Saved.") == "Saved."
    assert (slow.reads.failure, slow.taken) == ("", [3])

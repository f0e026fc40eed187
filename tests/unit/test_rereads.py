"""The reads of a view that follow changes: many changes are one read more, and an older result never replaces a newer one."""

from __future__ import annotations

import threading

import pytest

from lg_magics.errors import LgError
from lg_magics.live.rereads import Rereads

SECONDS = 30


class Slow:
    """Reads that each wait at a gate; the result is the number of the read."""

    def __init__(self) -> None:
        self.began, self.ended = threading.Semaphore(0), threading.Semaphore(0)
        self.gates = [threading.Event() for _ in range(9)]
        self.count = 0
        self.taken: list[int] = []
        self.problem: LgError | None = None
        self.reads = Rereads(self.read, self.taken.append)

    def read(self) -> int:
        self.count += 1
        number = self.count
        self.began.release()
        assert self.gates[number].wait(SECONDS)
        if self.problem:
            raise self.problem
        return number

    def open(self, *numbers: int) -> None:
        for number in numbers:
            self.gates[number].set()

    def soon(self) -> None:
        self.reads.soon(self.ended.release)


def test_many_changes_during_a_read_cause_one_more() -> None:
    slow = Slow()
    slow.soon()
    assert slow.began.acquire(timeout=SECONDS)
    for _ in range(200):
        slow.soon()
    slow.open(1, 2)
    for _ in range(2):
        assert slow.ended.acquire(timeout=SECONDS)
    assert slow.taken == [1, 2]
    slow.open(3)
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
    slow.open(2)
    newer.join(SECONDS)
    slow.open(1)
    assert slow.ended.acquire(timeout=SECONDS)
    assert slow.taken == [2]


def test_a_failed_read_is_a_sentence_until_one_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow()
    slow.problem = LgError("It is gone.", hint="Try again.")
    slow.open(1, 2, 3)
    slow.soon()
    assert slow.ended.acquire(timeout=SECONDS)
    assert (slow.reads.failure, slow.taken, caplog.text) == ("It is gone. Try again.", [], "")
    assert slow.reads.after("Saved.") == "Saved. The rows cannot be read again: It is gone."
    slow.problem = None
    assert slow.reads.after("Saved.") == "Saved."
    assert (slow.reads.failure, slow.taken) == ("", [3])

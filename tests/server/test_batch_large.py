"""A batch of a thousand rows is read back with few requests, and scored without holding its values."""

from __future__ import annotations

import pytest

from lg_magics.session import Session

from .batches import begun
from .listening import requests_of


@pytest.mark.slow
def test_an_ended_batch_of_a_thousand_rows_is_read_with_few_requests(session: Session, other: Session) -> None:
    frame = [{"order": {"steps": 1, "grow": 100}, "n": n, "question": f"What about {n}? " * 5} for n in range(1000)]
    made = begun(session, frame, concurrency=64).wait(600)
    assert made.counts == {"success": 1000}
    asked = requests_of(other, is_sync=True)
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries
    assert sum(asked.values()) <= 20, asked
    asked.clear()
    again.score({"n": lambda outputs, row: row["n"]})
    assert sum(asked.values()) <= 20, asked
    assert list(again.df["n"]) == list(range(1000))
    assert list(again.df["lg_n"]) == list(range(1000))

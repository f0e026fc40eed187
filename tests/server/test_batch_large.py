"""Large batches: read back with few requests, scored without holding their values, searched and compared whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lg_magics.commands.batch import compare
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


@pytest.mark.slow
def test_ten_thousand_rows_of_which_300_can_be_sent_are_read_back_searched_and_compared(
    session: Session, other: Session, tmp_path: Path
) -> None:
    orders = [{"steps": 1} if n % 33 == 0 else None for n in range(10_000)]
    frame = [{"order": order, "n": n, "question": f"What about {n}?"} for n, order in enumerate(orders)]
    sent = sum(order is not None for order in orders)
    made = begun(session, frame, concurrency=64, score={"even": even}).wait(1200)
    assert made.counts == {"success": sent, "error": 10_000 - sent}
    asked = requests_of(other, is_sync=True)
    again = begun(other, attach=made.id).wait(600)
    assert again.entries == tuple(replace(each, scores={}) for each in made.entries)
    assert sum(asked.values()) <= 40, asked
    again.score({"even": even})
    (row,) = again.summary
    assert (row["n"], row["errors"]) == (sent, 0)
    assert [row.place for row in made.rows_at(range(10_000)) if row.label == '{"steps": 1}'][:3] == [0, 33, 66]
    found = compare(other, str(made.save(tmp_path / "base.jsonl")), again, fail_below=0)
    assert {each.name: each.same for each in found.comparison.measures} == {"even": sent, "success": 10_000}


def even(row: dict[str, int]) -> bool:
    return row["n"] % 2 == 0

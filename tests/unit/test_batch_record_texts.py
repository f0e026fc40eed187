"""How the runs of a batch ended, as texts that the deployment holds."""

from __future__ import annotations

import json
from dataclasses import replace

from lg_magics.model.batch import Entry
from lg_magics.model.batch_written import RECORDED, Record, Records, records_from_parts

ENTRY = Entry(3, "agent", 2, 1, "t-1", "r-1", "error", error="ValueError: no", seconds=1.5, ended_at="2026-01-01")


def texts_of(records: Records) -> dict[str, str]:
    """All changed texts, as a part holds them."""
    return {f"lg_ended_a_{number}": records.text(number) for number in records.changed}


def test_records_come_back_and_what_cannot_be_read_is_left_out() -> None:
    records = Records()
    records.note(ENTRY)
    (text,) = texts_of(records).values()
    found = records_from_parts([{"lg_ended_a": text, "lg_ended_b": "{", "other": text}, {"lg_ended_c": None}])
    assert found == {(3, "agent", 2, 1): Record("t-1", "r-1", "error", "ValueError: no", 1.5, "2026-01-01")}
    assert records_from_parts([{"lg_ended_a": text.replace("error", "odd")}]) == {}


def test_a_long_error_is_cut_and_a_row_that_was_refused_has_no_run() -> None:
    records = Records()
    records.note(replace(ENTRY, row=4, error="x" * 3000))
    records.note(Entry(5, "agent", status="error", error="refused"))
    records.note(replace(ENTRY, row=6, status="unknown", ended_at=""))  # its run is read again
    found = records_from_parts([texts_of(records)])
    assert [(key[0], record.error, record.run_id) for key, record in found.items()] == [
        (4, "x" * 2000 + "…", "r-1"),
        (5, "refused", ""),
    ]


def test_a_change_rewrites_one_text_of_many() -> None:
    records = Records()
    rows = [replace(ENTRY, row=row, error="é" * 500) for row in range(300)]
    for entry in rows:
        records.note(entry)
    texts = texts_of(records)
    assert len(texts) > 3
    assert max(len(text.encode()) for text in texts.values()) < 1.1 * RECORDED
    assert len(records_from_parts([texts])) == 300
    records.changed.clear()
    records.note(replace(rows[7], error=""))
    records.note(replace(rows[8], status="not started", ended_at=""))  # it is to run again
    assert records.changed == {0}
    kept = {row[0] for row in json.loads(records.text(0))}
    assert 7 in kept
    assert 8 not in kept

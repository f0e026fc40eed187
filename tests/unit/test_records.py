"""What a server says is checked: only the id must be there, what is missing is unknown, and another shape is named."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import (
    AssistantRecord,
    CronRecord,
    RunRecord,
    ServerRecord,
    StateRecord,
    ThreadRecord,
    UnexpectedShape,
    described,
    mapping_from,
    records_of,
)
from lg_magics.model.thread_query import ThreadQuery

KINDS: dict[type[ServerRecord], dict[str, Any]] = {
    RunRecord: {"run_id": "r"},
    ThreadRecord: {"thread_id": "t"},
    AssistantRecord: {"assistant_id": "a"},
    CronRecord: {"cron_id": "c"},
    StateRecord: {"values": {}},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = (
    *("metadata", "status", "assistant_id", "thread_id", "created_at", "updated_at", "graph_id", "kwargs", "extracted"),
    *("name", "version", "checkpoint", "checkpoint_id", "next", "tasks", "values", "run_id", "cron_id"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_a_mapping_with_attributes(kind: type[ServerRecord]) -> None:
    fields = {**KINDS[kind], "metadata": {"graph_id": "agent"}, "odd": 1}
    record = kind(fields)
    assert dict(record) == fields
    assert record["odd"] == record.get("odd") == 1
    assert record.graph_id == "agent"
    assert ("odd" in record, "even" in record) == (True, False)
    assert pickle.loads(pickle.dumps(record)) == record


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", [None, [], {}, [{}], {"detail": "wait"}, "ok", 3, True])
def test_another_shape_is_no_record(kind: type[ServerRecord], other: object) -> None:
    with pytest.raises(UnexpectedShape, match="in place of"):
        kind(other)
    if not isinstance(other, list) or other:
        with pytest.raises(UnexpectedShape):
            records_of(kind, other)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_field_of_another_type_breaks_a_record(fields: dict[str, Any]) -> None:
    for kind, needed in KINDS.items():
        record = kind({**fields, **needed})
        names = [name for name in dir(kind) if isinstance(getattr(kind, name), property)]
        assert len(names) > 5
        for name in names:
            getattr(record, name)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (None, "nothing"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty object"),
        ({"a": 1}, "an object without run_id"),
        ({"detail": "please  wait"}, "an object that says “please wait”"),
        ("x", "a text"),
        (3, "a number"),
    ],
)
def test_what_came_is_said_in_words(payload: object, words: str) -> None:
    assert described(payload, "run_id") == words


def test_a_long_explanation_is_cut() -> None:
    assert len(described({"detail": "x" * 10_000})) < 300


def test_an_object_needs_one_of_the_fields() -> None:
    assert mapping_from({"nodes": []}, "nodes", "edges") == {"nodes": []}
    assert mapping_from({}) == {}
    with pytest.raises(UnexpectedShape, match="an object with nodes"):
        mapping_from({}, "nodes", "edges")


def test_a_time_without_a_zone_is_in_utc_everywhere() -> None:
    row = ThreadRecord({"thread_id": "t", "updated_at": "2026-11-30T10:00:00"})
    assert ThreadQuery(since=datetime(2026, 11, 30, 10, tzinfo=UTC)).fits(row)
    assert not ThreadQuery(since=datetime(2026, 11, 30, 11, tzinfo=UTC)).fits(row)
    assert seconds_from_iso(row.updated_at) == seconds_from_iso("2026-11-30T10:00:00Z")

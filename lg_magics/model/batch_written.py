"""How a batch is stored on the deployment, and read back by any kernel. Pure.

- Its plan is written first, on separate threads (*parts*) on which nothing runs: the settings and, as JSON text, each row's
  cells and input. A part holds about 250 kB. The first part is written last, so if it exists, all of them do.
- The thread of a row is created when the row is launched. It carries only the tags for finding it: the server copies a
  thread's metadata onto its runs and checkpoints (langgraph-api 0.16).
- Results are written on the parts as rows end (*records*), so that reading an ended batch takes few requests.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lg_magics.model.batch import STATUSES, Entry, EntryStatus
from lg_magics.model.batch_plan import LOST, NAMESPACE, BatchPlan
from lg_magics.model.batch_rows import Rows, json_of, json_of_cells
from lg_magics.model.secrets import without_secrets

__all__ = [
    "CANCELLED",
    "ENDED",
    "PART",
    "PLAN",
    "Part",
    "Record",
    "Records",
    "parts_of",
    "plan_from_parts",
    "record_key",
    "records_from_parts",
]

T = TypeVar("T")
PLAN, PART, SETTINGS, ROWS, TITLE = "lg_batch_plan", "lg_batch_part", "lg_settings", "lg_rows", "title"
CANCELLED, ENDED = "lg_cancelled", "lg_ended_"
HELD = 250_000
"""The maximum bytes of rows in one part: a strict proxy accepts a megabyte."""
RECORDED = 60_000
"""The maximum bytes of results in one text."""
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a plan: the id of its thread, its metadata, and its rows."""

    thread_id: str
    metadata: Mapping[str, Any]
    rows: range


def parts_of(plan: BatchPlan) -> list[Part]:
    """Return the parts of a plan, the first one first. It must be written last."""
    ranges = list(_ranges(plan))
    return [_part(plan, number, rows, len(ranges)) for number, rows in enumerate(ranges)]


def _part(plan: BatchPlan, number: int, rows: range, parts: int) -> Part:
    metadata = {
        PLAN: plan.id,
        PART: number,
        TITLE: f"batch {plan.id}" if parts == 1 else f"batch {plan.id}, part {number + 1} of {parts}",
        ROWS: f"[{', '.join(_row_text(plan, row) for row in rows)}]",
        **({} if number else {SETTINGS: _settings(plan, parts)}),
    }
    return Part(str(uuid.uuid5(NAMESPACE, f"{plan.id}/plan/{number}")), metadata, rows)


def _ranges(plan: BatchPlan) -> Iterator[range]:
    """Yield the rows of each part."""
    first = size = 0
    for row in range(len(plan.rows)):
        length = len(_row_text(plan, row).encode())
        if row > first and size + length > HELD:
            yield range(first, row)
            first, size = row, 0
        size += length
    yield range(first, len(plan.rows))


def _row_text(plan: BatchPlan, row: int) -> str:
    written: dict[str, Any] = {"row": row, "cells": json_of_cells(plan.rows.row(row)), "input": plan.inputs[row]}
    if row < len(plan.own) and plan.own[row]:
        written["own"] = plan.own[row]
    if plan.problems[row]:
        written["problem"] = plan.problems[row]
    if plan.rows.labels is not None:
        written["label"] = plan.rows.labels[row]
    return json_of(written)


def _settings(plan: BatchPlan, parts: int) -> str:
    rows = plan.rows
    settings = {
        "rows": len(rows),
        "parts": parts,
        "columns": rows.columns,
        "dtypes": rows.dtypes,
        "input": plan.source,
        "assistants": dict(plan.assistants),
        "versions": plan.versions,
        "repeat": plan.repeat,
        "reference": plan.reference,
        "concurrency": plan.concurrency,
        "per_minute": plan.per_minute,
        "max_tokens": plan.max_tokens,
        **without_secrets({"config": plan.config, "context": plan.context, "metadata": plan.metadata}),
    }
    if plan.keys:
        settings["keys"] = plan.keys
    if rows.names:
        settings["names"] = rows.names
    if rows.labels is not None:
        settings["label_names"] = rows.label_names
    return json_of(settings)


# -- back from the deployment -----------------------------------------------------------------------------------


def plan_from_parts(batch_id: str, parts: Sequence[Mapping[str, Any]]) -> BatchPlan | None:
    """Read a plan from the metadata of its parts; None if the first one is missing, or cannot be read.

    A row that is in no part (its part was deleted) has empty cells, and a problem that reports it.
    """
    texts = [each[SETTINGS] for each in parts if each.get(SETTINGS)]
    settings: dict[str, Any] = _value(texts[0], dict) if texts else {}
    if not settings:
        return None
    written = {row["row"]: row for each in parts for row in _rows(each)}
    places = range(_count(settings.get("rows"), 0))
    found: list[Mapping[str, Any] | None] = [written.get(place) for place in places]
    own = [json_of(_value(row.get("own"), dict)) if row and row.get("own") else "" for row in found]
    return BatchPlan(
        id=batch_id,
        rows=_frame(settings, found),
        source=str(settings.get("input") or ""),
        assistants={str(name): str(sent) for name, sent in _mapping(settings.get("assistants")).items()},
        inputs=[str(row.get("input") or "") if row else "" for row in found],
        own=own if any(own) else (),
        problems=[str(row.get("problem") or "") if row else LOST for row in found],
        config=_mapping(settings.get("config")),
        context=_mapping(settings.get("context")),
        metadata=_mapping(settings.get("metadata")),
        versions={str(name): _version(each) for name, each in _mapping(settings.get("versions")).items()},
        repeat=_count(settings.get("repeat"), 1),
        reference=str(settings.get("reference") or ""),
        concurrency=_count(settings.get("concurrency"), 10),
        per_minute=_count(settings.get("per_minute"), None),
        max_tokens=_count(settings.get("max_tokens"), None),
        keys={str(name): str(key) for name, key in _mapping(settings.get("keys")).items()},
    )


def _rows(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in _value(part.get(ROWS), list):
        if isinstance(row, dict) and isinstance(row.get("row"), int):
            yield row


def _frame(settings: Mapping[str, Any], found: Sequence[Mapping[str, Any] | None]) -> Rows:
    columns = tuple(map(str, settings.get("columns") or ()))
    cells = [_value(row.get("cells"), dict) if row else {} for row in found]
    return Rows(
        columns,
        tuple(tuple(row.get(name) for name in columns) for row in cells),
        tuple(dtype if isinstance(dtype, dict) else str(dtype) for dtype in settings.get("dtypes") or ()),
        tuple(row.get("label") if row else None for row in found) if "label_names" in settings else None,
        tuple(settings.get("label_names") or ()),
        tuple(tuple(name) if isinstance(name, list) else name for name in settings.get("names") or ()),
    )


# -- records ----------------------------------------------------------------------------------------------------

Key = tuple[int, str, int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """The stored result of one run of a batch.

    Attributes:
        thread_id, run_id: the run's ids; "" if the row was refused.
        status, error, seconds: its result.
        at: when the server last changed the run, in the server's format. While its thread has the same time, the record is
            current.
    """

    thread_id: str
    run_id: str
    status: EntryStatus
    error: str
    seconds: float | None
    at: str


def record_key(entry: Entry) -> Key:
    """Return the key of an entry's record."""
    return entry.row, entry.assistant, entry.repeat, entry.attempt


def _record(entry: Entry) -> str:
    """Return an entry's result as JSON text. A long error is cut."""
    error = entry.error if len(entry.error) <= LONGEST_ERROR else f"{entry.error[:LONGEST_ERROR]}…"
    ids = entry.thread_id, entry.run_id
    return json_of([*record_key(entry), *ids, entry.status, error, entry.seconds, entry.ended_at])


class Records:
    """How the runs of one part ended, as several texts of about RECORDED bytes, so that a change rewrites one of them only.

    Attributes:
        changed: the numbers of the texts that are to be written.
    """

    def __init__(self) -> None:
        self.changed: set[int] = set()
        self._texts: list[dict[Key, str]] = []
        self._bytes = 0  # of the last text
        self._number: dict[Key, int] = {}

    def note(self, entry: Entry) -> None:
        """Record how a run ended, or that it has not.

        A run whose end is not known is not recorded: its own row is read again. A row that was refused has no run.
        """
        key, is_refused = record_key(entry), entry.status == "error" and not entry.run_id
        if entry.has_ended and (entry.ended_at or is_refused):
            record = _record(entry)
            self._texts[self._number_of(key, record)][key] = record
            self.changed.add(self._number[key])
        elif key in self._number:
            del self._texts[number := self._number.pop(key)][key]
            self.changed.add(number)

    def _number_of(self, key: Key, record: str) -> int:
        if key not in self._number:
            size = len(record.encode())
            if not self._texts or self._bytes + size > RECORDED:
                self._texts.append({})
                self._bytes = 0
            self._bytes += size
            self._number[key] = len(self._texts) - 1
        return self._number[key]

    def text(self, number: int) -> str:
        """Return a text as it is to be written."""
        return f"[{', '.join(self._texts[number].values())}]"


def records_from_parts(parts: Iterable[Mapping[str, Any]]) -> dict[Key, Record]:
    """Read the records of the parts; unreadable ones are left out."""
    texts = [text for each in parts for name, text in each.items() if name.startswith(ENDED)]
    return dict(_records(texts))


def _records(texts: Iterable[object]) -> Iterator[tuple[Key, Record]]:
    for row in (row for text in texts for row in _value(text, list)):
        if not isinstance(row, list) or len(row) != len(KINDS):
            continue
        if all(isinstance(value, kind) for value, kind in zip(row, KINDS, strict=True)) and row[6] in STATUSES:
            yield (row[0], row[1], row[2], row[3]), Record(row[4], row[5], row[6], row[7], row[8], row[9])


KINDS: tuple[Any, ...] = (int, str, int, int, str, str, str, str, (int, float, type(None)), str)


def _value(text: object, kind: type[T]) -> T:
    """Return the value of a JSON text if it has this type; else an empty one."""
    try:
        value = json.loads(str(text or "null"))
    except (ValueError, RecursionError):
        return kind()
    return value if isinstance(value, kind) else kind()


def _version(value: object) -> tuple[str, int]:
    is_one = isinstance(value, list) and len(value) == 2 and isinstance(value[1], int)
    return (str(value[0]), value[1]) if is_one and isinstance(value, list) else ("", 0)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object, otherwise: T) -> int | T:
    return value if isinstance(value, int) and value > 0 else otherwise

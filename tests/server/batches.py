"""Batches of the workbench and the agent, and what the server holds of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands.batch import batch
from lg_magics.follow.batch import Batch
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.follow.batch_parts import BatchParts
from lg_magics.model.batch_plan import BatchPlan, plan_for
from lg_magics.model.batch_rows import source_from
from lg_magics.session import Session
from lg_magics.tables.batch import rows_from_frame

from .coming import until

__all__ = [
    "begun",
    "claimed",
    "count_threads",
    "most_at_a_time",
    "orders",
    "plan_of",
    "runs_of",
    "threads_of",
    "until",
    "written",
]


def orders(*values: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows whose column `order` is the workbench's whole input."""
    return [{"order": {"steps": 1, **value}, "n": n} for n, value in enumerate(values)]


def begun(session: Session, frame: object = None, source: str | None = "order", **options: Any) -> Batch:
    """A batch of the workbench, unless another assistant is named."""
    if frame is not None:
        options = {"assistant": "workbench", "input": source, **options}
    found = batch(session, frame, **options)
    assert isinstance(found, Batch)
    return found


def plan_of(frame: object, **what: Any) -> BatchPlan:
    """The plan of a batch that nobody begins."""
    rows = rows_from_frame(frame)
    made = {"id": f"test-{time.time_ns()}", "source": "order", "assistants": {"workbench": "workbench"}, **what}
    return plan_for(rows, source_from(made["source"], rows.columns), **made)


def written(session: Session, plan: BatchPlan) -> None:
    """Write a plan, as the batch does."""
    parts = BatchParts(session.connection, plan, BatchPace(session.connection, None, lambda: None), are_written=False)
    session.loop.wait(parts.write(lambda rows: None), 20)


def claimed(session: Session, plan: BatchPlan, place: int) -> str:
    """Create one entry's thread, as a kernel does that then launches its run; the thread's id."""
    entry = plan.entries()[place]
    thread_id = plan.thread_id(entry)
    tags = {**plan.tags(entry), "lg_claim": "another kernel"}
    session.connection.threads.create(thread_id, metadata=tags)
    return thread_id


def threads_of(sdk: SyncLangGraphClient, made: Batch) -> list[dict[str, Any]]:
    """The server's rows of a batch's threads."""
    return [dict(row) for row in sdk.threads.search(metadata={"lg_batch": made.id}, limit=1000)]


def runs_of(sdk: SyncLangGraphClient, made: Batch) -> list[list[dict[str, Any]]]:
    """For each thread of a batch the server's rows of its runs."""
    return [[dict(run) for run in sdk.runs.list(row["thread_id"], limit=100)] for row in threads_of(sdk, made)]


def count_threads(sdk: SyncLangGraphClient) -> int:
    """How many threads there are on the server."""
    return sdk.threads.count()


def most_at_a_time(runs: Sequence[dict[str, Any]]) -> int:
    """How many of these runs were live at once, by the server's clock."""
    moments = [(datetime.fromisoformat(str(run[name])), step) for run in runs for name, step in SPAN]
    live = most = 0
    for _, step in sorted(moments):
        live += step
        most = max(most, live)
    return most


SPAN = (("created_at", 1), ("updated_at", -1))

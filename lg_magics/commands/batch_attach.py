"""A batch is begun, or gone on with from what its threads say. Knows the session; follows nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lg_magics.errors import CommandError, LgError, NotFound
from lg_magics.follow.batch import Batch
from lg_magics.follow.batch_score import Score
from lg_magics.model.batch import LIVE, NOT_STARTED, Entry
from lg_magics.model.batch_plan import BATCH, CANCELLED, LOST, ROW, BatchPlan, entry_from_metadata, plan_from_metadata
from lg_magics.model.records import ThreadRecord
from lg_magics.server.deployment import headers_from
from lg_magics.session import Session
from lg_magics.tables.batch import renamed_columns

__all__ = ["attached_batch", "begun"]


def begun(session: Session, plan: BatchPlan, headers: Mapping[str, str], score: Score | None) -> Batch:
    """A new batch, begun in the background and remembered."""
    batch = _batch(session, plan, plan.entries(), headers, score=score)
    if plan.stateless:
        batch.notes = (*batch.notes, "stateless: it cannot be attached to when this kernel is gone")
    batch.start()
    return batch


def _batch(
    session: Session, plan: BatchPlan, entries: Sequence[Entry], headers: Mapping[str, str], **what: Any
) -> Batch:
    batch = Batch(
        plan,
        session.connection,
        session.loop,
        entries=entries,
        headers=headers,
        number_of_thread=lambda thread_id: session.tracker.thread(thread_id).number,
        **what,
    )
    renamed = renamed_columns(plan.rows.columns)
    batch.notes = tuple(f"the frame has a column {name}: the batch's own is {other}" for name, other in renamed.items())
    session.tracker.add_batch(batch)
    session.remember_words("batch", [each.id for each in reversed(session.tracker.batches())])
    return batch


def attached_batch(
    session: Session,
    batch_id: str,
    *,
    config: Mapping[str, object] | None = None,
    configurable: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    score: Score | None = None,
    concurrency: int | None = None,
    max_tokens: int | None = None,
) -> Batch:
    """Go on with a batch of the deployment: what ended is read, what is live followed, what never started launched.

    Raises:
        NotFound: the deployment has no such batch.
        LgError: it was stateless, or a value that its runs take was not written and is not given.
    """
    if met := next((each for each in session.tracker.batches() if each.id == batch_id and not each.is_settled), None):
        if config or configurable or context or metadata or header or score or concurrency or max_tokens:
            raise CommandError(
                f"The batch {batch_id} is followed here already, with the options that it was begun with.",
                hint=f"%lg_batch --attach {batch_id} shows it; with other options only when it has ended.",
            )
        return met
    defaults = session.selection.defaults
    headers = {**defaults.headers, **headers_from(header)}
    plan, threads = _read(session, batch_id)
    plan = plan.filled_from(defaults.configurable, defaults.context, defaults.metadata)
    plan = plan.with_values(config or {}, configurable or {}, context or {}, metadata or {})
    plan = replace(plan, concurrency=concurrency or plan.concurrency, max_tokens=max_tokens or plan.max_tokens)
    is_cancelled = any((row.get("metadata") or {}).get(CANCELLED) for row in threads)
    entries = _entries(plan, threads)
    if plan.unknown_values and not is_cancelled and any(entry.status == NOT_STARTED for entry in entries):
        raise plan.values_missing()
    batch = _batch(session, plan, entries, headers, score=score, is_cancelled=is_cancelled)
    batch.notes = (_what_was_found(entries, threads, is_cancelled), *batch.notes)
    batch.start()
    return batch


def _read(session: Session, batch_id: str) -> tuple[BatchPlan, list[ThreadRecord]]:
    """A batch's plan and its threads. Where rows are missing it is read twice: they may have been written meanwhile."""
    plan, threads = _read_once(session, batch_id)
    if LOST in plan.problems:
        plan, threads = _read_once(session, batch_id)
    if plan.rests and (lost := plan.problems.count(LOST)):
        raise LgError(
            f"The batch {batch_id} is not wholly written: {lost:,} of its {len(plan.rows):,} rows are not there, and "
            "nothing was launched. Its kernel is at it just now, or was stopped.",
            hint=f"%lg_batch --attach {batch_id} again in a moment; if that does not help, begin it anew from its frame.",
        )
    return plan, threads


def _read_once(session: Session, batch_id: str) -> tuple[BatchPlan, list[ThreadRecord]]:
    threads = list(session.connection.batches.threads({BATCH: batch_id}))
    plan = plan_from_metadata(batch_id, [row.metadata for row in threads])
    if plan is None:
        raise _no_plan(session, batch_id, bool(threads))
    return plan, threads


def _no_plan(session: Session, batch_id: str, is_there: bool) -> LgError:
    if is_there:
        return CommandError(
            f"The batch {batch_id} was stateless: its rows are not on the deployment, only what ran.",
            hint=f"%lg_threads --metadata {BATCH}={batch_id}",
        )
    newest = session.connection.batches.newest({ROW: 0}, BATCH)
    listed = f"The newest there: {', '.join(newest)}." if newest else "There is none at all."
    return NotFound(f"No batch '{batch_id}' on {session.connection.url}.", hint=listed)


def _entries(plan: BatchPlan, threads: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """An entry for each row and assistant, on the thread of its last attempt; one that may have run is to be looked at."""
    last: dict[tuple[int, str], Entry] = {}
    for row in threads:
        metadata = row.get("metadata") or {}
        entry = entry_from_metadata(row["thread_id"], metadata)
        if entry is None:
            continue
        known = last.get((entry.row, entry.assistant))
        if known is None or known.attempt < entry.attempt:
            has_run = "graph_id" in metadata  # the server writes it when a run is created
            last[entry.row, entry.assistant] = replace(entry, status=LIVE if has_run else NOT_STARTED)
    return [_as_found(plan, entry, last.get((entry.row, entry.assistant))) for entry in plan.entries()]


def _as_found(plan: BatchPlan, entry: Entry, found: Entry | None) -> Entry:
    """An entry by what its thread tells. One without a thread has not started as long as rows are still written."""
    if entry.has_ended:
        return replace(entry, thread_id=found.thread_id) if found else entry
    if found is None and not plan.rests:
        return replace(entry, status="deleted", error=LOST)
    return found or entry


def _what_was_found(entries: Sequence[Entry], threads: Sequence[Mapping[str, Any]], is_cancelled: bool) -> str:
    """What is said of a batch that was attached to."""
    busy = {row["thread_id"] for row in threads if row.get("status") == "busy"}
    counts = Counter(
        entry.status if entry.status != LIVE else "live" if entry.thread_id in busy else "ended" for entry in entries
    )
    said = [f"{counts['ended']} had ended", f"{counts['live']} were live"]
    if counts["error"]:
        said.append(f"{counts['error']} cannot be sent")
    if counts["deleted"]:
        said.append(f"{counts['deleted']} were deleted")
    if new := counts[NOT_STARTED]:
        what = (
            "and stay so, since it was cancelled: batch.retry('not started')"
            if is_cancelled
            else "and are launched now"
        )
        said.append(f"{new} had not started {what}")
    return f"attached: {', '.join(said)}"

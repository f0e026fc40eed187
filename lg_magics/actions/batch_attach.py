"""Starts a batch, or resumes one from its threads on the deployment. Depends on the session; follows nothing itself."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from lg_magics.actions.attached import run_by_ids
from lg_magics.actions.batch_plan import check_entries, refuse_mixed_versions
from lg_magics.errors import CommandError, LgError, NotFound
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.model.batch import LIVE, NOT_STARTED, Entry, output_of, tokens_of, tools_of
from lg_magics.model.batch_plan import BATCH, LOST, BatchPlan, entry_from_metadata
from lg_magics.model.batch_written import CANCELLED, PART, PLAN, Record, plan_from_parts, record_key, records_from_parts
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import ThreadRecord
from lg_magics.model.scores import Scorer, scorers_from
from lg_magics.model.template import checked_column
from lg_magics.resolve.assistant_versions import version_of
from lg_magics.server.connection import Connection
from lg_magics.server.deployment import headers_from, merged_headers
from lg_magics.session import Session
from lg_magics.tables.batch import renamed_columns

__all__ = ["attached_batch", "begun"]


def begun(session: Session, plan: BatchPlan, headers: Mapping[str, str], scorers: Sequence[Scorer]) -> Batch:
    """Start a new batch in the background, and remember it."""
    batch = _batch(session, plan, plan.entries(), headers, scorers=scorers)
    if plan.stateless:
        batch.notes = (*batch.notes, "stateless: it cannot be attached to when this kernel is gone")
    batch.start()
    return batch


def _batch(
    session: Session, plan: BatchPlan, entries: Sequence[Entry], headers: Mapping[str, str], **what: Any
) -> Batch:
    connection = session.connection
    batch = Batch(
        plan,
        connection,
        session.loop,
        entries=entries,
        headers=headers,
        number_of_thread=lambda thread_id: session.tracker.thread(thread_id).number,
        run_of=lambda entry: _run(session, connection, entry),
        check=lambda entries: _check(session, plan, connection, entries),
        **what,
    )
    renamed = renamed_columns(plan.rows.columns)
    batch.notes = tuple(f"the frame has a column {name}: the batch's own is {other}" for name, other in renamed.items())
    session.tracker.add_batch(batch)
    session.remember_words("batch", [each.id for each in reversed(session.tracker.batches())])
    return batch


def _check(session: Session, plan: BatchPlan, connection: Connection, entries: Sequence[Entry]) -> None:
    """Refuse to retry runs that the graph surely cannot take. Not checked if the session is on another deployment."""
    if session.is_on(connection):
        check_entries(session, plan, entries)


def _run(session: Session, connection: Connection, entry: Entry) -> Run:
    """The handle of a run of a batch on this connection."""
    found = run_by_ids(session, entry.thread_id, entry.run_id, connection)
    if found is None:
        raise NotFound(f"The run of row {entry.row} is not on {connection.url} any more.")
    return found


def attached_batch(
    session: Session,
    batch_id: str,
    *,
    config: Mapping[str, object] | None = None,
    configurable: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    score: object = None,
    reference: str | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    max_tokens: int | None = None,
    check: bool = True,
) -> Batch:
    """Resume a batch of the deployment: read the runs that ended, follow the live ones, launch those that never started.

    Raises:
        NotFound: the deployment has no such batch.
        LgError: it was stateless, or a value that its runs need was not kept and is not given.
        CommandError: the graph surely cannot take the inputs of the runs that have not started.
    """
    if known := next((each for each in session.tracker.batches() if each.id == batch_id and not each.is_settled), None):
        settings = (
            config,
            configurable,
            context,
            metadata,
            header,
            score,
            reference,
            concurrency,
            per_minute,
            max_tokens,
        )
        if any(settings):
            raise CommandError(
                f"The batch {batch_id} is followed here already, with the options of its start.",
                hint=f"%lg_batch --attach {batch_id} shows it; with other options only when it has ended.",
            )
        return known
    defaults = session.selection.defaults
    headers = merged_headers(defaults.headers, headers_from(header))
    plan, parts = _read(session, batch_id)
    plan = plan.filled_from(defaults.configurable, defaults.context, defaults.metadata)
    plan = plan.with_values(config or {}, configurable or {}, context or {}, metadata or {})
    versions = {name: version_of(session, *each) for name, each in plan.versions.items()}
    plan = replace(
        plan,
        assistants={**plan.assistants, **{name: each.sent for name, each in versions.items()}},
        concurrency=concurrency or plan.concurrency,
        per_minute=per_minute or plan.per_minute,
        max_tokens=max_tokens or plan.max_tokens,
        version_settings={name: each.settings for name, each in versions.items()},
    )
    checked_column(reference or "", plan.rows.columns)
    plan = replace(plan, reference=reference or plan.reference)
    scorers = scorers_from(score, has_reference=bool(plan.reference))
    is_cancelled = any(part.get(CANCELLED) for part in parts)
    entries, busy = _entries(session, plan, records_from_parts(parts))
    if plan.unknown_values and not is_cancelled and any(entry.status == NOT_STARTED for entry in entries):
        raise plan.values_missing()
    new = [] if is_cancelled else [entry for entry in entries if entry.status == NOT_STARTED]
    refuse_mixed_versions(plan, versions, new)
    if check:
        check_entries(session, plan, new)
    batch = _batch(session, plan, entries, headers, scorers=scorers, is_written=True, is_cancelled=is_cancelled)
    batch.notes = (_attach_note(entries, plan.problems, busy, is_cancelled), *batch.notes)
    batch.start()
    return batch


def _read(session: Session, batch_id: str) -> tuple[BatchPlan, list[Mapping[str, Any]]]:
    """A batch's plan, and the metadata of its parts."""
    parts = [each.metadata for page in session.connection.batches.pages({PLAN: batch_id}) for each in page]
    plan = plan_from_parts(batch_id, parts)
    if plan is None:
        raise _no_plan(session, batch_id, bool(parts))
    return plan, parts


def _no_plan(session: Session, batch_id: str, has_parts: bool) -> LgError:
    if has_parts:
        return LgError(
            f"The batch {batch_id} is only partly written, and none of its runs was launched. Its kernel is still writing it, "
            "or was stopped.",
            hint=f"%lg_batch --attach {batch_id} again in a moment; if that does not help, start it again from its frame.",
        )
    if session.connection.threads.ids(metadata={BATCH: batch_id}, limit=1):
        return CommandError(
            f"The batch {batch_id} was stateless: the deployment has its runs, but not its rows.",
            hint=f"%lg_threads --metadata {BATCH}={batch_id}",
        )
    newest = session.connection.batches.newest({PART: 0}, PLAN)
    listed = f"The newest there: {', '.join(newest)}." if newest else "It has no batches."
    return NotFound(f"No batch '{batch_id}' on {session.connection.url}.", hint=listed)


def _entries(
    session: Session, plan: BatchPlan, records: Mapping[Any, Record]
) -> tuple[list[Entry], set[tuple[int, str, int]]]:
    """An entry for each run, from the threads' rows, and the busy ones among them. Only the outputs of the values are kept."""
    last: dict[tuple[int, str, int], tuple[tuple[int, bool], Entry]] = {}
    busy: set[tuple[int, str, int]] = set()
    pages = session.connection.batches.pages({BATCH: plan.id}, ("metadata", "status", "updated_at", "values"))
    for thread in itertools.chain.from_iterable(pages):
        entry = entry_from_metadata(thread.thread_id, thread.metadata)
        if entry is None or not (entry.row < len(plan.rows) and entry.assistant in plan.assistants):
            continue
        place = entry.row, entry.assistant, entry.repeat
        has_run = "graph_id" in thread.metadata  # the server writes it when a run is created
        rank = entry.attempt, has_run
        if place not in last or last[place][0] < rank:
            record = records.get(record_key(entry))
            found = _ended(plan, entry, record, thread) if record and has_run else None
            last[place] = rank, found or replace(entry, status=LIVE if has_run else NOT_STARTED)
            (busy.add if thread.status == "busy" else busy.discard)(place)
    for key, refused in _refused(plan, records):
        if key[:3] not in last or last[key[:3]][0] <= (
            key[3],
            False,
        ):  # no thread of this attempt or a later one has a run
            last[key[:3]] = (key[3], False), refused
    recorded = {key[:3] for key in records}
    return [_as_found(entry, last, recorded) for entry in plan.entries()], busy


def _refused(plan: BatchPlan, records: Mapping[Any, Record]) -> Iterator[tuple[Any, Entry]]:
    """The entries of the rows that the deployment refused to launch, each with its record's key, in their order."""
    for key, record in sorted(records.items(), key=lambda item: item[0]):
        row, assistant, repeat, attempt = key
        if (
            not record.run_id
            and record.status == "error"
            and 0 <= row < len(plan.rows)
            and assistant in plan.assistants
        ):
            yield key, Entry(row, assistant, repeat, attempt, status="error", error=record.error)


def _ended(plan: BatchPlan, entry: Entry, record: Record, thread: ThreadRecord) -> Entry | None:
    """An entry as it was recorded when it ended; None if its thread has changed since."""
    changed_at = seconds_from_iso(thread.updated_at)
    if thread.thread_id != record.thread_id or changed_at is None or changed_at != seconds_from_iso(record.at):
        return None
    is_kept = record.status in ("success", "waiting")
    values, sent = thread.get("values"), plan.sent(entry) if is_kept else None
    return replace(
        entry,
        run_id=record.run_id,
        status=record.status,
        error=record.error,
        seconds=record.seconds,
        output=output_of(values, sent) if is_kept else None,
        tokens=tokens_of(values, sent) if is_kept else None,
        tools=tools_of(values, sent) if is_kept else (),
        ended_at=record.at,
    )


def _as_found(entry: Entry, last: Mapping[Any, tuple[Any, Entry]], recorded: Set[Any]) -> Entry:
    place = entry.row, entry.assistant, entry.repeat
    if entry.has_ended:
        return entry
    if place in last:
        return last[place][1]
    return replace(entry, status="deleted", error=LOST) if place in recorded else entry


def _attach_note(entries: Sequence[Entry], problems: Sequence[str], busy: Set[Any], is_cancelled: bool) -> str:
    """The note of a batch that was attached to."""
    has_ended = [entry for entry in entries if entry.run_id or entry.status == LIVE]
    live = sum((entry.row, entry.assistant, entry.repeat) in busy for entry in has_ended)
    counts = Counter(entry.status for entry in entries if not entry.run_id)
    parts = [f"{len(has_ended) - live} had ended", f"{live} were live"]
    unsent = sum(entry.status == "error" and not entry.run_id and bool(problems[entry.row]) for entry in entries)
    if unsent:
        parts.append(f"{unsent} cannot be sent")
    if refused := counts["error"] - unsent:
        parts.append(f"{refused} {'was' if refused == 1 else 'were'} refused")
    if counts["deleted"]:
        parts.append(f"{counts['deleted']} were deleted")
    if new := counts[NOT_STARTED]:
        what = (
            "and stay so, since it was cancelled: batch.retry('not started')"
            if is_cancelled
            else "and are launched now"
        )
        parts.append(f"{new} had not started {what}")
    return f"attached: {', '.join(parts)}"

"""Which threads a person means, where many may be meant: a list or a table of them, or all that fit. Changes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lg_magics.errors import UnknownReference, type_phrase
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.resolve.thread_status import SERVER_WORDS, ThreadStatus, thread_statuses
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session

__all__ = ["found_threads", "is_many", "which_threads"]

ID = "thread_id"
WAYS = "Name one by its number (t2), or give a list, or a table with a column thread_id."


def is_many(reference: object) -> bool:
    """Whether a reference is a list or a table, and not one thread."""
    return reference is not None and not isinstance(reference, str) and _id_of(reference) is None


def which_threads(session: Session, reference: object = None) -> list[ThreadInfo]:
    """The threads that a reference means: one by its name, the rows of a table or a frame, or a list of any of these.

    Ids in a list are taken as they are: nothing is asked for each of them.

    Raises:
        UnknownReference: something in it is no thread.
    """
    if reference is None or isinstance(reference, str):
        return [which_thread(session, reference)]
    if (identity := _id_of(reference)) is not None:
        return [session.tracker.thread(identity)]
    frame = getattr(reference, "to_dict", None)
    rows: Any = frame("records") if callable(frame) and hasattr(reference, "columns") else reference
    if not isinstance(rows, Iterable):
        raise UnknownReference(f"This is no thread but {type_phrase(reference)}.", hint=WAYS)
    found = {each.id: each for row in rows for each in _one(session, row)}
    return list(found.values())


def _one(session: Session, row: object) -> list[ThreadInfo]:
    if isinstance(row, str):
        return [session.tracker.thread(row.lower()) if is_full_id(row) else which_thread(session, row)]
    identity = _id_of(row)
    if identity is None:
        raise UnknownReference(f"There is no thread in it but {type_phrase(row)}.", hint=WAYS)
    return [session.tracker.thread(identity)]


def _id_of(thing: object) -> str | None:
    """The id of a thread, of a run's thread, or of a row's; None if it has none."""
    found = thing.get(ID) if isinstance(thing, Mapping) else getattr(thing, ID, None)
    if found is None and isinstance(thing, ThreadInfo):
        found = thing.id
    return found if isinstance(found, str) and is_full_id(found) else None


def found_threads(
    session: Session, query: ThreadQuery, status: ThreadStatus | None, limit: int | None, offset: int = 0
) -> tuple[list[ThreadRecord], bool, int | None]:
    """So many threads of a query, whether they are all, and how many there are altogether if that is known.

    Where the server has one word for two of ours, all of its threads are looked through.
    """
    threads = session.connection.threads
    if status is None or status == "idle":
        query = query if status is None else _with_status(query, status)
        found = threads.find_all(query, limit=limit, offset=offset)
        is_counted = offset or not found.is_whole
        return found.rows, found.is_whole, threads.count(query) if is_counted else len(found.rows)
    rows = threads.find_all(_with_status(query, SERVER_WORDS.get(status, status))).rows
    words = thread_statuses(session, rows)
    fitting = [row for row in rows if words[row.thread_id] == status]
    end = None if limit is None else offset + limit
    return fitting[offset:end], end is None or len(fitting) <= end, len(fitting)


def _with_status(query: ThreadQuery, status: str) -> ThreadQuery:
    return replace(query, status=status)

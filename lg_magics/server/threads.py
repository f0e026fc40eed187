"""Threads of a deployment: lists, single threads by id, and changes. Lists do not request values, which may be large.

162 threads are 0.63 MB with values, 0.03 MB without. Fields that a deployment does not accept are left out
(`server.capabilities`). Some servers ignore the ids in a search and return the newest threads; others have no search. There,
each thread is requested separately, with its values.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

from lg_magics.errors import Conflict, DeploymentError, InvalidRequest, NotFound, UnexpectedResponse, Unsupported
from lg_magics.model.assistant_schemas import conversation_key_in
from lg_magics.model.conversation import MESSAGES
from lg_magics.model.records import StateRecord, ThreadRecord, UnexpectedShape, described, mapping_from, records_of
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.capabilities import SEARCH_THREADS
from lg_magics.server.paging import MOST, Fetch, Listing, Page, pages

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = ["MOST", "Threads", "thread_words"]

FEATURE = "list of threads"
SELECT: tuple[ThreadSelectField, ...] = ("thread_id", "status", "metadata", "created_at", "updated_at", "interrupts")
EXTRA = frozenset({"select", "extract"})
WORDS: tuple[ThreadSelectField, ...] = ("thread_id", "status", "updated_at", "interrupts")
"""The fields that show whether a run on a thread paused, and no more."""
FIRST_MESSAGE = {"first": "values.messages[0]"}
MOST_KEYS = 5
FIRST = 100
SERVER_FAILED = 500
NO_VALUES = "The in-memory server fails at --values where a thread has none yet: add --metadata k=v, or try --extract."
READ_AT_ONCE = 16
DELETED_AT_ONCE = 100
YOUNGEST = 20
HINT = "%lg_threads lists them."


class Threads(Resource[M]):
    """`connection.threads`."""

    # -- lists --------------------------------------------------------------------------------------------------

    async def _search(
        self,
        limit: int,
        offset: int,
        *,
        doing: str = "list the threads",
        feature: str = FEATURE,
        is_whole: bool = False,
        **what: Any,
    ) -> list[ThreadRecord]:
        """Return a page. Fields that only make it smaller or richer are left out where the deployment refuses them.

        With `is_whole` a refusal is an error: a person asked for these fields, and may have asked for what nobody accepts.
        """
        known = await self._known()
        if what.get("ids") and not known.takes(SEARCH_THREADS, "ids"):
            self._connection.finds_by_id = False
            raise _ignores_ids(self._connection)
        taken = {name: value for name, value in what.items() if name not in EXTRA or known.takes(SEARCH_THREADS, name)}
        ask = partial(self._ask, read=partial(records_of, ThreadRecord), doing=doing, feature=feature)
        extra = EXTRA.intersection(taken)
        try:
            return await ask(lambda sdk: sdk.threads.search(limit=limit, offset=offset, **taken))
        except InvalidRequest:
            if not extra or is_whole:
                raise
            plain = {name: value for name, value in taken.items() if name not in extra}
            found = await ask(lambda sdk: sdk.threads.search(limit=limit, offset=offset, **plain))
            known.refuse(SEARCH_THREADS, *extra)
            return found

    async def _page(self, limit: int, offset: int, **what: Any) -> Page[ThreadRecord]:
        given = {"sort_by": "updated_at", "sort_order": "desc", "select": list(SELECT), **what}
        more = given.pop("extract", {})
        search = partial(self._search, limit, offset, is_whole=bool(more), **given)
        rows = await search(extract={**more, **self._first_messages()})
        if await self._found_keys(rows):
            rows = await search(extract={**more, **self._first_messages()})
        return Page(rows)

    def _first_messages(self) -> dict[str, str]:
        """Return the paths to extract for titles: the first message, under each key where a graph keeps its messages."""
        keys = dict.fromkeys(key for key in self._connection.conversation_keys.values() if key)
        return {
            **FIRST_MESSAGE,
            **{f"lg_first_{n}": f"values.{key}[0]" for n, key in enumerate(list(keys)[:MOST_KEYS])},
        }

    async def _found_keys(self, rows: Sequence[ThreadRecord]) -> bool:
        """Return whether untitled threads belong to graphs that keep their messages under another key than `messages`.

        Each graph's schemas are read once per connection.
        """
        known, found = self._connection.conversation_keys, False
        for row in rows:
            graph, assistant_id = str(row.metadata.get("graph_id") or ""), row.metadata.get("assistant_id")
            has_title = row.extracted is None or any(row.extracted.values())
            if has_title or not graph or graph in known or not isinstance(assistant_id, str):
                continue
            known[graph] = ""
            with suppress(DeploymentError):
                payload = await self._ask(
                    lambda sdk, id=assistant_id: sdk.assistants.get_schemas(id),  # type: ignore[misc]
                    mapping_from,
                    f"describe {graph}",
                )
                key = conversation_key_in(payload)
                known[graph] = key if key.isidentifier() and key != MESSAGES else ""
                found = found or bool(known[graph])
        return found

    @call
    async def find_all(self, query: ThreadQuery, *, limit: int | None = None, offset: int = 0) -> Listing[ThreadRecord]:
        """Return the threads that match a query, with the fields of `search` and the query's extracted fields.

        Args:
            query: the filters and the order.
            limit: the maximum number of threads; None for all.
            offset: the number of threads to skip.

        Raises:
            Unsupported: the deployment does not support part of the query, and would ignore it.
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        known = await self._known()
        is_usual = (query.sort, query.order) == ("updated_at", "desc")
        sorted_by = {} if is_usual else {"sort_by": query.sort, "sort_order": query.order}
        asked = {**query.filters, **sorted_by, **({"extract": dict(query.extract)} if query.extract else {})}
        ignored = [name for name in asked if not known.takes(SEARCH_THREADS, name)]
        if ignored:
            raise Unsupported(f"The search for threads of {self._connection.url} has no {' and no '.join(ignored)}.")
        if query.ids is not None:
            asked["ids"] = list(query.ids)
            if not query.ids:
                return Listing([], True)
        fetch = partial(self._page, **{**asked, "extract": dict(query.extract)})
        try:
            return await self._listed(query, fetch, known.most(SEARCH_THREADS), limit, offset)
        except DeploymentError as problem:
            if not (query.values and problem.status_code == SERVER_FAILED):
                raise
            raise type(problem)(problem.message, hint=NO_VALUES, status_code=problem.status_code) from problem

    async def _listed(
        self, query: ThreadQuery, fetch: Fetch[ThreadRecord], most: int, limit: int | None, offset: int
    ) -> Listing[ThreadRecord]:
        if not query.is_timed:
            found = await self._listing(SEARCH_THREADS, fetch, _id, limit=limit, offset=offset)
            if query.ids is not None:
                threads_by_id(self._connection, found.rows, query.ids)
            return found
        rows = await self._changed_within(query, fetch, most)
        end = None if limit is None else offset + limit
        return Listing(rows[offset:end], end is None or len(rows) <= end)

    async def _changed_within(self, query: ThreadQuery, fetch: Fetch[ThreadRecord], most: int) -> list[ThreadRecord]:
        """Return the threads that changed in the query's time span. The first page is short, because often only few did."""
        rows: list[ThreadRecord] = []
        async for page in pages(fetch, _id, first=min(FIRST, most), most=most):
            for row in page.rows:
                if query.is_past(row):
                    return rows
                if query.fits(row):
                    rows.append(row)
        return rows

    @call
    async def count(self, query: ThreadQuery) -> int | None:
        """Return the number of threads that match a query; None if the deployment does not count them."""
        if query.ids is not None or query.is_timed:
            return None
        try:
            return await self._ask(
                lambda sdk: sdk.threads.count(**query.filters), _count, "count the threads", feature="count of threads"
            )
        except (Unsupported, InvalidRequest, UnexpectedResponse):
            return None

    @call
    async def search(
        self,
        *,
        status: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Listing[ThreadRecord]:
        """List threads, newest change first: id, status, metadata, times, interrupts, first message (`extracted["first"]`).

        Args:
            status: only threads with this status: idle, busy, interrupted or error.
            metadata: only threads with this metadata.
            limit: the maximum number of threads; None for all.
            offset: the number of threads to skip.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        fetch = partial(self._page, status=status, metadata=_given(metadata))
        return await self._listing(SEARCH_THREADS, fetch, _id, limit=limit, offset=offset)

    @paged
    async def pages(self, *, status: str | None = None, first: int = MOST) -> AsyncGenerator[list[ThreadRecord], None]:
        """Yield the same threads page by page, for callers that do not know how many they need; a page has at most `first`."""
        most = (await self._known()).most(SEARCH_THREADS)
        async for page in pages(partial(self._page, status=status), _id, first=first, most=most):
            yield [await self._with_questions(row) for row in page.rows]

    @call
    async def ids(
        self, *, metadata: Mapping[str, Any], status: str | None = None, limit: int, doing: str = "list the threads"
    ) -> list[str]:
        """Return the ids of threads with this metadata.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        found = await self._search(
            limit, 0, doing=doing, feature="", metadata=dict(metadata), status=status, select=["thread_id"]
        )
        return [row.thread_id for row in found]

    async def _with_questions(self, row: ThreadRecord) -> ThreadRecord:
        """Return a waiting thread with its interrupts. Its state is read if the deployment's rows omit them."""
        if row.status != "interrupted" or "interrupts" in row:
            return row
        try:
            state = await self._ask(
                lambda sdk: sdk.threads.get_state(row.thread_id),
                StateRecord,
                "read a thread that waits",
                missing=f"thread {row.thread_id}",
            )
        except NotFound:
            return row
        asked = {str(task.get("id")): task["interrupts"] for task in state.tasks if task.get("interrupts")}
        return ThreadRecord({**row, "interrupts": asked})

    @call
    async def by_ids(self, ids: Sequence[str], *, extract: Mapping[str, str] | None = None) -> dict[str, ThreadRecord]:
        """Return status, last change and interrupts of threads, by id, with one call. A deleted thread is missing.

        Args:
            ids: at most 1000 (MOST) full ids.
            extract: more paths to request, by name: {"graph": "metadata.graph_id"}; they come as `extracted`.

        Raises:
            Unsupported: the deployment does not find threads by id. Use `thread_words` instead.
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        if not self._connection.finds_by_id:
            raise _ignores_ids(self._connection)
        more: dict[str, Any] = {"extract": dict(extract)} if extract else {}
        found = await self._search(
            max(1, len(ids)), 0, doing="read the threads", feature="", ids=list(ids), select=list(WORDS), **more
        )
        return threads_by_id(self._connection, found, ids)

    # -- one ----------------------------------------------------------------------------------------------------

    @call
    async def find(self, thread_id: str) -> ThreadRecord | None:
        """Return a thread with the fields of `search`; None if no thread has this id.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        if self._connection.finds_by_id:
            try:
                found = await self._search(
                    1, 0, doing="read the thread", ids=[thread_id], select=list(SELECT), extract=self._first_messages()
                )
                row = threads_by_id(self._connection, found, [thread_id]).get(thread_id)
                return await self._with_questions(row) if row else None
            except (Unsupported, InvalidRequest):
                pass  # the deployment has no such search
        try:
            return await self._get(thread_id)
        except NotFound:
            return None

    @call
    async def get(self, thread_id: str) -> ThreadRecord:
        """Return a thread with all its fields, including values and error.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses the request.
        """
        return await self._get(thread_id)

    async def _get(self, thread_id: str) -> ThreadRecord:
        missing = f"thread {thread_id}"
        row = await self._ask(lambda sdk: sdk.threads.get(thread_id), ThreadRecord, "read the thread", missing=missing)
        if row.thread_id != thread_id:
            raise NotFound(f"No {missing} on {self._connection.url}.", hint=HINT, status_code=404)
        return await self._with_questions(row)

    # -- changes ------------------------------------------------------------------------------------------------

    @call
    async def create(
        self,
        thread_id: str | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
        graph_id: str | None = None,
        supersteps: object = None,
        ttl: float | None = None,
        is_found: bool = False,
        doing: str = "make a thread",
    ) -> ThreadRecord:
        """Create a thread.

        Args:
            thread_id: its id; None to let the server choose one.
            metadata: its metadata.
            graph_id: its graph.
            supersteps: an initial history.
            ttl: minutes after which the deployment deletes it.
            is_found: return an existing thread with this id unchanged.
            doing: the attempted operation, for errors.

        Raises:
            Conflict: a thread has this id already. DeploymentError: the deployment does not answer, or refuses the request.
        """
        made_id = thread_id or str(uuid.uuid4())

        async def find() -> ThreadRecord | None:
            if thread_id is not None and not is_found:
                return None  # it may belong to another client
            try:
                return await self._get(made_id)
            except NotFound:
                return None

        return await self._write(
            lambda sdk: sdk.threads.create(
                thread_id=made_id,
                metadata=dict(metadata) if metadata is not None else None,
                graph_id=graph_id,
                supersteps=cast("Any", supersteps),
                ttl=cast("int | None", ttl),  # the server accepts fractions of a minute
                if_exists="do_nothing" if is_found else None,
            ),
            ThreadRecord,
            doing,
            check_with="%lg_threads",
            find=find,
        )

    @call
    async def copy(self, thread_id: str, shown: str = "") -> ThreadRecord:
        """Copy a thread with its history; return the copy.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses the request.
        """
        before = await self._youngest()

        async def find() -> ThreadRecord | None:
            if before is None:
                return None
            new = [each for each in await self._youngest() or () if each not in before]
            head = await self._head(thread_id)
            copies = [each for each in new if head and await self._head(each) == head]
            return await self._get(copies[0]) if len(copies) == 1 else None

        missing = f"thread {shown or thread_id}"
        try:
            return await self._write(
                lambda sdk: sdk.threads.copy(thread_id),
                ThreadRecord,
                "copy the thread",
                check_with="%lg_threads",
                find=find,
                missing=missing,
                feature="copy of threads",
            )
        except Conflict:  # the server's answer for a thread that is gone
            await self._ask(
                lambda sdk: sdk.threads.get(thread_id), ThreadRecord, "read the thread", missing=missing, hint=HINT
            )
            raise

    async def _youngest(self) -> list[str] | None:
        """Return the ids of the most recently created threads; None if the deployment does not list them."""
        newest: dict[str, Any] = {"sort_by": "created_at", "sort_order": "desc", "select": ["thread_id"]}
        try:
            return [row.thread_id for row in await self._search(YOUNGEST, 0, feature="", **newest)]
        except DeploymentError:
            return None

    async def _head(self, thread_id: str) -> str:
        """Return the id of a thread's newest checkpoint, which a copy shares."""
        state = await self._ask(lambda sdk: sdk.threads.get_state(thread_id), StateRecord, "read the state")
        return state.checkpoint_id

    @call
    async def update(
        self,
        thread_id: str,
        metadata: Mapping[str, Any],
        *,
        ttl: float | None = None,
        shown: str = "",
        doing: str = "update the thread",
    ) -> ThreadRecord:
        """Merge metadata into a thread's, or set its `ttl`, in minutes from now."""
        return await self._write(
            lambda sdk: sdk.threads.update(thread_id, metadata=dict(metadata), ttl=cast("int | None", ttl)),
            ThreadRecord,
            doing,
            check_with="%lg_threads",
            missing=f"thread {shown or thread_id}",
        )

    @call
    async def delete(self, thread_id: str, shown: str = "") -> None:
        """Delete a thread with all its data."""
        await self._write(
            lambda sdk: sdk.threads.delete(thread_id),
            lambda _: None,
            "delete the thread",
            check_with="%lg_threads",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )

    @call
    async def delete_many(self, ids: Sequence[str]) -> int:
        """Delete threads with all their data, 100 per call; return how many. Missing ones are skipped.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        try:
            return await self._pruned(ids, "delete", "delete the threads", "deletion of many threads at once")
        except Unsupported:
            return sum([await self._deleted(each) for each in ids])

    @call
    async def prune(self, ids: Sequence[str]) -> int:
        """Delete all but the newest checkpoint of threads; return the number of threads.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or lacks this call.
        """
        return await self._pruned(ids, "keep_latest", "prune the threads", "pruning of threads")

    async def _pruned(
        self, ids: Sequence[str], strategy: Literal["delete", "keep_latest"], doing: str, feature: str
    ) -> int:
        parts = [list(ids[start : start + DELETED_AT_ONCE]) for start in range(0, len(ids), DELETED_AT_ONCE)]
        return sum([await self._part_pruned(each, strategy, doing, feature) for each in parts])

    async def _part_pruned(
        self, ids: list[str], strategy: Literal["delete", "keep_latest"], doing: str, feature: str
    ) -> int:
        return await self._write(
            lambda sdk: sdk.threads.prune(ids, strategy=strategy),
            lambda payload: int(mapping_from(payload, "pruned_count")["pruned_count"]),
            doing,
            check_with="%lg_threads",
            feature=feature,
        )

    async def _deleted(self, thread_id: str) -> bool:
        try:
            await self._write(
                lambda sdk: sdk.threads.delete(thread_id),
                lambda _: None,
                "delete the thread",
                check_with="%lg_threads",
                missing=f"thread {thread_id}",
            )
        except NotFound:
            return False
        return True

    # -- how large, and for how long ----------------------------------------------------------------------------

    @call
    async def details(self, thread_id: str, shown: str = "") -> ThreadRecord:
        """Return a thread with all its fields: values, error, and time to live.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses the request.
        """
        row = await self._ask(
            lambda sdk: sdk.threads.get(thread_id, include=["ttl"]),
            ThreadRecord,
            "read the thread",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )
        return await self._with_questions(row)

    @call
    async def storage(self, thread_id: str) -> Mapping[str, Any]:
        """Return the bytes that a thread uses, under the server's names; empty if the deployment does not report them.

        Raises:
            DeploymentError: the deployment does not answer.
        """
        try:
            return await self._ask(
                lambda sdk: sdk.http.get(f"/threads/{thread_id}/storage"),
                lambda payload: mapping_from(payload, "total_bytes"),
                "read the size of the thread",
                feature="size of threads",
            )
        except (Unsupported, NotFound, InvalidRequest, UnexpectedResponse):
            return {}


def _count(payload: object) -> int:
    if isinstance(payload, int) and not isinstance(payload, bool):
        return payload
    raise UnexpectedShape(f"{described(payload)} in place of a count")


def _given(metadata: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(metadata) if metadata else None


def _id(row: ThreadRecord) -> str:
    return row.thread_id


def threads_by_id(connection: Connection, found: Iterable[ThreadRecord], ids: Sequence[str]) -> dict[str, ThreadRecord]:
    """Return the rows of a search by ids, by thread id.

    Raises:
        Unsupported: a row was not requested, so the server ignores the ids, and a missing thread may exist.
    """
    rows = {row.thread_id: row for row in found}
    if rows.keys() <= set(ids):
        return rows
    connection.finds_by_id = False
    raise _ignores_ids(connection)


def _ignores_ids(connection: Connection) -> Unsupported:
    return Unsupported(f"This deployment ({connection.url}) does not find threads by their ids.")


async def thread_words(
    connection: Connection, ids: Sequence[str], *, extract: Mapping[str, str] | None = None
) -> dict[str, ThreadRecord]:
    """Like `by_ids`, for any deployment: threads that the search does not find are requested separately.

    Raises:
        DeploymentError: the deployment does not answer, or refuses the request.
    """
    threads = connection.background.threads
    found: dict[str, ThreadRecord] = {}
    with suppress(Unsupported, InvalidRequest, NotFound):
        found = await threads.by_ids(ids, extract=extract)
    at_once = asyncio.Semaphore(READ_AT_ONCE)

    async def read(thread_id: str) -> ThreadRecord | None:
        try:
            async with at_once:
                return await threads.get(thread_id)
        except NotFound:
            return None

    rows = await asyncio.gather(*(read(each) for each in ids if each not in found))
    return {**found, **{row.thread_id: _with_extracted(row, extract or {}) for row in rows if row}}


def _with_extracted(row: ThreadRecord, extract: Mapping[str, str]) -> ThreadRecord:
    """Return a thread with what a search would have extracted from its metadata."""
    if not extract or "metadata" not in row:
        return row
    return ThreadRecord(
        {**row, "extracted": {name: row.metadata.get(path.removeprefix("metadata.")) for name, path in extract.items()}}
    )

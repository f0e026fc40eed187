"""Threads of a deployment: lists, one by its id, and changes. Values, which may be large, are not asked for in lists.

162 threads are 0.63 MB with them, 0.03 MB without. Fields that a deployment does not take are left out (`server.capabilities`).
Some servers ignore the ids in a search, and answer with the newest threads; others have no search. They are asked for each thread
itself, which has its values.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound, UnexpectedResponse, Unsupported
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
"""What the server says of a thread in few words: all that tells whether a run on it paused."""
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
        self, limit: int, offset: int, *, doing: str = "list the threads", feature: str = FEATURE, **what: Any
    ) -> list[ThreadRecord]:
        """A page; without the fields that only make it smaller, or richer, where the deployment does not take these."""
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
            if not extra:
                raise
            plain = {name: value for name, value in taken.items() if name not in extra}
            found = await ask(lambda sdk: sdk.threads.search(limit=limit, offset=offset, **plain))
            known.refuse(SEARCH_THREADS, *extra)
            return found

    async def _page(self, limit: int, offset: int, **what: Any) -> Page[ThreadRecord]:
        given = {"sort_by": "updated_at", "sort_order": "desc", **what}
        more = given.pop("extract", {})
        rows = await self._search(
            limit, offset, select=list(SELECT), extract={**more, **self._first_messages()}, **given
        )
        if await self._found_keys(rows):
            extract = {**more, **self._first_messages()}
            rows = await self._search(limit, offset, select=list(SELECT), extract=extract, **given)
        return Page(rows)

    def _first_messages(self) -> dict[str, str]:
        """What to extract for the titles: the first message, under each key that the graphs keep one by."""
        keys = dict.fromkeys(key for key in self._connection.conversation_keys.values() if key)
        return {
            **FIRST_MESSAGE,
            **{f"lg_first_{n}": f"values.{key}[0]" for n, key in enumerate(list(keys)[:MOST_KEYS])},
        }

    async def _found_keys(self, rows: Sequence[ThreadRecord]) -> bool:
        """Whether threads without a title are of graphs that keep their conversation under another key than `messages`.

        Each graph's schemas are read once for a connection.
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
        """The threads of a query, with the fields of `search`, and what the query extracts.

        Args:
            query: which threads, and in which order.
            limit: at most so many; None for all.
            offset: after so many.

        Raises:
            Unsupported: the deployment does not know something of the query, and would ignore it.
            DeploymentError: the deployment does not answer, or refuses.
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
        """The threads that changed in the query's time: the first page is short, because often only few did."""
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
        """How many threads a query finds altogether; None if the deployment does not count them."""
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
        """Threads, newest change first: id, status, metadata, times, interrupts, and the first message (`extracted["first"]`).

        Args:
            status: only those that are idle, busy, interrupted or error.
            metadata: only those that carry these.
            limit: at most so many; None for all.
            offset: after so many.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        fetch = partial(self._page, status=status, metadata=_given(metadata))
        return await self._listing(SEARCH_THREADS, fetch, _id, limit=limit, offset=offset)

    @paged
    async def pages(self, *, status: str | None = None, first: int = MOST) -> AsyncGenerator[list[ThreadRecord], None]:
        """The same page by page, for whoever does not know how many are needed; a page has `first` threads at most."""
        most = (await self._known()).most(SEARCH_THREADS)
        async for page in pages(partial(self._page, status=status), _id, first=first, most=most):
            yield [await self._with_questions(row) for row in page.rows]

    @call
    async def ids(
        self, *, metadata: Mapping[str, Any], status: str | None = None, limit: int, doing: str = "list the threads"
    ) -> list[str]:
        """The ids of threads that carry this metadata.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        found = await self._search(
            limit, 0, doing=doing, feature="", metadata=dict(metadata), status=status, select=["thread_id"]
        )
        return [row.thread_id for row in found]

    async def _with_questions(self, row: ThreadRecord) -> ThreadRecord:
        """A thread that waits, with what it asks; its state is read where the deployment's rows do not tell that."""
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
        """Status, time of the last change and interrupts of threads, by id, with one call. A thread that is gone is missing.

        Args:
            ids: at most 1000 (MOST), whole ids.
            extract: more to ask for, by name: {"graph": "metadata.graph_id"}; it comes as `extracted`.

        Raises:
            Unsupported: the deployment does not find threads by their ids: `thread_words` asks it in another way.
            DeploymentError: the deployment does not answer, or refuses.
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
        """A thread with the fields of `search`; None if there is none with this id.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if self._connection.finds_by_id:
            try:
                found = await self._search(
                    1, 0, doing="read the thread", ids=[thread_id], select=list(SELECT), extract=self._first_messages()
                )
                row = threads_by_id(self._connection, found, [thread_id]).get(thread_id)
                return await self._with_questions(row) if row else None
            except (Unsupported, InvalidRequest):
                pass  # it has no such search
        try:
            return await self._get(thread_id)
        except NotFound:
            return None

    @call
    async def get(self, thread_id: str) -> ThreadRecord:
        """A thread with all that the server says of it, its values and its error too.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses.
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
        """Make a thread.

        Args:
            thread_id: its id; the server chooses one otherwise.
            metadata: what to keep beside it.
            graph_id: the graph that it belongs to.
            supersteps: a history to begin with.
            ttl: minutes after which the deployment deletes it.
            is_found: give the thread that has this id, if there is one, as it is.
            doing: what is tried, for an error.

        Raises:
            Conflict: a thread has this id. DeploymentError: the deployment does not answer, or refuses.
        """
        made_id = thread_id or str(uuid.uuid4())

        async def find() -> ThreadRecord | None:
            if thread_id is not None and not is_found:
                return None  # it may be somebody else's
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
                ttl=cast("int | None", ttl),  # the server takes parts of a minute
                if_exists="do_nothing" if is_found else None,
            ),
            ThreadRecord,
            doing,
            look="%lg_threads",
            find=find,
        )

    @call
    async def copy(self, thread_id: str, shown: str = "") -> ThreadRecord:
        """Copy a thread with its history; the copy."""
        before = await self._youngest()

        async def find() -> ThreadRecord | None:
            if before is None:
                return None
            new = [each for each in await self._youngest() or () if each not in before]
            head = await self._head(thread_id)
            copies = [each for each in new if head and await self._head(each) == head]
            return await self._get(copies[0]) if len(copies) == 1 else None

        return await self._write(
            lambda sdk: sdk.threads.copy(thread_id),
            ThreadRecord,
            "copy the thread",
            look="%lg_threads",
            find=find,
            missing=f"thread {shown or thread_id}",
            feature="copy of threads",
        )

    async def _youngest(self) -> list[str] | None:
        """The ids of the threads that were made last; None if the deployment does not tell."""
        newest: dict[str, Any] = {"sort_by": "created_at", "sort_order": "desc", "select": ["thread_id"]}
        try:
            return [row.thread_id for row in await self._search(YOUNGEST, 0, feature="", **newest)]
        except DeploymentError:
            return None

    async def _head(self, thread_id: str) -> str:
        """The id of a thread's newest checkpoint, which a copy shares."""
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
        """Add to what is kept beside a thread, or replace it; `ttl` is in minutes from now."""
        return await self._write(
            lambda sdk: sdk.threads.update(thread_id, metadata=dict(metadata), ttl=cast("int | None", ttl)),
            ThreadRecord,
            doing,
            look="%lg_threads",
            missing=f"thread {shown or thread_id}",
        )

    @call
    async def delete(self, thread_id: str, shown: str = "") -> None:
        """Delete a thread with all that it holds."""
        await self._write(
            lambda sdk: sdk.threads.delete(thread_id),
            lambda _: None,
            "delete the thread",
            look="%lg_threads",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )

    @call
    async def delete_many(self, ids: Sequence[str]) -> int:
        """Delete threads with all that they hold, 100 with each call; how many. One that is gone is passed over.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        try:
            return await self._pruned(ids, "delete", "delete the threads", "deletion of many threads at once")
        except Unsupported:
            return sum([await self._deleted(each) for each in ids])

    @call
    async def prune(self, ids: Sequence[str]) -> int:
        """Delete all checkpoints of threads but the newest; of how many threads.

        Raises:
            DeploymentError: the deployment does not answer, refuses, or cannot do this.
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
            look="%lg_threads",
            feature=feature,
        )

    async def _deleted(self, thread_id: str) -> bool:
        try:
            await self._write(
                lambda sdk: sdk.threads.delete(thread_id),
                lambda _: None,
                "delete the thread",
                look="%lg_threads",
                missing=f"thread {thread_id}",
            )
        except NotFound:
            return False
        return True

    # -- how large, and for how long ----------------------------------------------------------------------------

    @call
    async def details(self, thread_id: str, shown: str = "") -> ThreadRecord:
        """A thread with all that the server says of it: its values, its error, and when it goes.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses.
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
        """The bytes that a thread takes, in the server's words; empty if the deployment does not say.

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
    """The rows that a search by ids gave, by thread id.

    Raises:
        Unsupported: there is a row that nobody asked for, so the server ignores the ids: what is missing may be there.
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
    """The same as `by_ids` from any deployment: each thread that a search does not find is asked for itself.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
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
    """A thread's own row with what a search would have extracted from its metadata."""
    if not extract or "metadata" not in row:
        return row
    return ThreadRecord(
        {**row, "extracted": {name: row.metadata.get(path.removeprefix("metadata.")) for name, path in extract.items()}}
    )

"""Lists of threads. Their values, which may be large, are not asked for.

162 threads are 0.63 MB with them, 0.03 MB without. Fields that a deployment does not take are left out (`server.capabilities`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound, UnexpectedResponse, Unsupported
from lg_magics.model.records import StateRecord, ThreadRecord, UnexpectedShape, described, records_of
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.capabilities import SEARCH_THREADS
from lg_magics.server.paging import MOST, Fetch, Listing, Page, pages

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = ["FIRST_MESSAGE", "SELECT", "ThreadLists", "threads_by_id"]

FEATURE = "list of threads"
SELECT: tuple[ThreadSelectField, ...] = ("thread_id", "status", "metadata", "created_at", "updated_at", "interrupts")
EXTRA = frozenset({"select", "extract"})
WORDS: tuple[ThreadSelectField, ...] = ("thread_id", "status", "updated_at", "interrupts")
"""What the server says of a thread in few words: all that tells whether a run on it paused."""
FIRST_MESSAGE = {"first": "values.messages[0]"}
FIRST = 100
SERVER_FAILED = 500
NO_VALUES = "The in-memory server fails at --values where a thread has none yet: add --metadata k=v, or try --extract."


class ThreadLists(Resource[M]):
    """The lists of `connection.threads`."""

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
        given = {"sort_by": "updated_at", "sort_order": "desc", "extract": FIRST_MESSAGE, **what}
        return Page(await self._search(limit, offset, select=list(SELECT), **given))

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
        fetch = partial(self._page, **{**asked, "extract": {**query.extract, **FIRST_MESSAGE}})
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

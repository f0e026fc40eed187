"""Threads of a deployment. Values, which may be large, are not asked for in lists.

162 threads are 0.63 MB with them, 0.03 MB without. Some servers ignore the ids in a search, and answer with the newest threads;
others have no search. They are asked for each thread itself, which has its values.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound, Unsupported
from lg_magics.model.records import StateRecord, ThreadRecord, records_of
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.paging import MOST, Listing, Page, listing, pages

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = ["MOST", "Threads"]

YOUNGEST = 20
HINT = "%lg_threads lists them."
FEATURE = "list of threads"
SELECT: tuple[ThreadSelectField, ...] = ("thread_id", "status", "metadata", "created_at", "updated_at", "interrupts")
WORDS: tuple[ThreadSelectField, ...] = ("thread_id", "status", "updated_at", "interrupts")
"""What the server says of a thread in few words: all that tells whether a run on it paused."""
FIRST_MESSAGE = {"first": "values.messages[0]"}


class Threads(Resource[M]):
    """`connection.threads`."""

    # -- lists --------------------------------------------------------------------------------------------------

    async def _search(
        self, limit: int, offset: int, *, doing: str = "list the threads", feature: str = FEATURE, **what: Any
    ) -> list[ThreadRecord]:
        return await self._ask(
            lambda sdk: sdk.threads.search(limit=limit, offset=offset, **what),
            partial(records_of, ThreadRecord),
            doing,
            feature=feature,
        )

    async def _page(self, limit: int, offset: int, **what: Any) -> Page[ThreadRecord]:
        newest = {"sort_by": "updated_at", "sort_order": "desc"}
        return Page(await self._search(limit, offset, select=list(SELECT), extract=FIRST_MESSAGE, **newest, **what))

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
        return await listing(fetch, _id, limit=limit, offset=offset)

    @paged
    async def pages(self, *, status: str | None = None, first: int = MOST) -> AsyncGenerator[list[ThreadRecord], None]:
        """The same page by page, for whoever does not know how many are needed; a page has `first` threads at most."""
        async for page in pages(partial(self._page, status=status), _id, first=first):
            yield list(page.rows)

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
                    1, 0, doing="read the thread", ids=[thread_id], select=list(SELECT), extract=FIRST_MESSAGE
                )
                return _by_id(self._connection, found, [thread_id]).get(thread_id)
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
        return row

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
        return _by_id(self._connection, found, ids)

    # -- changes ------------------------------------------------------------------------------------------------

    @call
    async def create(
        self,
        thread_id: str | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
        graph_id: str | None = None,
        supersteps: object = None,
        is_found: bool = False,
        doing: str = "make a thread",
    ) -> ThreadRecord:
        """Make a thread.

        Args:
            thread_id: its id; the server chooses one otherwise.
            metadata: what to keep beside it.
            graph_id: the graph that it belongs to.
            supersteps: a history to begin with.
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
        self, thread_id: str, metadata: Mapping[str, Any], *, shown: str = "", doing: str = "update the thread"
    ) -> ThreadRecord:
        """Add to what is kept beside a thread, or replace it."""
        return await self._write(
            lambda sdk: sdk.threads.update(thread_id, metadata=dict(metadata)),
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


def _given(metadata: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(metadata) if metadata else None


def _id(row: ThreadRecord) -> str:
    return row.thread_id


def _by_id(connection: Connection, found: Iterable[ThreadRecord], ids: Sequence[str]) -> dict[str, ThreadRecord]:
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

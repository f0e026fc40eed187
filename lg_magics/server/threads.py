"""Threads of a deployment. Values, which may be large, are not asked for in lists.

162 threads are 0.63 MB with them, 0.03 MB without. Some servers ignore the ids in a search, and answer with the newest threads;
others have no search. They are asked for each thread itself, which has its values.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound, Unsupported
from lg_magics.model.records import StateRecord, ThreadRecord
from lg_magics.server.calls import M, call
from lg_magics.server.paging import MOST
from lg_magics.server.thread_lists import FIRST_MESSAGE, SELECT, ThreadLists, threads_by_id

if TYPE_CHECKING:
    pass

__all__ = ["MOST", "Threads"]

YOUNGEST = 20
HINT = "%lg_threads lists them."


class Threads(ThreadLists[M]):
    """`connection.threads`."""

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

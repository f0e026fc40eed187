"""Threads of a deployment. Values, which may be large, are not asked for in lists.

162 threads are 0.63 MB with them, 0.03 MB without. Some servers ignore the ids in a search, and answer with the newest threads;
others have no search. They are asked for each thread itself, which has its values.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from lg_magics.errors import DeploymentError, InvalidRequest, NotFound, UnexpectedResponse, Unsupported
from lg_magics.model.records import StateRecord, ThreadRecord, mapping_from
from lg_magics.server.calls import M, call
from lg_magics.server.paging import MOST
from lg_magics.server.thread_lists import FIRST_MESSAGE, SELECT, ThreadLists, threads_by_id

__all__ = ["MOST", "Threads"]

YOUNGEST = 20
AT_ONCE = 100
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
        parts = [list(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE)]
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

"""The state of a thread, now or at a checkpoint. Must not depend on its content."""

from __future__ import annotations

from functools import partial
from typing import Any

from lg_magics.errors import DeploymentError, InvalidRequest, Unreachable, Unsupported
from lg_magics.model.records import StateRecord, ThreadRecord, UnexpectedShape, mapping_from, records_of
from lg_magics.server.calls import M, Resource, call

__all__ = ["States"]

HINT = "%lg_threads lists them."
COPY = "__copy__"
"""In place of a node's name, LangGraph copies a checkpoint: with its values, and with the tasks that run next."""


class States(Resource[M]):
    """`connection.states`."""

    @call
    async def get(
        self,
        thread_id: str,
        checkpoint_id: str | None = None,
        *,
        namespace: str = "",
        subgraphs: bool = False,
        shown: str = "",
    ) -> StateRecord:
        """Return a thread's state, now or at a checkpoint.

        Args:
            thread_id: the thread.
            checkpoint_id: the checkpoint; None for the newest.
            namespace: the checkpoint namespace of a subgraph; "" for the graph itself.
            subgraphs: include the states of subgraphs in the tasks.
            shown: the thread's name in errors.

        Raises:
            NotFound: no such thread. For a missing checkpoint, servers return an empty state.
            Unsupported: the deployment returns the graph's own state instead of a subgraph's.
        """
        which = _which(namespace, checkpoint_id)
        found = await self._ask(
            lambda sdk: sdk.threads.get_state(thread_id, subgraphs=subgraphs, **which),
            StateRecord,
            "read the state",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )
        self._check_namespace(found, namespace)
        return found

    @call
    async def kept(self, thread_id: str, namespace: str) -> StateRecord | None:
        """Return the newest state that the thread keeps under a namespace; None if there is none.

        The deployment lists no graph that a node or a tool calls itself, but keeps its checkpoints.

        Raises:
            Unreachable: the deployment stopped answering.
        """
        try:
            found = await self._ask(
                lambda sdk: sdk.threads.get_state(thread_id, **_which(namespace)),
                StateRecord,
                "read the state",
                missing=f"thread {thread_id}",
            )
        except Unreachable:
            raise
        except DeploymentError:
            return None
        return found if found.mapping("checkpoint").get("checkpoint_ns") == namespace else None

    @call
    async def update(
        self,
        thread_id: str,
        values: Any,
        *,
        as_node: str | None = None,
        checkpoint_id: str | None = None,
        namespace: str = "",
        shown: str = "",
    ) -> str:
        """Write into a thread's state, or after one of its checkpoints; return the id of the new checkpoint, the new head.

        With `namespace`, write into the state of a subgraph. Until the next run, servers then list the subgraph's values
        as the thread's.
        """
        where: dict[str, Any] = {"checkpoint_id": checkpoint_id, "namespace": namespace, "shown": shown}
        return await self._update(thread_id, values, as_node=as_node, **where)

    async def _update(
        self,
        thread_id: str,
        values: Any,
        *,
        as_node: str | None = None,
        checkpoint_id: str | None,
        namespace: str,
        shown: str,
    ) -> str:
        which = _which(namespace, checkpoint_id)
        before = await self._changed_at(thread_id)

        async def find() -> str | None:
            if not before or await self._changed_at(thread_id) in ("", before):
                return None
            where = _which(namespace)
            head = await self._ask(lambda sdk: sdk.threads.get_state(thread_id, **where), StateRecord, "read the state")
            if as_node != COPY:
                is_written, parent = head.metadata.get("source") == "update", checkpoint_id
            else:
                base = await self._ask(
                    lambda sdk: sdk.threads.get_state(thread_id, **which), StateRecord, "read the state"
                )
                is_written, parent = head.metadata.get("source") == "fork", _parent_of(base)
            is_behind = checkpoint_id is None or _parent_of(head) == parent
            return head.checkpoint_id if is_written and is_behind else None

        return await self._write(
            lambda sdk: sdk.threads.update_state(thread_id, values, as_node=as_node, **which),
            _written_checkpoint,
            "write the state",
            check_with="%lg_history",
            find=find,
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )

    @call
    async def copy(self, thread_id: str, checkpoint_id: str, *, namespace: str = "", shown: str = "") -> str:
        """Copy a checkpoint of a thread; return the id of the copy, the new head. It is a sibling of the checkpoint.

        A deployment that refuses a copy writes nothing after the checkpoint, as the node that ran last: the nodes that run next
        may then be others.
        """
        where: dict[str, Any] = {"checkpoint_id": checkpoint_id, "namespace": namespace, "shown": shown}
        try:
            return await self._update(thread_id, None, as_node=COPY, **where)
        except InvalidRequest:
            return await self._update(thread_id, None, **where)

    def _check_namespace(self, found: StateRecord, namespace: str) -> None:
        answered = found.mapping("checkpoint").get("checkpoint_ns")
        if namespace and answered == "":
            raise Unsupported(f"{self._connection.url} gives no state of subgraphs.")

    async def _changed_at(self, thread_id: str) -> str:
        """Return when the thread last changed, on the server's clock, without reading its large state; "" if unknown."""
        try:
            found = await self._ask(
                lambda sdk: sdk.threads.search(ids=[thread_id], select=["thread_id", "updated_at"], limit=1),
                partial(records_of, ThreadRecord),
                "read the thread",
            )
        except DeploymentError:
            return ""
        return next((row.text("updated_at") for row in found if row.thread_id == thread_id), "")


def _which(namespace: str, checkpoint_id: str | None = None) -> dict[str, Any]:
    """Return the arguments that name a checkpoint of a thread, or of one of its subgraphs."""
    if not namespace:
        return {"checkpoint_id": checkpoint_id}
    return {"checkpoint": {"checkpoint_ns": namespace, **({"checkpoint_id": checkpoint_id} if checkpoint_id else {})}}


def _parent_of(state: StateRecord) -> str:
    return str(state.mapping("parent_checkpoint").get("checkpoint_id") or "")


def _written_checkpoint(payload: object) -> str:
    made = mapping_from(payload, "checkpoint", "checkpoint_id")
    if found := StateRecord(made).checkpoint_id:
        return found
    raise UnexpectedShape("no checkpoint id in place of the new checkpoint")

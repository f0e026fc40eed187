"""The state of a thread, now or at a checkpoint. Must not depend on what is in it."""

from __future__ import annotations

from typing import Any

from lg_magics.model.records import StateRecord, UnexpectedShape, mapping_from
from lg_magics.server.calls import M, Resource, call

__all__ = ["States"]

HINT = "%lg_threads lists them."


class States(Resource[M]):
    """`connection.states`."""

    @call
    async def get(self, thread_id: str, checkpoint_id: str | None = None, *, shown: str = "") -> StateRecord:
        """What a thread holds now, or held at a checkpoint.

        Raises:
            NotFound: no such thread. Of a checkpoint that is not there, servers give an empty state.
        """
        return await self._ask(
            lambda sdk: sdk.threads.get_state(thread_id, checkpoint_id=checkpoint_id),
            StateRecord,
            "read the state",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )

    @call
    async def update(
        self,
        thread_id: str,
        values: Any,
        *,
        as_node: str | None = None,
        checkpoint_id: str | None = None,
        shown: str = "",
    ) -> str:
        """Write into a thread's state, or behind a checkpoint of it; the id of the new checkpoint, which is the head now."""
        return await self._ask(
            lambda sdk: sdk.threads.update_state(thread_id, values, as_node=as_node, checkpoint_id=checkpoint_id),
            _written_checkpoint,
            "write the state",
            missing=f"thread {shown or thread_id}",
            hint=HINT,
        )


def _written_checkpoint(payload: object) -> str:
    made = mapping_from(payload, "checkpoint", "checkpoint_id")
    if found := StateRecord(made).checkpoint_id:
        return found
    raise UnexpectedShape("no checkpoint id in place of the new checkpoint")

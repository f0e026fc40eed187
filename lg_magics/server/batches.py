"""The threads of a batch, with their metadata, which may be large: pages are as long as their bytes allow. Knows no plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph_sdk.schema import RunSelectField

    from lg_magics.server.connection import Connection

__all__ = ["RUN_FIELDS", "batch_threads", "newest_batches"]

FIRST_PAGE = 50
PAGE_BYTES = 4_000_000
MOST = 1000
RUN_FIELDS: list[RunSelectField] = ["run_id", "thread_id", "status", "metadata", "created_at", "updated_at"]
"""What is asked for of a batch's run: all but its input, which may be large too."""


def batch_threads(connection: Connection, metadata: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every thread that carries this metadata: id, status, metadata.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    size, offset = FIRST_PAGE, 0
    while True:
        with connection.doing("read the batch"):
            page = connection.sync.threads.search(
                metadata=metadata,
                limit=size,
                offset=offset,
                select=["thread_id", "status", "metadata"],
                sort_by="thread_id",
                sort_order="asc",
            )
        yield from (dict(row) for row in page)
        if len(page) < size:
            return
        offset += len(page)
        mean = max(1, sum(len(str(row.get("metadata"))) for row in page) // len(page))
        size = max(1, min(MOST, PAGE_BYTES // mean))


def newest_batches(connection: Connection, first_row: dict[str, Any], key: str, limit: int = 5) -> list[str]:
    """The ids of some batches of the deployment, the one that changed last first.

    Args:
        connection: to the deployment.
        first_row: the metadata of a batch's first row.
        key: the name in it that holds the batch's id.
        limit: at most so many.
    """
    with connection.doing("list the batches"):
        found = connection.sync.threads.search(
            metadata=first_row,
            limit=limit * 4,
            select=["thread_id"],
            extract={"id": f"metadata.{key}"},
            sort_by="updated_at",
            sort_order="desc",
        )
    rows: list[dict[str, Any]] = [dict(row) for row in found]
    ids = [(row.get("extracted") or {}).get("id") for row in rows]
    return list(dict.fromkeys(str(each) for each in ids if each))[:limit]

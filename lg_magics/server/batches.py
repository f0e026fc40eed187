"""The threads of a batch. Their fields may be large, so a page's length follows its bytes. Must not depend on a batch's plan."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from typing import Any

from lg_magics.model.records import ThreadRecord, records_of
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.capabilities import SEARCH_THREADS
from lg_magics.server.paging import Page, pages

__all__ = ["Batches"]

FIRST_PAGE = 50


class Batches(Resource[M]):
    """`connection.batches`."""

    async def _search(self, doing: str, **what: Any) -> list[ThreadRecord]:
        known = await self._known()
        given = {name: value for name, value in what.items() if name != "select" or known.takes(SEARCH_THREADS, name)}
        return await self._ask(
            lambda sdk: sdk.threads.search(**given), partial(records_of, ThreadRecord), doing, feature="list of threads"
        )

    async def _page(
        self, limit: int, offset: int, *, metadata: Mapping[str, Any], fields: Sequence[str]
    ) -> Page[ThreadRecord]:
        select, order = ["thread_id", *fields], {"sort_by": "thread_id", "sort_order": "asc"}
        found = await self._search(
            "read the batch", metadata=dict(metadata), limit=limit, offset=offset, select=select, **order
        )
        return Page(found, sum(len(str(dict(row))) for row in found))

    @paged
    async def pages(
        self, metadata: Mapping[str, Any], fields: Sequence[str] = ("metadata",)
    ) -> AsyncGenerator[Sequence[ThreadRecord], None]:
        """Iterate over all threads with this metadata, page by page: their ids and the selected fields.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        fetch = partial(self._page, metadata=metadata, fields=fields)
        most = (await self._known()).most(SEARCH_THREADS)
        async for page in pages(fetch, lambda row: row.thread_id, first=FIRST_PAGE, most=most):
            yield page.rows

    @call
    async def newest(self, first: Mapping[str, Any], key: str, limit: int = 5) -> list[str]:
        """Return the ids of batches on the deployment, most recently changed first.

        Args:
            first: metadata of a batch's first thread.
            key: the metadata key that holds the batch's id.
            limit: the maximum number of ids.
        """
        found = await self._search(
            "list the batches",
            metadata=dict(first),
            limit=limit * 4,
            select=["thread_id"],
            extract={"id": f"metadata.{key}"},
            sort_by="updated_at",
            sort_order="desc",
        )
        ids = [(row.extracted or {}).get("id") for row in found]
        return list(dict.fromkeys(str(each) for each in ids if each))[:limit]

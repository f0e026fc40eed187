"""The threads of a batch. What is read of them may be large: pages are as long as their bytes allow. Knows no plan."""

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
        """Every thread that carries this metadata, in pages: its id and these fields.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        fetch = partial(self._page, metadata=metadata, fields=fields)
        most = (await self._known()).most(SEARCH_THREADS)
        async for page in pages(fetch, lambda row: row.thread_id, first=FIRST_PAGE, most=most):
            yield page.rows

    @call
    async def newest(self, first: Mapping[str, Any], key: str, limit: int = 5) -> list[str]:
        """The ids of some batches of the deployment, the one that changed last first.

        Args:
            first: the metadata of the first of a batch's threads.
            key: the name in it that holds the batch's id.
            limit: at most so many.
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

"""The store of a deployment: items and namespaces. Must not depend on how items are named or shown.

All of its calls are idempotent: a repeated put writes the same value. So each is retried once when its connection turns out to
be closed, which the server does after every 500 (langgraph-api 0.16).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from lg_magics.errors import InvalidRequest, NotFound, Unreachable
from lg_magics.model.records import UnexpectedShape, described, mapping_from
from lg_magics.server.calls import M, Resource, call, paged
from lg_magics.server.capabilities import LIST_NAMESPACES, SEARCH_ITEMS
from lg_magics.server.paging import MOST, SAFE_MOST, Listing, Page, pages

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient

__all__ = ["Store"]

FEATURE = "store"
FIRST = 11
COUNTED = 500_000
"""The byte budget of a count: the server counts only by sending the items themselves."""

T = TypeVar("T")
Item = dict[str, Any]
Index = Literal[False] | list[str] | None


class Store(Resource[M]):
    """`connection.store`."""

    async def _twice(
        self,
        send: Callable[[LangGraphClient], Awaitable[object]],
        read: Callable[[Any], T],
        doing: str,
        missing: str = "",
        check_with: str = "",
    ) -> T:
        """Send a request, and again if no response came: the calls are idempotent. With `check_with`, it is a write."""
        ask = partial(self._write, check_with=check_with) if check_with else self._ask
        try:
            return await ask(send, read, doing, missing=missing, feature=FEATURE)
        except Unreachable:
            return await ask(send, read, doing, missing=missing, feature=FEATURE)

    async def _page(self, limit: int, offset: int, **search: Any) -> Page[Item]:
        sizes: list[int] = []
        what = {name: value for name, value in search.items() if value is not None}
        items = await self._twice(
            lambda sdk: sdk.http.post(
                "/store/items/search",
                json={**what, "limit": limit, "offset": offset},
                on_response=lambda response: sizes.append(len(response.content)),
            ),
            _items,
            "search the store",
        )
        prefix = search["namespace_prefix"]
        return Page([_unscoped(item, prefix, is_whole=False) or item for item in items], sizes[-1], limit)

    async def _page_within(self, limit: int, offset: int, **search: Any) -> Page[Item]:
        """Request up to `limit` items, or as many as the deployment returns in one page."""
        asked = limit
        if limit > SAFE_MOST or self._connection.capabilities is not None:  # a short page needs no document
            asked = min(limit, (await self._known()).most(SEARCH_ITEMS))
        try:
            return await self._page(asked, offset, **search)
        except InvalidRequest:
            known = await self._known()
            shorter = min(known.most(SEARCH_ITEMS), SAFE_MOST)
            if asked <= shorter:
                raise
            page = await self._page(shorter, offset, **search)
            if asked > SAFE_MOST:
                known.refuse_pages(SEARCH_ITEMS)
            return page

    @paged
    async def pages(
        self,
        prefix: Sequence[str],
        *,
        filter: Mapping[str, object] | None = None,
        query: str | None = None,
        refresh_ttl: bool | None = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> AsyncGenerator[Page[Item], None]:
        """Iterate over items under a namespace in pages, in the server's order; a byte budget limits the page length.

        With a query there is one page: on every page, the in-memory server appends the items without a score again after
        those with one.

        Args:
            prefix: the first labels of the namespaces.
            filter: conditions on fields of the values, in the server's syntax.
            query: a text for semantic search, where the store has an index; requires a limit.
            refresh_ttl: whether reading restarts the items' time to live; None for the deployment's own rule. A
                read that no person requested does not.
            limit: the maximum number of items; None for all.
            offset: the number of items to skip.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """
        search: dict[str, Any] = {"namespace_prefix": list(prefix), "filter": filter, "query": query}
        search["refresh_ttl"] = refresh_ttl
        if query is not None:
            if (page := await self._page(limit or MOST, offset, **search)).rows:
                yield page
            return
        async for page in pages(
            partial(self._page_within, **search), _identity, limit=limit, offset=offset, first=FIRST
        ):
            yield page

    @call
    async def count_behind(
        self, prefix: Sequence[str], *, filter: Mapping[str, object] | None, offset: int, size: int
    ) -> tuple[int, bool]:
        """Count the items after an offset, with one page at most; return the count and whether it is complete.

        Args:
            prefix: the first labels of the namespaces.
            filter: conditions on fields of the values, in the server's syntax.
            offset: the number of items to skip.
            size: the approximate bytes of one item.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """
        fits = min(MOST - 1, COUNTED // max(size, 1))
        what: dict[str, Any] = {"namespace_prefix": list(prefix), "filter": filter, "refresh_ttl": False}
        page = await self._page_within(fits + 1, offset, **what)
        found = len(page.rows)
        return min(found, page.asked - 1), found < page.asked

    @call
    async def find(self, namespace: Sequence[str], key: str, *, refresh_ttl: bool | None = False) -> Item | None:
        """Return one item; None if there is none. `refresh_ttl` is as in `pages`.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """
        try:
            found = await self._twice(
                lambda sdk: sdk.store.get_item(namespace, key, refresh_ttl=refresh_ttl),
                _item_or_none,
                "read the item",
                f"item {key!r}",
            )
        except NotFound:
            return None
        own = _unscoped(found, namespace) if found is not None else None
        return own if own is not None and own.get("key", key) == key else None

    @call
    async def put(
        self,
        namespace: Sequence[str],
        key: str,
        value: Mapping[str, Any],
        *,
        ttl: float | None = None,
        index: Index = None,
    ) -> None:
        """Write an item; replace an existing one.

        Args:
            namespace: its labels.
            key: its key.
            value: its value.
            ttl: minutes until it expires; None for the deployment's own rule.
            index: the fields to index for `query`; False for none, None for the deployment's own rule.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """
        await self._twice(
            # the SDK's type is int; the server accepts fractions of a minute
            lambda sdk: sdk.store.put_item(namespace, key, value, index=index, ttl=cast("int | None", ttl)),
            lambda _: None,
            "write the item",
            check_with="%lg_store get",
        )

    @call
    async def delete(self, namespace: Sequence[str], key: str) -> None:
        """Delete an item. A missing item is no error.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """
        try:
            await self._twice(
                lambda sdk: sdk.store.delete_item(namespace, key),
                lambda _: None,
                "delete the item",
                f"item {key!r}",
                check_with="%lg_store get",
            )
        except NotFound:
            return

    @call
    async def namespaces(
        self,
        prefix: Sequence[str],
        *,
        suffix: Sequence[str] = (),
        depth: int | None,
        limit: int | None,
        offset: int,
    ) -> Listing[tuple[str, ...]]:
        """List namespaces with this prefix and suffix (`*` matches any one label), each cut after `depth` labels.

        Args:
            prefix: the first labels.
            suffix: the last labels.
            depth: the number of labels to keep.
            limit: the maximum number of namespaces; None for all.
            offset: the number of namespaces to skip.

        Raises:
            DeploymentError: the deployment does not answer, refuses the request, or has no store.
        """

        async def fetch(limit: int, offset: int) -> Page[tuple[str, ...]]:
            return Page(
                await self._twice(
                    lambda sdk: sdk.store.list_namespaces(
                        list(prefix) or None, list(suffix) or None, max_depth=depth, limit=limit, offset=offset
                    ),
                    _namespaces,
                    "list the namespaces",
                )
            )

        return await self._listing(LIST_NAMESPACES, fetch, lambda labels: labels, limit=limit, offset=offset)


def _items(payload: object) -> list[Item]:
    found = mapping_from(payload, "items")["items"]
    if not isinstance(found, list):
        raise UnexpectedShape(f"{described(found)} in place of a list of items")
    return [_item(each) for each in found]


def _item(payload: object) -> Item:
    return mapping_from(payload, "key", "value")


def _item_or_none(payload: object) -> Item | None:
    return None if payload is None else _item(payload)


def _namespaces(payload: object) -> list[tuple[str, ...]]:
    found = mapping_from(payload, "namespaces")["namespaces"] if isinstance(payload, Mapping) else payload
    if not isinstance(found, list) or not all(isinstance(labels, list | tuple) for labels in found):
        raise UnexpectedShape(f"{described(found)} in place of a list of namespaces")
    return [tuple(map(str, labels)) for labels in found]


def _identity(item: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    return tuple(item.get("namespace") or ()), str(item.get("key"))


def _unscoped(item: Item, labels: Sequence[str], *, is_whole: bool = True) -> Item | None:
    """Return an item that is in or under this namespace; None if it is in another.

    Some servers (aegra) put labels of their own, ("users", "me"), before the requested ones, and return them too.
    """
    there, asked = list(item.get("namespace") or labels), list(labels)
    for start in range(len(there) - len(asked) + 1):
        if there[start : start + len(asked)] == asked and (not is_whole or start + len(asked) == len(there)):
            return {**item, "namespace": there[start:]}
    return None

"""The store's calls, each with its errors translated. Knows the wire; knows nothing of how items are named or shown.

All of them may be made twice: a put writes the same value again. So each is tried once more when its connection turns out to
be closed, which the server does after every 500 (langgraph-api 0.16).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from lg_magics.errors import NotFound, Unreachable
from lg_magics.server.history import BUDGET

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["count_behind", "delete_item", "find_item", "item_pages", "list_namespaces", "put_item", "put_item_behind"]

FEATURE = "store"
FIRST = 11
MOST = 1000
LARGEST = 2**63 - 1
"""The largest number that a server counts with."""
COUNTED = 500_000
"""Bytes that a count may read: the server counts only by sending the items themselves."""

T = TypeVar("T")
Index = Literal[False] | list[str] | None


def _twice(call: Callable[[], T]) -> T:
    try:
        return call()
    except Unreachable:
        return call()


def item_pages(
    connection: Connection,
    prefix: Sequence[str],
    *,
    filter: Mapping[str, object] | None = None,
    query: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Pages of items under a namespace, in the server's order, each with its bytes; a page is as long as fits a budget.

    Nothing comes twice, though items move while pages are read. With a query there is one page: behind the items that
    have a score the in-memory server puts the others anew on every page.

    Args:
        connection: to the deployment.
        prefix: the first labels of their namespaces.
        filter: conditions on fields of their values, in the server's words.
        query: a text to compare them with, where the store has an index; wants a limit.
        limit: at most so many items; None for all.
        offset: after so many.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """
    left, size = limit, FIRST if query is None else limit or MOST
    seen: set[tuple[tuple[str, ...], str]] = set()
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        search = {"namespace_prefix": list(prefix), "filter": filter, "query": query, "limit": wanted, "offset": offset}
        page, received = _twice(partial(_page, connection, search))
        new = [item for item in page if _identity(item) not in seen]
        if new:
            yield new, received
        if len(page) < wanted or not new or query is not None:
            return
        seen.update(map(_identity, new))
        offset += len(page)
        left = None if left is None else left - len(new)
        size = max(1, min(MOST, BUDGET * len(page) // max(received, 1)))


def count_behind(
    connection: Connection, prefix: Sequence[str], *, filter: Mapping[str, object] | None, offset: int, size: int
) -> tuple[int, bool]:
    """How many items there are behind so many, read in one page at most, and whether that is all of them.

    Args:
        connection: to the deployment.
        prefix: the first labels of their namespaces.
        filter: conditions on fields of their values, in the server's words.
        offset: behind so many.
        size: bytes that one item takes, about.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """
    fits = min(MOST - 1, COUNTED // max(size, 1))
    search = {"namespace_prefix": list(prefix), "filter": filter, "limit": fits + 1, "offset": offset}
    found = len(_twice(partial(_page, connection, search))[0])
    return min(found, fits), found <= fits


def _identity(item: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    return tuple(item.get("namespace") or ()), str(item.get("key"))


def _page(connection: Connection, search: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    sizes: list[int] = []
    with connection.doing("search the store", feature=FEATURE):
        found = connection.sync.http.post(
            "/store/items/search",
            json={name: value for name, value in search.items() if value is not None},
            on_response=lambda response: sizes.append(len(response.content)),
        )
    return [dict(item) for item in found.get("items") or []], sizes[0]


def find_item(connection: Connection, namespace: Sequence[str], key: str) -> dict[str, Any] | None:
    """One item; None if there is none.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """

    def find() -> Any:
        with connection.doing("read the item", missing=f"item {key!r}", feature=FEATURE):
            return connection.sync.store.get_item(namespace, key)

    try:
        found = _twice(find)
    except NotFound:
        return None
    return dict(found) if found and _is_item(found, namespace, key) else None


def _is_item(found: Mapping[str, Any], namespace: Sequence[str], key: str) -> bool:
    is_there = list(found.get("namespace", namespace)) == list(namespace)
    return is_there and found.get("key", key) == key


def put_item(
    connection: Connection,
    namespace: Sequence[str],
    key: str,
    value: Mapping[str, Any],
    *,
    ttl: float | None = None,
    index: Index = None,
) -> None:
    """Write an item, in place of the one that is there.

    Args:
        connection: to the deployment.
        namespace: its labels.
        key: its key.
        value: its value.
        ttl: minutes until it goes; the deployment's own rule otherwise.
        index: which fields to index for `query`; False for none, None for the deployment's own rule.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """

    def put() -> None:
        with connection.doing("write the item", feature=FEATURE):
            # the SDK says int; the server takes parts of a minute
            connection.sync.store.put_item(namespace, key, value, index=index, ttl=cast("int | None", ttl))

    _twice(put)


async def put_item_behind(connection: Connection, namespace: Sequence[str], key: str, value: Mapping[str, Any]) -> None:
    """The same on the background loop."""

    def put() -> Awaitable[None]:
        return connection.polls.store.put_item(namespace, key, value)

    for is_last in (False, True):
        try:
            with connection.doing("write the item", feature=FEATURE):
                return await put()
        except Unreachable:
            if is_last:
                raise
    return None


def delete_item(connection: Connection, namespace: Sequence[str], key: str) -> None:
    """Delete an item; that there is none is no error.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """

    def delete() -> None:
        with connection.doing("delete the item", missing=f"item {key!r}", feature=FEATURE):
            connection.sync.store.delete_item(namespace, key)

    try:
        _twice(delete)
    except NotFound:
        return


def list_namespaces(
    connection: Connection, prefix: Sequence[str], *, depth: int | None, limit: int, offset: int
) -> list[tuple[str, ...]]:
    """Namespaces that begin with these labels (`*` stands for any one), each cut after `depth` labels.

    Raises:
        DeploymentError: the deployment does not answer, refuses, or has no store.
    """

    def find() -> Any:
        with connection.doing("list the namespaces", feature=FEATURE):
            return connection.sync.store.list_namespaces(
                list(prefix) or None, max_depth=depth, limit=limit, offset=offset
            )

    found = _twice(find)
    rows = found.get("namespaces") or [] if isinstance(found, Mapping) else found
    return [tuple(labels) for labels in rows]

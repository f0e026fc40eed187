"""One definition of each call, for both clients. Must not depend on any resource.

A call is an `async def` of a resource. `connection.threads.find(id)` runs it to its end at once, with the SDK's sync client;
`await connection.background.threads.find(id)` runs the same code with the async client, on the background loop:

    class Threads(Resource[M]):
        @call
        async def find(self, thread_id: str) -> ThreadRecord | None: ...

A call may await only `self._ask`, `self._write` and functions that await nothing else: the sync variant runs without an event
loop.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from lg_magics.errors import DeploymentError, InvalidRequest, WriteInterrupted
from lg_magics.model.records import mapping_or_empty
from lg_magics.server.capabilities import Capabilities
from lg_magics.server.errors import is_answer_lost, maybe_done
from lg_magics.server.paging import SAFE_MOST, Fetch, Listing, listing

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient

    from lg_magics.server.connection import Connection

__all__ = ["Awaited", "Direct", "Resource", "call", "paged"]


DOCUMENT_SECONDS = 1.0
_documents: dict[tuple[str, str], Mapping[str, Any]] = {}
"""The OpenAPI documents of deployments, by address and version."""


class Direct:
    """Marker of resources whose calls return their result."""


class Awaited:
    """Marker of resources whose calls are awaited, on the background loop."""


M = TypeVar("M")
P = ParamSpec("P")
T = TypeVar("T")


class Resource(Generic[M]):
    """The calls of one resource. A connection makes one instance for each of its clients."""

    def __init__(self, connection: Connection, *, is_awaited: bool) -> None:
        self._connection = connection
        self._is_awaited = is_awaited

    async def _ask(
        self,
        send: Callable[[LangGraphClient], Awaitable[object]],
        read: Callable[[Any], T],
        doing: str,
        *,
        missing: str = "",
        hint: str = "",
        feature: str = "",
        is_long: bool = False,
    ) -> T:
        """Send a request with the SDK and read the response. Errors of both steps are translated.

        Args:
            send: calls the SDK; the sync client has the same methods as the async one.
            read: turns the response into a typed value, or raises UnexpectedShape.
            doing: the attempted operation, for errors: "list the threads".
            missing: what a 404 means: "thread t2"; see `server.errors.translated` for this and the next two arguments.
            hint: what to type next after a 404.
            feature: the feature that a deployment without this call lacks.
            is_long: whether the request waits for a run's end. On the background loop it then uses a connection of the streams.
        """
        connection = self._connection
        with connection.doing(doing, missing=missing, hint=hint, feature=feature):
            if not self._is_awaited:
                return read(send(cast("LangGraphClient", connection.sync)))
            return read(await send(connection.streams if is_long else connection.polls))

    async def _write(
        self,
        send: Callable[[LangGraphClient], Awaitable[object]],
        read: Callable[[Any], T],
        doing: str,
        *,
        check_with: str,
        find: Callable[[], Awaitable[T | None]] | None = None,
        missing: str = "",
        hint: str = "",
        feature: str = "",
    ) -> T:
        """Send a request that changes something. If its response is lost, `find` searches for the result.

        Args:
            send: calls the SDK.
            read: turns the response into a typed value.
            doing: the attempted operation, for errors.
            check_with: the command that shows whether the change was made, for errors that leave this open.
            find: returns what the request created; None if there is nothing.
            missing: see `_ask` for this and the next two arguments.
            hint: what to type next after a 404.
            feature: the feature that a deployment without this call lacks.

        Raises:
            WriteInterrupted: a kernel interrupt stopped the call; whether the change was made is unknown.
        """
        try:
            return await self._ask(send, read, doing, missing=missing, hint=hint, feature=feature)
        except DeploymentError as problem:
            if not is_answer_lost(problem):
                raise
            if find is not None:
                with suppress(DeploymentError):
                    if (found := await find()) is not None:
                        return found
            raise maybe_done(problem, check_with) from problem
        except KeyboardInterrupt as problem:
            raise WriteInterrupted(
                f"Stopped, and {self._connection.url} has not answered yet: it is not known whether it could {doing}.",
                hint=f"It may have been made: {check_with}",
            ) from problem

    async def _known(self) -> Capabilities:
        """Return what the deployment's calls accept. The first use reads its OpenAPI document, within a second."""
        connection = self._connection
        if connection.capabilities is None:
            connection.capabilities = Capabilities(await self._document())
        return connection.capabilities

    async def _listing(
        self, where: str, fetch: Fetch[T], key: Callable[[T], Hashable], *, limit: int | None, offset: int = 0
    ) -> Listing[T]:
        """List `limit` rows in pages. A deployment that rejects long pages gets requests for short ones from then on."""
        known = await self._known()
        most = known.most(where)
        try:
            return await listing(fetch, key, limit=limit, offset=offset, most=most)
        except InvalidRequest:
            if most <= SAFE_MOST or (limit is not None and limit < SAFE_MOST):
                raise
            found = await listing(fetch, key, limit=limit, offset=offset, most=SAFE_MOST)
            known.refuse_pages(where)
            return found

    async def _document(self) -> Mapping[str, Any]:
        connection = self._connection
        place = (connection.url, connection.info.version)
        if place not in _documents:
            try:
                with connection.doing("read what it can do"):
                    client: Any = connection.polls if self._is_awaited else connection.sync
                    response = client.http.client.get("/openapi.json", timeout=DOCUMENT_SECONDS)
                    response = await response if self._is_awaited else response
                    document = response.json() if response.is_success else {}
            except (DeploymentError, ValueError, RecursionError):
                return {}
            if not connection.info.version:
                return mapping_or_empty(document)
            _documents[place] = mapping_or_empty(document)
        return _documents[place]


class call(Generic[P, T]):
    """Turn an `async def` into a call: see the module's docstring."""

    def __init__(self, function: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, resource: Resource[Direct], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[Awaited], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any], owner: type) -> Callable[P, Any]:
        if resource._is_awaited:
            return partial(self._function, resource)
        return partial(_result, self._function, resource)


class paged(Generic[P, T]):
    """Like `call`, for an async generator: iterate with `for`, or with `async for` on the background loop."""

    def __init__(self, function: Callable[Concatenate[Any, P], AsyncGenerator[T, None]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, resource: Resource[Direct], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[Awaited], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Resource[Any], owner: type) -> Callable[P, Any]:
        if resource._is_awaited:
            return partial(self._function, resource)
        return partial(_results, self._function, resource)


def _result(function: Callable[..., Coroutine[Any, Any, T]], /, *args: Any, **kwargs: Any) -> T:
    return _run(function(*args, **kwargs))


def _results(function: Callable[..., AsyncGenerator[T, None]], /, *args: Any, **kwargs: Any) -> Iterator[T]:
    pages = function(*args, **kwargs)
    try:
        while True:
            try:
                page = _run(pages.__anext__())
            except StopAsyncIteration:
                return
            yield page
    finally:
        _run(pages.aclose())


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    coroutine.close()
    raise RuntimeError("a call awaited something else than a request")

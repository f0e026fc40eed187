"""One definition of each call, for both clients. Must not depend on any resource.

A call is an `async def` of a resource. `connection.threads.find(id)` runs it to its end at once, with the SDK's sync client;
`await connection.background.threads.find(id)` runs the same code with its async client, on the background loop:

    class Threads(Resource[M]):
        @call
        async def find(self, thread_id: str) -> ThreadRecord | None: ...

Inside of a call, nothing may be awaited but `self._ask`, `self._write` and other functions of this kind: without a loop there is
nothing else to wait for.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from lg_magics.errors import DeploymentError, InvalidRequest, WriteInterrupted
from lg_magics.model.records import mapping_or_empty
from lg_magics.server.capabilities import SAFE_MOST, Capabilities
from lg_magics.server.errors import is_answer_lost, maybe_done
from lg_magics.server.paging import Fetch, Listing, listing

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient

    from lg_magics.server.connection import Connection

__all__ = ["Awaited", "Direct", "Resource", "call", "paged"]


DOCUMENT_SECONDS = 1.0
_documents: dict[tuple[str, str], Mapping[str, Any]] = {}
"""The OpenAPI documents of deployments, by address and version."""


class Direct:
    """Marks resources whose calls return their result."""


class Awaited:
    """Marks resources whose calls are awaited, on the background loop."""


M = TypeVar("M")
P = ParamSpec("P")
T = TypeVar("T")


class Resource(Generic[M]):
    """The calls of one kind of thing. Made by a connection, once for each of its clients."""

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
        """Send a request with the SDK and read its response, with the errors of both translated.

        Args:
            send: calls the SDK; its sync client has the same methods as the async one.
            read: makes a typed value of the response, or raises UnexpectedShape.
            doing: what is tried, for an error: "list the threads".
            missing: what a 404 means: "thread t2"; see `server.errors.translated` for this and the next two.
            hint: what to type next then.
            feature: what a deployment without this call lacks.
            is_long: whether it waits for a run's end: on the background loop it takes a connection of the streams.
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
        look: str,
        find: Callable[[], Awaitable[T | None]] | None = None,
        missing: str = "",
        hint: str = "",
        feature: str = "",
    ) -> T:
        """The same for a request that changes something. If its response is lost, what it has made is looked for.

        Args:
            send: calls the SDK.
            read: makes a typed value of the response.
            doing: what is tried, for an error.
            look: what a person types to see whether it was done, where that stays open.
            find: what the request has made; None if there is nothing of it.
            missing: see `_ask` for this and the next two.
            hint: what to type next then.
            feature: what a deployment without this call lacks.

        Raises:
            WriteInterrupted: a kernel interrupt came; whether it was done is open.
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
            raise maybe_done(problem, look) from problem
        except KeyboardInterrupt as problem:
            raise WriteInterrupted(
                f"Stopped, and {self._connection.url} has not answered yet: cannot tell whether it could {doing}.",
                hint=f"It may have been made: {look}",
            ) from problem

    async def _known(self) -> Capabilities:
        """What the deployment's calls take. Its OpenAPI document is read when this is first asked for, within a second."""
        connection = self._connection
        if connection.capabilities is None:
            connection.capabilities = Capabilities(await self._document())
        return connection.capabilities

    async def _listing(
        self, where: str, fetch: Fetch[T], key: Callable[[T], Hashable], *, limit: int | None, offset: int = 0
    ) -> Listing[T]:
        """A list in pages that the deployment gives; one that refuses long ones is asked for short ones from then on."""
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
    """Make a call of an `async def`: see the module."""

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
    """The same of an async generator: it is iterated with `for`, or with `async for` on the background loop."""

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
    """Run to its end what never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    coroutine.close()
    raise RuntimeError("a call awaited something else than a request")

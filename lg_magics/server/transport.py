"""Transports that add to httpx and the SDK what they lack. Must not depend on LangGraph's resources.

- A call ends after 30 s without progress, however slowly its response arrives (see `server.timeouts`), and the user sees what is
  being waited for (see `server.waits`).
- An endless response is aborted, by its size, also its unpacked one, or its duration (`server.body`).
- A read whose connection turns out to be closed, and a request that a busy server asks to repeat later, are retried (see
  `server.retries`). A stream is not: the follower replays it.
- A stream's `Location` header is hidden from the SDK, whose own resumption by last event id loses events (ids have the
  resolution of a millisecond). A dropped stream then raises, and the follower replays it from the start.
- A stream's bytes are counted as they arrive, for the follower's budget.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore
import httpx

from lg_magics.errors import SettingsError
from lg_magics.server.body import PACKED, Body
from lg_magics.server.certificates import FILES, certificates, no_certificates
from lg_magics.server.retries import Retries, is_read
from lg_magics.server.timeouts import AsyncBackend, Backend, ProgressTimeout
from lg_magics.server.waits import Wait, note

if TYPE_CHECKING:
    from lg_magics.server.deployment import Deployment

__all__ = [
    "KEPT",
    "STREAMS",
    "AsyncTransport",
    "PingTransport",
    "StreamTransport",
    "SyncTransport",
    "counted",
    "opened",
    "remember",
]

# Connections are kept for as long as a run may take, so that the first call after it need not reconnect.
KEPT = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=120)
LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
# As many connections as streams: a pool of 100 starves every other call.
STREAMS = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=120)
T = TypeVar("T")
_response: ContextVar[httpx.Response | None] = ContextVar("lg_magics_stream_response", default=None)


class SyncTransport(httpx.HTTPTransport):
    """Transport for foreground calls.

    Args:
        seconds: seconds without progress after which a call ends; None leaves httpx's own timeouts, and sets no limits.
        how: arguments of httpx's own transport.
    """

    def __init__(self, *, seconds: float | None = None, **how: Any) -> None:
        super().__init__(**how)
        self._seconds = seconds
        # httpx has no argument for this.
        self._pool._network_backend = Backend(self._pool._network_backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; retry once if the connection was closed, and where the server asks for it."""
        origin = _origin(request)
        wait = Wait(origin)
        try:
            response = self._answer(request)
        except BaseException:
            wait.end()
            raise
        body = None if self._seconds is None else Body(response, origin, self._seconds)
        response.stream = _Waited(response.stream, wait, body)
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        retries = Retries(request)
        while True:
            response = self._sent(request)
            if (later := retries.seconds(response)) is None:
                return response
            response.close()
            note(f"{_origin(request)} is busy, and asks to wait {later:.0f} s")
            time.sleep(later)
            note("")

    def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(_limited(request, self._seconds))
        except LOST:
            if not is_read(request):
                raise
            return super().handle_request(_limited(request, self._seconds))


class PingTransport(httpx.HTTPTransport):
    """For a few short requests with a time limit for all of them together."""

    def __init__(self, *, seconds: float, **how: Any) -> None:
        super().__init__(**how)
        self._timeout = ProgressTimeout(seconds, is_deadline=True)
        self._pool._network_backend = Backend(self._pool._network_backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, unless the time is over."""
        request.extensions = {**request.extensions, "timeout": _all(self._timeout)}
        request.headers["accept-encoding"] = PACKED
        response = super().handle_request(request)
        body = Body(response, _origin(request), self._timeout)
        response.stream = _Waited(response.stream, Wait(_origin(request)), body)
        return response


class AsyncTransport(httpx.AsyncHTTPTransport):
    """The same for the background loop, which shows no notes."""

    _retries_refusals = True

    def __init__(self, *, seconds: float | None = None, **how: Any) -> None:
        super().__init__(**how)
        self._seconds = seconds
        self._pool._network_backend = AsyncBackend(self._pool._network_backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; retry once if the connection was closed, and where the server asks for it."""
        response = await self._answer(request)
        if self._seconds is not None:
            response.stream = _Bounded(response.stream, Body(response, _origin(request), self._seconds))
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        retries = Retries(request)
        while True:
            response = await self._sent(request)
            if not self._retries_refusals or (later := retries.seconds(response)) is None:
                return response
            await response.aclose()
            await self._pool._network_backend.sleep(later)

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(_limited(request, self._seconds))
        except LOST:
            if not is_read(request):
                raise
            return await super().handle_async_request(_limited(request, self._seconds))


class _Waited(httpx.SyncByteStream):
    """A response's body; the wait ends with it."""

    def __init__(self, inner: Any, wait: Wait, body: Body | None) -> None:
        self._inner = inner
        self._wait = wait
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for data in self._inner:
            yield from self._body.read(data) if self._body else (data,)

    def close(self) -> None:
        self._wait.end()
        self._inner.close()


class _Bounded(httpx.AsyncByteStream):
    """The body of a response on the background loop."""

    def __init__(self, inner: Any, body: Body) -> None:
        self._inner = inner
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            for piece in self._body.read(data):
                yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _limited(request: httpx.Request, seconds: float | None) -> httpx.Request:
    if seconds is not None:
        request.headers["accept-encoding"] = PACKED
        timeouts = request.extensions.get("timeout", {})
        read = ProgressTimeout(min(seconds, timeouts.get("read") or seconds))
        request.extensions = {**request.extensions, "timeout": {**timeouts, "read": read}}
    return request


def _all(timeout: ProgressTimeout) -> dict[str, float]:
    try:
        left = timeout.left()
    except httpcore.ReadTimeout as problem:
        raise httpx.ReadTimeout(str(problem)) from problem
    return dict.fromkeys(("connect", "write", "pool"), left) | {"read": timeout}


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"


class StreamTransport(AsyncTransport):
    """For streams and long waits, which may last: without the SDK's own resumption."""

    _retries_refusals = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; remove the address to resume from in its response."""
        request.headers["accept-encoding"] = PACKED
        response = await super().handle_async_request(request)
        response.headers.pop("location", None)
        response.stream = _Bounded(response.stream, Body(response, _origin(request), None))
        return response


def opened(kind: Callable[..., T], deployment: Deployment, **how: Any) -> T:
    """Make a transport for a deployment, with the proxy and the certificates that the environment names.

    Raises:
        SettingsError: the proxy or the certificates cannot be used.
    """
    proxy = deployment.proxy
    try:
        is_plain = proxy is None and deployment.url.startswith("http://")
        return kind(proxy=proxy, verify=no_certificates() if is_plain else certificates(), **how)
    except ImportError as problem:
        raise SettingsError(
            f"The proxy for {deployment.url} is a SOCKS proxy, and socksio is not installed.",
            hint="pip install 'httpx[socks]'",
        ) from problem
    except (ValueError, httpx.InvalidURL) as problem:
        shown = f"of the kind '{proxy.partition('://')[0]}'" if proxy else "here"
        raise SettingsError(
            f"The proxy for {deployment.url} cannot be used: none {shown} is known.",
            hint="HTTP_PROXY, HTTPS_PROXY and ALL_PROXY name http://, https:// or socks5:// proxies.",
        ) from problem
    except OSError as problem:  # ssl.SSLError is one
        named = [name for name in FILES if os.environ.get(name)]
        raise SettingsError(
            f"The certificates that {named[0] if named else 'this system'} names cannot be read: {problem}.",
            hint=f"Unset {named[0]}, or let it name a file that is there." if named else "",
        ) from problem


async def remember(response: httpx.Response) -> None:
    """An httpx hook: record the response that this task is reading."""
    _response.set(response)


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the unpacked bytes of the stream that this task opens inside."""
    _response.set(None)

    def count() -> int:
        response = _response.get()
        return response.num_bytes_downloaded if response is not None else 0

    try:
        yield count
    finally:
        _response.set(None)

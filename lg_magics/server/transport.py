"""How requests travel: the habits of ours that httpx and the SDK do not have. Knows nothing of LangGraph's resources.

- After a 500 the next request on a pooled connection often meets a closed one: a GET is tried once more.
- A stream's `Location` header is hidden from the SDK, whose own resumption by last event id loses events (ids have the
  grain of a millisecond): a dropped stream then raises, and the follower replays it whole.
- A stream's bytes are counted as they come, for the follower's budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

__all__ = ["KEPT", "AsyncTransport", "SyncTransport", "counted", "stream_transport"]

# A connection is kept for as long as a run may take: the first call after it would otherwise have to connect anew.
KEPT = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=120)
LOST = (httpx.ReadError, httpx.RemoteProtocolError)
_response: ContextVar[httpx.Response | None] = ContextVar("lg_magics_stream_response", default=None)


class SyncTransport(httpx.HTTPTransport):
    """A GET whose connection turns out to be closed is tried once more."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, a GET twice if need be."""
        try:
            return super().handle_request(request)
        except LOST:
            if request.method != "GET":
                raise
            return super().handle_request(request)


class AsyncTransport(httpx.AsyncHTTPTransport):
    """The same for the background loop."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, a GET twice if need be."""
        try:
            return await super().handle_async_request(request)
        except LOST:
            if request.method != "GET":
                raise
            return await super().handle_async_request(request)


class StreamTransport(AsyncTransport):
    """For streams: without the SDK's own resumption."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; its answer names no place to resume from."""
        response = await super().handle_async_request(request)
        response.headers.pop("location", None)
        return response


def stream_transport(proxy: str | None = None) -> StreamTransport:
    """A transport with as many connections as there are streams: a pool of 100 starves every other call."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=120)
    return StreamTransport(limits=limits, proxy=proxy)


async def remember(response: httpx.Response) -> None:
    """An httpx hook: the response that this task is reading."""
    _response.set(response)


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the bytes of the stream that this task opens inside."""
    _response.set(None)

    def count() -> int:
        response = _response.get()
        return response.num_bytes_downloaded if response is not None else 0

    try:
        yield count
    finally:
        _response.set(None)

"""Limits for the time without progress, and short requests in one packet. Depends on httpcore's sockets.

httpx restarts its timeouts with every byte. Here a call ends when it gets fewer than 1,000 new bytes in its time, or when its
deadline has passed.

httpcore sends the headers and the body of a request separately, and the server's process wakes up for each. Here a short request
is sent in one piece, when httpcore writes the empty bytes that end it, or reads.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any, Self

import httpcore
from httpcore._utils import is_socket_readable

from lg_magics.server.waits import work_meanwhile

__all__ = ["AsyncBackend", "Backend", "ProgressTimeout"]

PROGRESS = 1_000  # bytes
SHORT = 65_536  # bytes


class ProgressTimeout(float):
    """Seconds without progress, which httpcore passes to each read of one request.

    Args:
        seconds: the time limit.
        is_deadline: whether the limit holds regardless of progress.
    """

    def __new__(cls, seconds: float, *, is_deadline: bool = False) -> Self:
        """A number of seconds."""
        return super().__new__(cls, seconds)

    def __init__(self, seconds: float, *, is_deadline: bool = False) -> None:
        self._is_deadline = is_deadline
        self._began = time.monotonic() if is_deadline else None
        self._bytes = 0

    def left(self) -> float:
        """Return the seconds that the next read may take. The first read starts the clock, since sending may take longer."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
            work_meanwhile()
        left = self + self._began - now
        if left <= 0:
            raise httpcore.ReadTimeout("no progress")
        return left

    def got(self, count: int) -> None:
        """Count the bytes of a read."""
        self._bytes += count
        if self._bytes >= PROGRESS and not self._is_deadline:
            self._bytes = 0
            self._began = time.monotonic()


class _Held:
    """The bytes of a request that were not sent yet."""

    def __init__(self) -> None:
        self._bytes = b""

    def add(self, buffer: bytes) -> bytes:
        """Hold these bytes; return those that must be sent now. Empty bytes end a request, or precede a read."""
        held = self._bytes + buffer
        if buffer and len(held) < SHORT:
            self._bytes = held
            return b""
        self._bytes = b""
        return held


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._held = _Held()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.write(b"", timeout)
        if not isinstance(timeout, ProgressTimeout):
            return self._inner.read(max_bytes, timeout)
        data = self._inner.read(max_bytes, timeout.left())
        timeout.got(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if ready := self._held.add(buffer):
            self._inner.write(ready, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Opens connections whose reads respect a `ProgressTimeout`."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts to connect."""
        self._inner.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._socket = inner.get_extra_info("socket")
        self._held = _Held()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        await self.write(b"", timeout)
        if not isinstance(timeout, ProgressTimeout):
            return await self._inner.read(max_bytes, timeout)
        data = await self._inner.read(max_bytes, timeout.left())
        timeout.got(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if ready := self._held.add(buffer):
            await self._inner.write(ready, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if (
            info == "is_readable"
        ):  # of every idle connection at every request; anyio looks up the socket's addresses each time
            return is_socket_readable(self._socket)
        return self._inner.get_extra_info(info)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """The same for the background loop."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        return _AsyncStream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts to connect."""
        await self._inner.sleep(seconds)

"""A bad network before the real server: real connections that are slow, break off, or end too soon. Knows HTTP's chunks only.

Streams are what it disturbs; every other call passes through untouched, at most late.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

__all__ = ["Fault", "Proxy"]

DATE = re.compile(rb"(?i)\bdate: [^\r]*GMT")


@dataclass(frozen=True)
class Fault:
    """What befalls one answer: after so many bytes of its body the connection breaks, or the body ends as if that were all:
    between two chunks (`end`), or within one (`torn`).

    `pause`: seconds before it happens; `delay`: seconds before each chunk until then.
    """

    after: int
    how: Literal["break", "end", "torn"] = "break"
    pause: float = 0.0
    delay: float = 0.0


class Proxy:
    """Passes on what comes to `url`; `fault_of` is called for every stream, with the most that any stream has sent.

    Attributes:
        streams: how many streams were asked for.
        faults: how many of them were disturbed.
        answer_after: how many seconds each answer to another call is held back.
        ahead: how many seconds later than the server its answers say that it is.
    """

    def __init__(self, target: str, fault_of: Callable[[int], Fault | None] = lambda furthest: None) -> None:
        self._address = urlsplit(target).hostname, urlsplit(target).port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self.fault_of = fault_of
        self.furthest = self.streams = self.faults = 0
        self.url = ""
        self.answer_after = 0.0
        self.ahead = 0.0
        self._serving: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop
        ).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        """End every task of a connection.

        Before the server closes, no connection is accepted any more, and asyncio's own tasks have taken the last ones: in a
        closed server they fail, and leave the sockets open.
        """
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        await asyncio.sleep(0.01)
        while asyncio.all_tasks() - {asyncio.current_task()}:
            for task in list(self._serving):
                task.cancel()
            await asyncio.sleep(0.01)
        self._server.close()
        await asyncio.sleep(0.01)  # the transports close

    def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Serve one connection, and close it even if its task is cancelled before it begins.

        The loop holds its tasks only weakly, and one that waits for a dead peer was collected.
        """
        task = self._loop.create_task(self._serve(client, to_client))
        self._serving.add(task)
        task.add_done_callback(lambda _: to_client.transport.abort())
        task.add_done_callback(self._serving.discard)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._pass_on(client, to_client)

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(sock=await self._connected())
        try:
            request = await client.readuntil(b"\r\n\r\n")
            if b"/stream" in request.partition(b"\r\n")[0]:
                await self._pass_streams(request, client, to_client, server, to_server)
            else:
                to_server.write(request)
                await asyncio.gather(
                    _pass(client, to_server), _pass(server, to_client, lambda: self.answer_after, self._dated)
                )
        finally:
            to_server.transport.abort()

    async def _connected(self) -> socket.socket:
        """A connection that holds little: a slow reader makes the server wait."""
        connection = socket.socket()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            await self._loop.sock_connect(connection, self._address)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _pass_streams(
        self,
        request: bytes,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        """One stream after the other on one connection, until one of them breaks."""
        is_kept = True
        while is_kept:
            self.streams += 1
            to_server.write(request)
            to_client.write(self._dated(await server.readuntil(b"\r\n\r\n")))
            is_kept = await self._pass_chunks(server, to_client, self.fault_of(self.furthest))
            request = await client.readuntil(b"\r\n\r\n") if is_kept else b""

    def _dated(self, data: bytes) -> bytes:
        if not self.ahead:
            return data
        return DATE.sub(b"date: " + formatdate(time.time() + self.ahead, usegmt=True).encode(), data, count=1)

    async def _pass_chunks(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, fault: Fault | None
    ) -> bool:
        """Whether the whole body has passed."""
        sent = 0
        while True:
            head = await server.readline()
            size = int(head, 16)
            chunk = await server.readexactly(size + 2)
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault and sent + size > fault.after:
                self.faults += 1
                await asyncio.sleep(fault.pause)
                to_client.write(_last(fault.how, head, chunk[: max(0, fault.after - sent)]))
                await to_client.drain()
                return False
            to_client.write(head + chunk)
            await to_client.drain()
            sent += size
            self.furthest = max(self.furthest, sent)
            if not size:
                return True


def _last(how: str, head: bytes, part: bytes) -> bytes:
    if how == "break":
        return head + part
    return (b"%x\r\n%s\r\n" % (len(part), part) if part and how == "torn" else b"") + b"0\r\n\r\n"


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    seconds: Callable[[], float] = lambda: 0.0,
    changed: Callable[[bytes], bytes] = bytes,
) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            await asyncio.sleep(seconds())
            writer.write(changed(data))
            await writer.drain()
        writer.write_eof()

"""Unpacks a response's body, and limits its size and its duration. Knows zlib; knows no client.

httpx unpacks all of a network read at once: 64 kB may be 64 MB. Here each piece is counted before the next one is unpacked. The
size on the wire and the unpacked size have the same limit.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator

import httpx

from lg_magics.errors import UnexpectedResponse

__all__ = ["PACKED", "Body"]

PACKED = "gzip, deflate"
"""The encodings that a response may have. A server may not use others without being asked."""
LARGEST = 512_000_000  # bytes of one response, or of one event of a stream
LONGEST = 20  # the maximum duration of a response, as a multiple of the seconds without progress
PIECE = 1_000_000  # bytes that are unpacked at once
WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class Body:
    """The body of one response, as it is read. Removes the header of its encoding, because what is read from here is unpacked.

    Args:
        response: the response, whose body was not read yet.
        origin: the responding server.
        seconds: seconds without progress after which a call ends; None for a response that may last: a stream, or a wait.
    """

    def __init__(self, response: httpx.Response, origin: str, seconds: float | None) -> None:
        self._origin = origin
        self._seconds = None if seconds is None else seconds * LONGEST
        self._until = None if self._seconds is None else time.monotonic() + self._seconds
        self._is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        self._received = self._unpacked = 0
        self._encoding = response.headers.get("content-encoding", "").strip().lower()
        if self._encoding:
            del response.headers["content-encoding"]
        self._window = WINDOWS.get(self._encoding)
        self._zlib = None if self._window is None else zlib.decompressobj(self._window)

    def read(self, data: bytes) -> Iterator[bytes]:
        """Yield the unpacked bytes of a network read, in pieces.

        Raises:
            UnexpectedResponse: the body is larger than LARGEST, continues after the time limit, or has another encoding than
                was asked for.
        """
        if self._zlib is None and self._encoding not in ("", "identity"):
            raise UnexpectedResponse(
                f"The answer of {self._origin} has the encoding {self._encoding[:40]!r}, which was not asked for."
            )
        self._received += len(data)
        self._check()
        for piece in (data,) if self._zlib is None else self._pieces(self._zlib, data):
            self._count(piece)
            self._check()
            yield piece

    def _count(self, piece: bytes) -> None:
        end = piece.rfind(b"\n") if self._is_stream else -1
        if end >= 0:  # a stream has no end: each line of it counts alone
            self._received = self._unpacked = len(piece) - end - 1
        else:
            self._unpacked += len(piece)

    def _check(self) -> None:
        is_large = max(self._received, self._unpacked) > LARGEST
        if not is_large and (self._until is None or time.monotonic() <= self._until):
            return
        reason = f"more than {LARGEST // 1_000_000} MB" if is_large else f"no end after {self._seconds:g} s"
        raise UnexpectedResponse(
            f"The answer of {self._origin} has {reason}, and was not read further.",
            hint="lg.client() reads answers of any size.",
        )

    def _pieces(self, unpacker: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        """Unpack in pieces. What follows the end of the packed data is ignored, as httpx does."""
        piece = b""
        while (data or len(piece) == PIECE) and not unpacker.eof:
            try:
                piece = unpacker.decompress(data, PIECE)
            except zlib.error as problem:
                if self._window != zlib.MAX_WBITS:
                    raise httpx.DecodingError(str(problem)) from problem
                self._window = -zlib.MAX_WBITS  # some servers send deflate without its header
                unpacker = self._zlib = zlib.decompressobj(self._window)
                piece = b""
                continue
            data = unpacker.unconsumed_tail
            yield piece

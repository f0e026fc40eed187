"""Compress values that are seldom read to a tenth of their memory. Pure.

Values of one class are similar: each is compressed against the first one that its `Packer` has packed.
"""

from __future__ import annotations

import io
import pickle
import zlib
from typing import Any, Generic, TypeVar

__all__ = ["Packed", "Packer"]

LARGEST = 64_000  # bytes; a larger value would take long, and is never one of thousands
WINDOW = 32_000  # bytes that zlib can refer back to

T = TypeVar("T")
P = TypeVar("P", bound="Packed[Any]")


class Packed(Generic[T]):
    """One compressed value. Each `read` returns a new copy."""

    __slots__ = ("_bytes", "_like")

    def __init__(self, whole: bytes, like: bytes) -> None:
        packing = zlib.compressobj(zdict=like) if like else zlib.compressobj()
        self._bytes = packing.compress(whole) + packing.flush()
        self._like = like

    def read(self) -> T:
        """Return a copy of the value."""
        reading = zlib.decompressobj(zdict=self._like) if self._like else zlib.decompressobj()
        found: T = pickle.loads(reading.decompress(self._bytes))  # made in this process, never received
        return found


class Packer:
    """Packs the values of one session."""

    def __init__(self) -> None:
        self._first: dict[type, bytes] = {}

    def packed(self, kind: type[P], value: object) -> P | None:
        """Pack a value; None if it is too large, or cannot be pickled.

        Args:
            kind: the class of the result; values of one class are similar.
            value: the value to keep.
        """
        into = _Bounded()
        try:
            pickle.Pickler(into, 5).dump(value)
        except Exception:  # noqa: BLE001 - it may hold any object of a person's
            return None
        whole = into.getvalue()
        return kind(whole, self._first.setdefault(kind, whole[-WINDOW:]))


class _Bounded(io.BytesIO):
    def write(self, data: object, /) -> int:
        written = super().write(data)  # type: ignore[arg-type]
        if self.tell() > LARGEST:
            raise OverflowError
        return written

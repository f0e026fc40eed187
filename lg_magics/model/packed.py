"""Values that are kept and seldom read, in a tenth of their memory. Pure.

Those of one kind are much alike: each is compressed against the first that its `Packer` has packed.
"""

from __future__ import annotations

import io
import pickle
import zlib
from typing import Any, Generic, TypeVar

__all__ = ["Packed", "Packer"]

LARGEST = 64_000  # bytes; a larger value would take long, and would not be one of thousands
WINDOW = 32_000  # bytes that zlib looks back

T = TypeVar("T")
P = TypeVar("P", bound="Packed[Any]")


class Packed(Generic[T]):
    """One value, compressed. Each `read` gives a new copy of it."""

    __slots__ = ("_bytes", "_like")

    def __init__(self, whole: bytes, like: bytes) -> None:
        packing = zlib.compressobj(zdict=like) if like else zlib.compressobj()
        self._bytes = packing.compress(whole) + packing.flush()
        self._like = like

    def read(self) -> T:
        """The value again."""
        reading = zlib.decompressobj(zdict=self._like) if self._like else zlib.decompressobj()
        found: T = pickle.loads(reading.decompress(self._bytes))  # our own bytes, which nobody else has had
        return found


class Packer:
    """Packs the values of one session."""

    def __init__(self) -> None:
        self._first: dict[type, bytes] = {}

    def packed(self, kind: type[P], value: object) -> P | None:
        """The value packed; None if it is too large, or an object that cannot be copied.

        Args:
            kind: the class of what packs it; all of one class are much alike.
            value: what is kept.
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

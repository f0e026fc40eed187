"""A section as one page shows it: its rows by the page's handles, and when they may be read again. Makes no requests."""

from __future__ import annotations

import threading
import time

from lg_magics.panel.lists import SectionRows
from lg_magics.panel.sections import Section
from lg_magics.views.panel_row import PanelRow

__all__ = ["GAP", "MOST", "SectionState"]

LIMIT, MOST = 30, 1_000
GAP, GAP_OF_MANY = 1.0, 3.0
"""Minimum seconds between two readings of a section."""


class SectionState:
    """A section as one page shows it.

    Attributes:
        section: the section.
        prefix: the beginning of its rows' handles.
        revision: a number that changes when the rows have changed.
        rows: the rows that were read last, by handle.
        listed: the result of that reading.
        limit: how many rows are read.
    """

    def __init__(self, section: Section) -> None:
        self.section = section
        self.prefix = f"{section.name}-"
        self.revision = 0
        self._lock = threading.Lock()
        self._handles: dict[str, str] = {}
        self._next_at = 0.0
        self._is_due = False
        self._readings = self._kept = 0
        self.begin()

    def begin(self) -> None:
        """Reset to no rows. A reading that has begun is not kept any more: it may be of another deployment."""
        with self._lock:
            self._readings += 1
            self._kept = self._readings
            self.rows: dict[str, PanelRow] = {}
            self.listed = SectionRows((), "")
            self.limit = LIMIT
            self.revision += 1

    @property
    def counted(self) -> str:
        """Return the number of rows, once known."""
        return self.listed.counted

    def reading(self) -> int:
        """Return the number of a reading that begins now; a later one has a higher number."""
        with self._lock:
            self._readings += 1
            return self._readings

    def keep(self, listed: SectionRows, reading: int) -> bool:
        """Store the rows of a reading, unless those of a later one are stored; a row keeps its handle.

        Returns:
            Whether they were stored.
        """
        with self._lock:
            if reading < self._kept:
                return False
            rows: dict[str, PanelRow] = {}
            for row in listed.rows:
                rows[self._handles.setdefault(row.id, f"{self.prefix}{len(self._handles) + 1}")] = row
            self.rows, self.listed, self._kept = rows, listed, reading
            return True

    def touch(self) -> float | None:
        """Record a change: return 0 if the page may read at once, the seconds until then, or None if that is scheduled."""
        with self._lock:
            if self._is_due:
                return None
            wait = self._next_at - time.monotonic()
            if wait <= 0 or self.section.is_own:
                self._bump()
                return 0.0
            self._is_due = True
            return wait

    def due(self) -> None:
        """Let the page read now."""
        with self._lock:
            self._bump()

    def _bump(self) -> None:
        self.revision += 1
        self._is_due = False
        self._next_at = time.monotonic() + (GAP if self.limit == LIMIT else GAP_OF_MANY)

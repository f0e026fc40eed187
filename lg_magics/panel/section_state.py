"""A section as one page has it: its rows by what the page calls them, and when they may be read again. Asks nobody."""

from __future__ import annotations

import threading
import time

from lg_magics.panel.lists import Listed
from lg_magics.panel.sections import Section
from lg_magics.views.panel_row import PanelRow

__all__ = ["MOST", "SectionState"]

LIMIT, MOST = 30, 1_000
GAP, GAP_OF_MANY = 1.0, 3.0
"""Seconds between two readings of a section."""


class SectionState:
    """A section as one page has it.

    Attributes:
        section: which.
        prefix: begins what the page calls its rows.
        looked: another number when the rows are not what they were.
        rows: the rows that were read last, by what the page calls them.
        listed: what was read with them.
        limit: how many are read.
    """

    def __init__(self, section: Section) -> None:
        self.section = section
        self.prefix = f"{section.name}-"
        self.looked = 0
        self._lock = threading.Lock()
        self._handles: dict[str, str] = {}
        self._next_at = 0.0
        self._is_due = False
        self.begin()

    def begin(self) -> None:
        """Begin anew, with no rows."""
        self.rows: dict[str, PanelRow] = {}
        self.listed = Listed((), "")
        self.limit = LIMIT
        self.looked += 1

    @property
    def counted(self) -> str:
        """How many rows there are, once that is known."""
        return self.listed.counted

    def keep(self, listed: Listed) -> None:
        """Keep what was read; a row is called what it was called before."""
        rows: dict[str, PanelRow] = {}
        for row in listed.rows:
            rows[self._handles.setdefault(row.id, f"{self.prefix}{len(self._handles) + 1}")] = row
        self.rows, self.listed = rows, listed

    def touch(self) -> float | None:
        """Note a change: 0 if the page may ask at once, the seconds until then, or None if that is under way."""
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
        """Let the page ask now."""
        with self._lock:
            self._bump()

    def _bump(self) -> None:
        self.looked += 1
        self._is_due = False
        self._next_at = time.monotonic() + (GAP if self.limit == LIMIT else GAP_OF_MANY)

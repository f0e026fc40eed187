"""The type under which a notebook holds a view; labextension/src/saved_view.ts draws it. Depends on nothing."""

from __future__ import annotations

__all__ = ["VIEW"]

VIEW = "application/vnd.lg-magics.view+json"

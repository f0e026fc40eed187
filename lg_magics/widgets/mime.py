"""The MIME type of a view in a notebook; labextension/src/saved_view.ts renders it. Depends on nothing."""

from __future__ import annotations

__all__ = ["VIEW"]

VIEW = "application/vnd.lg-magics.view+json"

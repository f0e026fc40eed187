"""Whether a page with our JupyterLab extension has spoken to this kernel. Depends on nothing."""

from __future__ import annotations

import threading

__all__ = ["SPOKE"]

SPOKE = threading.Event()
"""Set when the extension sends its first message. It writes what widgets say into the notebook; other pages do not."""

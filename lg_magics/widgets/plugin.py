"""Records whether a page with our JupyterLab extension is connected to this kernel. Depends on nothing."""

from __future__ import annotations

import threading

__all__ = ["SPOKE", "pages"]

SPOKE = threading.Event()
"""Set by the extension's first message. The extension writes the output of widgets into the notebook; other pages do not."""

pages: set[str] = set()
"""The session ids of the pages that have sent such a message. Each is a notebook; a console has no panel."""

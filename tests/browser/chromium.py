"""The browser that is driven: where it is, and how it is started. Knows no page."""

from __future__ import annotations

import os
import shutil

# Without windows it takes a sixth less CPU.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

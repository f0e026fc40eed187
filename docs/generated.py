"""Files that scripts of this folder write from the code: written, or with `--check` compared with what is there."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["write_or_check"]


def write_or_check(path: Path, text: str) -> None:
    """Write `text`; with `--check` on the command line, exit with a message if the file differs."""
    if "--check" not in sys.argv:
        path.write_text(text, "utf-8")
    elif not path.exists() or path.read_text("utf-8") != text:
        sys.exit(f"{path.name} is not up to date: `make docs` writes it.")

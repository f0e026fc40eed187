"""The last addresses that sessions of this user connected to, for completion. Reads and writes one file; it holds no key."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

__all__ = ["recent_addresses", "remember_address"]

RECENT = 10
LONGEST_ADDRESS = 200


def recent_addresses() -> list[str]:
    """Return the addresses, newest first; none if they cannot be read."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, RuntimeError):
        return []
    texts = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    is_address = ("http://", "https://")
    return [
        each for each in texts if each.startswith(is_address) and each.isprintable() and len(each) < LONGEST_ADDRESS
    ]


def remember_address(url: str) -> None:
    """Store an address for the completion of later sessions, in a file that only this user can read."""
    with contextlib.suppress(OSError, RuntimeError):
        file = _file()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as text:
            json.dump(list(dict.fromkeys((url, *recent_addresses())))[:RECENT], text)
        part.replace(file)


def _file() -> Path:
    """Return the path in the user's state folder: `~/.local/state`, or the system's equivalent.

    Raises:
        RuntimeError: the user has no home.
    """
    folder = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(folder or Path.home() / ".local" / "state") / "lg_magics" / "recent.json"

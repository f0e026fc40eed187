"""Prints the section of CHANGELOG.md of one version: the notes of its release."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def notes_of(version: str, changelog: str) -> str:
    """The text below the heading of a version.

    Raises:
        SystemExit: there is no such heading, or nothing below it.
    """
    found = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if found is None or not found[1].strip():
        raise SystemExit(f"CHANGELOG.md has nothing about {version}.")
    return found[1].strip()


if __name__ == "__main__":
    print(notes_of(sys.argv[1], CHANGELOG.read_text("utf-8")))

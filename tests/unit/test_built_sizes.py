"""What every page loads of the extension, and what a view in an output sends, stay small."""

from __future__ import annotations

import sys
from pathlib import Path

import lg_magics

BUILT = Path(lg_magics.__file__).parent
EXTENSION = Path(sys.prefix) / "share/jupyter/labextensions/lg-magics"  # a link, or what the wheel has put there


def size_of(*files: Path) -> int:
    assert files
    return sum(each.stat().st_size for each in files)


def test_the_extension_is_at_most_150_kilobytes() -> None:
    assert size_of(*(EXTENSION / "static").glob("*.js")) <= 150_000


def test_a_view_of_an_output_is_at_most_45_kilobytes() -> None:
    assert size_of(*(BUILT / "widgets/static" / name for name in ("view.js", "view.css"))) <= 45_000

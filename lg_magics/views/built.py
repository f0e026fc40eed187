"""Read the files of the built front end as text. Knows their location; renders nothing."""

from __future__ import annotations

from pathlib import Path

from lg_magics.errors import LgError

__all__ = ["built"]


def built(name: str) -> str:
    """Return a file of the built front end: `view.js`.

    Raises:
        LgError: The front end is not built.
    """
    path = Path(__file__).parent.parent / "widgets/static" / name
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise LgError(f"The front end is not built: no {name}.", hint="`make setup` builds it.") from error

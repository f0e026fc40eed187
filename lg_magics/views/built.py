"""The built front end's files, as text and as a <style> element. Knows where they are; draws nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lg_magics.errors import LgError
from lg_magics.views.escape import Html

__all__ = ["built", "built_style"]


def built(name: str) -> str:
    """A file of the built front end: `view.js`.

    Raises:
        LgError: The front end was not built.
    """
    path = Path(__file__).parent.parent / "widgets/static" / name
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise LgError(f"The front end is not built: no {name}.", hint="`make setup` builds it.") from error


@cache
def built_style(*names: str) -> Html:
    """Built style sheets as one <style> element.

    Raises:
        LgError: The front end was not built.
    """
    return Html(f"<style>{''.join(built(name).strip() for name in names)}</style>")

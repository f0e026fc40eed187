"""The places of loaded statements in their notebook: tracebacks show cells and lines, also after a cell has run again."""

from __future__ import annotations

import linecache
import re
import traceback

from lg_magics.local.versions import Version

__all__ = ["cell_of_error", "filename_of", "renumber", "show_cells"]

_PLACE = re.compile(r"(?P<name>.+) v(?P<version>\d+), cell (?P<cell>\d+)")


def filename_of(version: Version, cell: int) -> str:
    """Return the name under which a cell's statements are compiled."""
    return f"{version.name} v{version.number}, cell {cell}"


def show_cells(version: Version, text: str) -> None:
    """Make tracebacks show the lines of the cells of a version that is loaded."""
    _loaded_pieces[version.name, version.number] = _pieces_of(version, text)
    cells: dict[int, dict[int, str]] = {}
    lines = text.split("\n")
    for piece in version.pieces:
        shown = cells.setdefault(piece["cell"], {})
        for number in range(piece["first"], piece["last"] + 1):
            shown[piece["line"] + number - piece["first"]] = lines[number - 1]
    for cell, shown in cells.items():
        content = [shown.get(number, "") + "\n" for number in range(1, max(shown) + 1)]
        name = filename_of(version, cell)
        linecache.cache[name] = (sum(map(len, content)), None, content, name)


def cell_of_error(problem: BaseException) -> tuple[int, int] | None:
    """Return the cell and line that raised: the last frame in a cell; None if there is none."""
    if isinstance(problem, SyntaxError) and (found := _PLACE.fullmatch(problem.filename or "")):
        return int(found["cell"]), problem.lineno or 0
    found_at = None
    for frame in traceback.extract_tb(problem.__traceback__):
        if found := _PLACE.fullmatch(frame.filename):
            found_at = _place_now(found["name"], int(found["version"]), int(found["cell"]), frame.lineno or 0)
    return found_at


# A cell that runs again has another number, and other lines if it was edited. Unchanged statements are found by their text.
_loaded_pieces: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
_places_now: dict[str, dict[str, tuple[int, int]]] = {}


def renumber(version: Version, text: str) -> None:
    """Make errors show the current places of a version's statements in the notebook."""
    _places_now[version.name] = {piece: (cell, line) for cell, line, piece in _pieces_of(version, text)}


def _pieces_of(version: Version, text: str) -> list[tuple[int, int, str]]:
    lines = text.split("\n")
    return [
        (piece["cell"], piece["line"], "\n".join(lines[piece["first"] - 1 : piece["last"]])) for piece in version.pieces
    ]


def _place_now(name: str, number: int, cell: int, line: int) -> tuple[int, int]:
    for known, first, text in _loaded_pieces.get((name, number), ()):
        if known == cell and first <= line <= first + text.count("\n"):
            now = _places_now.get(name, {}).get(text, (cell, first))
            return now[0], now[1] + line - first
    return cell, line

"""A text with `{column}` in it, to be filled in from a row. Pure: knows texts and cells, no frame.

Literal braces are doubled, `{{` and `}}`. The text between single ones is a column's full name:
there are no formats, attributes or indexes, and nothing is evaluated.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

from lg_magics.errors import CommandError

__all__ = [
    "MissingCell",
    "Template",
    "checked_column",
    "is_missing",
    "plain_list",
    "template_from_text",
    "text_of_cell",
    "unknown_column",
]

PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
LISTED = 10


class MissingCell(ValueError):
    """A required cell is empty (None, NaN, NaT); the text names its column."""

    def __init__(self, column: str) -> None:
        super().__init__(f"the cell of '{column}' is empty")


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces: literal texts, and (True) the names of columns."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it uses, each once."""
        return tuple(dict.fromkeys(text for text, is_column in self.pieces if is_column))

    def filled(self, row: Mapping[str, Any]) -> str:
        """Return the text with a row's cells filled in.

        Raises:
            MissingCell: a cell is empty.
        """
        return "".join(text_of_cell(text, row[text]) if is_column else text for text, is_column in self.pieces)


def template_from_text(text: str, columns: Sequence[str]) -> Template:
    """Parse a template.

    Raises:
        CommandError: a brace is unpaired, or a column does not exist.
    """
    pieces = tuple(_pieces(text))
    for name in (piece for piece, is_column in pieces if is_column):
        if name not in columns:
            raise unknown_column(name, columns)
    return Template(pieces)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for match in PIECE.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], False
        at = match.end()
        if match[0] in ("{{", "}}"):
            yield match[0][0], False
        elif match[1] is None:
            raise CommandError(
                f"A '{match[0]}' stands alone at character {match.start() + 1} of the template.", hint=TWICE
            )
        else:
            yield match[1], True
    if at < len(text):
        yield text[at:], False


TWICE = "Literal braces are doubled: {{ and }}."


def checked_column(name: str, columns: Sequence[str]) -> None:
    """Check that a column of this name exists, if a name is given.

    Raises:
        CommandError: it does not exist.
    """
    if name and name not in columns:
        raise unknown_column(name, columns)


def unknown_column(name: str, columns: Sequence[str]) -> CommandError:
    """Return the error for a column that does not exist."""
    near = difflib.get_close_matches(name, columns, 1)
    listed = ", ".join(columns[:LISTED]) + (", …" if len(columns) > LISTED else "")
    better = f"Did you mean {near[0]}?" if near else f"There are {listed}."
    return CommandError(f"The frame has no column '{name}'. {better}", hint=TWICE if not name.isidentifier() else "")


def is_missing(cell: object) -> bool:
    """Return whether a cell is empty: None, NaN or NaT of any library; an empty cell is not even equal to itself."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if not (isinstance(cell, Number) or type(cell).__name__ in ("datetime64", "timedelta64")):
        return False
    with contextlib.suppress(ArithmeticError):  # comparing a signaling NaN raises
        return bool(cell != cell)
    return False


def plain_list(cell: object) -> object:
    """Return an array or a tuple as a list, as Parquet files have lists; any other cell as it is."""
    if isinstance(cell, tuple):
        return list(cell)
    return cell.tolist() if getattr(cell, "shape", ()) and hasattr(cell, "tolist") else cell


def text_of_cell(column: str, cell: object) -> str:
    """Return a cell's text: a text unchanged, a dict or list as JSON, anything else as Python prints it.

    Raises:
        MissingCell: it is empty.
    """
    if is_missing(cell):
        raise MissingCell(column)
    cell = plain_list(cell)
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)

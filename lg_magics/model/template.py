"""A text with `{column}` in it, to be filled in from a row. Pure: knows texts and cells, no frame.

Literal braces are doubled, `{{` and `}}`. What stands between single ones is a column's whole name, whatever it holds:
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
    "template_from_text",
    "text_of_cell",
    "unknown_column",
]

PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
LISTED = 10


class MissingCell(ValueError):
    """A cell that is wanted is empty (None, NaN, NaT); its text says which."""

    def __init__(self, column: str) -> None:
        super().__init__(f"the cell of '{column}' is empty")


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces: what stands as it is, and (True) the names of columns."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it takes, each once."""
        return tuple(dict.fromkeys(text for text, is_column in self.pieces if is_column))

    def filled(self, row: Mapping[str, Any]) -> str:
        """The text with a row's cells in it.

        Raises:
            MissingCell: a cell is empty.
        """
        return "".join(text_of_cell(text, row[text]) if is_column else text for text, is_column in self.pieces)


def template_from_text(text: str, columns: Sequence[str]) -> Template:
    """A template from what was typed.

    Raises:
        CommandError: a brace stands alone, or a column is not there.
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
    """See that there is a column of this name, if there is a name.

    Raises:
        CommandError: there is none.
    """
    if name and name not in columns:
        raise unknown_column(name, columns)


def unknown_column(name: str, columns: Sequence[str]) -> CommandError:
    """What to say of a column that is not there."""
    near = difflib.get_close_matches(name, columns, 1)
    listed = ", ".join(columns[:LISTED]) + (", …" if len(columns) > LISTED else "")
    better = f"Did you mean {near[0]}?" if near else f"There are {listed}."
    return CommandError(f"The frame has no column '{name}'. {better}", hint=TWICE if not name.isidentifier() else "")


def is_missing(cell: object) -> bool:
    """Whether a cell is empty: None, NaN, NaT, whosever they are; what is empty is not even equal to itself."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if not (isinstance(cell, Number) or type(cell).__name__ in ("datetime64", "timedelta64")):
        return False
    with contextlib.suppress(ArithmeticError):  # a signaling NaN does not even let itself be asked
        return bool(cell != cell)
    return False


def text_of_cell(column: str, cell: object) -> str:
    """A cell's text: a text as it is, a dict or list as JSON, anything else as Python writes it.

    Raises:
        MissingCell: it is empty.
    """
    if is_missing(cell):
        raise MissingCell(column)
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)

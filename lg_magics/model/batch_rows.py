"""The rows of a batch, and how a row becomes a graph's input. Pure: plain cells, no pandas.

The input is converted to JSON text once, when the batch is made, and stored beside the row's thread. So a row
that is launched after a kernel restart gets exactly the same input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.conversation import text_as_input
from lg_magics.model.json_text import json_fault
from lg_magics.model.template import Template, is_missing, plain_list, template_from_text, text_of_cell, unknown_column

__all__ = [
    "Rows",
    "Source",
    "is_utf8",
    "json_of",
    "json_of_cells",
    "json_of_input",
    "names_of",
    "rows_from_columns",
    "rows_from_records",
    "source_from",
]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a frame.

    Attributes:
        columns: their names as texts, without duplicates.
        cells: the cells of each row.
        dtypes: the pandas type of each column, or `{"categories": …, "of": …, "ordered": …}`; () if there was no frame.
        labels: the frame's index, if it differs from 0…n-1.
        label_names: the names of the index's levels.
        names: the columns' original names, if not all of them are texts.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]
    dtypes: tuple[str | Mapping[str, Any], ...] = ()
    labels: tuple[Any, ...] | None = None
    label_names: tuple[Any, ...] = ()
    names: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    def row(self, place: int) -> dict[str, Any]:
        """Return one row as a dict by column."""
        return dict(zip(self.columns, self.cells[place], strict=True))


@dataclass(frozen=True, slots=True)
class Column:
    """A column whose cells are the inputs: a dict or list is the graph's whole input, any other cell one human message."""

    name: str

    def input_of(self, row: Mapping[str, Any]) -> Any:
        """Return the graph's input for a row."""
        cell = plain_list(row[self.name])
        return cell if isinstance(cell, dict | list) else text_as_input(text_of_cell(self.name, cell))


@dataclass(frozen=True, slots=True)
class Filled:
    """A template whose text is one human message."""

    template: Template

    def input_of(self, row: Mapping[str, Any]) -> Any:
        """Return the graph's input for a row."""
        return text_as_input(self.template.filled(row))


Source = Column | Filled


def source_from(text: str, columns: Sequence[str]) -> Source:
    """Return the source of the inputs: the column with this name, else a template.

    Raises:
        CommandError: a column does not exist, or a brace is unpaired.
    """
    if text in columns:
        return Column(text)
    template = template_from_text(text, columns)
    if template.columns:
        return Filled(template)
    if "{" not in text:
        raise unknown_column(text, columns)
    raise CommandError("The template takes no column: every row would be the same.", hint='"Weather in {city}?"')


def json_of_input(source: Source, row: Mapping[str, Any]) -> str:
    """Return a row's input as the JSON text that will be sent.

    Raises:
        ValueError: the row has no input that can be sent; the message states why.
    """
    value = source.input_of(row)
    if problem := json_fault(value, "input"):
        raise ValueError(problem.message.rstrip("."))
    try:
        text = json.dumps(value, ensure_ascii=False, default=_sendable, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise ValueError(f"this cannot be sent as JSON: {problem}") from problem
    if not is_utf8(text):
        raise ValueError("this holds half a character (a lone surrogate), which no JSON can carry")
    return text


def _sendable(thing: Any) -> Any:
    """Return an object's JSON form: a message's payload, an array's list, a date's text. Nothing is invented."""
    for name in ("model_dump", "tolist", "isoformat"):
        if callable(method := getattr(thing, name, None)):
            return method()
    if isinstance(thing, set | frozenset):
        return sorted(thing, key=repr)  # in one order in each kernel
    raise TypeError(type_phrase(thing))


def json_of_cells(cells: Mapping[str, Any]) -> str:
    """Return cells as JSON text for storage: empty ones are null; values without a JSON form become text."""
    text = ", ".join(f"{json_of(name)}: {_json_of_cell(cell)}" for name, cell in cells.items())
    return f"{{{text}}}"


def _json_of_cell(cell: Any) -> str:
    try:
        return json_of(None if is_missing(cell) else cell)
    except (TypeError, ValueError, RecursionError):
        return json_of(str(cell))


def json_of(value: Any) -> str:
    """Return any value as JSON text for storage: values without a JSON form become text."""
    text = json.dumps(value, ensure_ascii=False, default=_kept)
    return text if is_utf8(text) else json.dumps(value, default=_kept)


def _kept(thing: Any) -> Any:
    try:
        return _sendable(thing)
    except TypeError:
        return str(thing)


def is_utf8(text: str) -> bool:
    """Return whether UTF-8 can encode a text: a lone surrogate cannot be encoded."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def names_of(columns: Iterable[Any]) -> tuple[Any, ...]:
    """Return the columns' original names; () if all of them are texts."""
    names = tuple(columns)
    return () if all(isinstance(name, str) for name in names) else names


def rows_from_records(records: Sequence[Mapping[Any, Any]]) -> Rows:
    """Make rows from dicts; a missing key is an empty cell."""
    keys = list(dict.fromkeys(key for record in records for key in record))
    cells = tuple(tuple(record.get(key) for key in keys) for record in records)
    return Rows(tuple(map(str, keys)), cells, names=names_of(keys))


def rows_from_columns(columns: Mapping[Any, Iterable[Any]]) -> Rows:
    """Make rows from a mapping of columns.

    Raises:
        CommandError: a column is not a list, or their lengths differ.
    """
    for name, cells in columns.items():
        if isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Iterable):
            raise CommandError(f"The column '{name}' is {type_phrase(cells)}, not a list of cells.")
    lists = [list(cells) for cells in columns.values()]
    if len(set(map(len, lists))) > 1:
        lengths = ", ".join(f"{name} {len(cells)}" for name, cells in zip(columns, lists, strict=True))
        raise CommandError(f"The columns differ in length: {lengths}.")
    return Rows(tuple(map(str, columns)), tuple(zip(*lists, strict=True)), names=names_of(columns))

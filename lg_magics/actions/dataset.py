"""The rows of a batch, from whatever somebody has: a frame, a file, or a dataset of LangSmith."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.files import lines_of_file, text_of_file
from lg_magics.model.batch_rows import Rows
from lg_magics.model.json_text import strict_json
from lg_magics.server.examples import examples_of
from lg_magics.tables.batch import rows_from_frame

__all__ = ["REFERENCE", "rows_of"]

REFERENCE = "reference_outputs"
"""The column of a LangSmith dataset that holds what the outputs are compared with."""
LINES = (".jsonl", ".ndjson")
KINDS = (".csv", ".tsv", ".json", *LINES)


def rows_of(frame: object) -> Rows:
    """The rows of a DataFrame, a list of dicts, a mapping of columns, a CSV or JSON file, or a LangSmith dataset by its name.

    Raises:
        CommandError: it is none of these, or has no rows.
        LgError: LangSmith does not answer, or has no such dataset.
    """
    if not isinstance(frame, str | os.PathLike):
        return rows_from_frame(frame)
    text = os.fspath(frame)
    suffix = Path(text).suffix.lower()
    if suffix in KINDS or isinstance(frame, os.PathLike):
        return rows_from_frame(_records(text, suffix))
    if text.lstrip()[:1] in ("[", "{"):  # typed on the line
        return rows_from_frame(_json(text, "The frame"))
    if Path(text).expanduser().exists():
        raise CommandError(f"{text} is no kind of file that has rows.", hint=f"{', '.join(KINDS)}, or a DataFrame.")
    return rows_from_frame(examples_of(text, REFERENCE))


def _records(path: str, suffix: str) -> Any:
    if suffix in LINES:
        lines = ((number, line) for number, line in enumerate(lines_of_file(path), 1) if line.strip())
        return [_object(_json(line, f"Line {number} of {path}"), f"Line {number} of {path}") for number, line in lines]
    text = text_of_file(path)
    if suffix == ".json":
        return _json(text, path)
    if suffix in (".csv", ".tsv"):
        return _columns(text, path, "\t" if suffix == ".tsv" else ",")
    raise CommandError(f"{path} is no kind of file that has rows.", hint=f"{', '.join(KINDS)}, or a DataFrame.")


def _json(text: str, where: str) -> Any:
    try:
        return strict_json(text)
    except json.JSONDecodeError as problem:
        raise CommandError(f"{where} is no JSON: {problem.msg} at character {problem.pos + 1}.") from None
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"{where} is no JSON: {problem}.") from None


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CommandError(f"{where} is no JSON object.", hint='{"question": "…", "answer": "…"}')
    return value


def _columns(text: str, path: str, delimiter: str) -> Any:
    """A CSV file as pandas reads it: numbers are numbers, and an empty cell is empty.

    Raises:
        CommandError: a line has more cells than the first one has names, or a name stands twice.
    """
    import pandas as pd

    try:
        names: Sequence[str] = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise CommandError(f"{path} has two columns named '{twice}'.", hint="Rename one of them.")
        return pd.read_csv(io.StringIO(text), sep=delimiter)
    except pd.errors.EmptyDataError:
        raise CommandError(f"{path} is empty.") from None
    except (pd.errors.ParserError, csv.Error) as problem:
        raise CommandError(f"{path} is no CSV: {problem}.") from None

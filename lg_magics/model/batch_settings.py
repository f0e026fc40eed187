"""Settings of runs that take something from the row: `-c prompt={p}`, `--metadata city={city}`. Pure.

A value that is `{column}` is that cell, whatever it is. A text with `{column}` in it has the cell's text there. Anything else is
sent as it is: braces are common in prompts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.secrets import looks_secret
from lg_magics.model.template import is_missing, text_of_cell, unknown_column

__all__ = ["checked_settings", "filled_settings"]

ONE = re.compile(r"\{([^{}]+)\}")


def checked_settings(settings: Mapping[str, Any], columns: Sequence[str]) -> None:
    """See that what settings take from the row is there, and is no secret: a row is written on the deployment.

    Raises:
        CommandError: there is no such column, or the name of the setting looks secret.
    """
    for name, value in settings.items():
        _check(name, value, columns)


def _check(name: str, value: object, columns: Sequence[str]) -> None:
    if isinstance(value, Mapping):
        for inner, held in value.items():
            _check(str(inner), held, columns)
    elif isinstance(value, list | tuple):
        for held in value:
            _check(name, held, columns)
    elif isinstance(value, str):
        whole = ONE.fullmatch(value)
        if whole and whole[1] not in columns and whole[1].isidentifier():
            raise unknown_column(whole[1], columns)
        if looks_secret(name) and _takes(value, columns):
            raise CommandError(
                f"'{name}' looks secret, and cannot be taken from the row: each row is written on the deployment.",
                hint=f"-c {name}=VALUE is the same for each run, and is not written.",
            )


def _takes(value: str, columns: Sequence[str]) -> bool:
    return any(match[1] in columns for match in ONE.finditer(value))


def filled_settings(settings: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that take something from the row, with the row's cells in them; the others are left out.

    Raises:
        ValueError: a cell is empty; it says which.
    """
    columns = list(row)
    return {name: _filled(value, row) for name, value in settings.items() if _takes_any(value, columns)}


def _takes_any(value: object, columns: Sequence[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_takes_any(held, columns) for held in value.values())
    if isinstance(value, list | tuple):
        return any(_takes_any(held, columns) for held in value)
    return isinstance(value, str) and _takes(value, columns)


def _filled(value: Any, row: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(held, row) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(held, row) for held in value]
    if not isinstance(value, str):
        return value
    whole = ONE.fullmatch(value)
    if whole and whole[1] in row and not is_missing(row[whole[1]]):
        return row[whole[1]]
    return ONE.sub(lambda match: text_of_cell(match[1], row[match[1]]) if match[1] in row else match[0], value)

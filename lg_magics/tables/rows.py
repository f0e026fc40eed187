"""A frame → rows of plain JSON, each with its key: what goes into the store. pandas comes in only here; sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from lg_magics.errors import CommandError, type_phrase

__all__ = ["rows_from"]


def rows_from(source: object, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Each row's key, and its other cells as a mapping.

    An empty cell (NaN, NaT, NA) is left out; None, where the frame kept it, is null. Times become ISO texts.

    Args:
        source: a pandas frame, or a list of mappings.
        key: the column that holds the keys; whole numbers become texts.

    Raises:
        CommandError: it is neither, or has no such column, or a column's name is no text or stands twice, or a key is none.
    """
    records = list(_records(source, key))
    if any(key not in record for record in records):
        place = next(place for place, record in enumerate(records) if key not in record)
        raise CommandError(f"Row {place} has no {key!r}.", hint="--key names the column that holds the keys.")
    return [
        (_key(record[key], key, place), {name: cell for name, cell in record.items() if name != key})
        for place, record in enumerate(records)
    ]


def _records(source: object, key: str) -> Iterator[Mapping[str, Any]]:
    if isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        yield from source
        return
    import pandas as pd

    if not isinstance(source, pd.DataFrame):
        raise CommandError(
            f"This cannot be loaded: it is {type_phrase(source)}.", hint="A $frame, or a list of mappings."
        )
    names = list(source.columns)
    if key not in names:
        raise CommandError(f"The frame has no column {key!r}.", hint=f"It has {', '.join(map(str, names[:12]))}.")
    for name in names:
        if not isinstance(name, str) or names.count(name) > 1:
            raise CommandError(f"The column {name!r} is no text, or stands twice.", hint="frame.rename(columns=…)")
    columns = [source[name].tolist() for name in names]  # plain Python values, not numpy's
    for cells in zip(*columns, strict=True):
        yield {name: _plain(cell) for name, cell in zip(names, cells, strict=True) if not _is_empty(cell)}


def _is_empty(cell: object) -> bool:
    """NaN, NaT and NA; None is a value."""
    import pandas as pd

    return cell is not None and pd.api.types.is_scalar(cell) and bool(pd.isna(cell))  # type: ignore[call-overload]


def _plain(cell: Any) -> Any:
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell.tolist() if hasattr(cell, "tolist") else cell  # an array or a numpy number in a column of objects


def _key(cell: object, column: str, place: int) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, str) and cell:
        return cell
    raise CommandError(f"Row {place} has no key: {column} is {cell!r}.", hint="A key is a text or a whole number.")

"""A frame's rows as a batch takes them, and the frame that comes back. Knows pandas only by what it is given, and in frames.

What comes back has the columns as they were, then ours. A column of ours whose name is taken gets the prefix `lg_`; a batch of
a batch's frame thus keeps both. The frame's index stays; it may hold a label twice, since nothing is looked up by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from lg_magics.errors import CommandError, kind_of
from lg_magics.model.batch import Entry
from lg_magics.model.batch_rows import Rows, rows_from_columns, rows_from_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["batch_frame", "renamed_columns", "rows_from_frame"]

OURS = ("assistant", "status", "output", "error", "seconds", "tokens", "thread_id", "run_id", "score")
NUMBERS: Mapping[str, str] = {"seconds": "float64", "tokens": "Int64"}


def rows_from_frame(frame: object) -> Rows:
    """The rows of a DataFrame, a list of dicts, or a mapping of columns.

    Raises:
        CommandError: it is none of these, has no rows, or two columns of one name.
    """
    if hasattr(frame, "itertuples") and hasattr(frame, "dtypes"):
        rows = _rows_from_pandas(frame)
    elif isinstance(frame, Mapping):
        rows = rows_from_columns(frame)
    elif (
        isinstance(frame, Sequence) and not isinstance(frame, str) and all(isinstance(each, Mapping) for each in frame)
    ):
        rows = rows_from_records(frame)
    else:
        raise CommandError(
            f"This is no frame but {kind_of(frame)}.",
            hint='A DataFrame, a list of dicts, or a mapping of columns: {"city": ["Paris", "Tokyo"]}.',
        )
    if not rows.cells:
        raise CommandError("The frame has no rows: there is nothing to run.")
    if twice := sorted({name for name in rows.columns if rows.columns.count(name) > 1}):
        raise CommandError(f"The frame has two columns named '{twice[0]}'.", hint="Rename one of them.")
    return rows


def _rows_from_pandas(frame: Any) -> Rows:
    index = frame.index
    is_plain = type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1 and index.name is None
    return Rows(
        columns=tuple(map(str, frame.columns)),
        cells=tuple(frame.itertuples(index=False, name=None)),
        dtypes=tuple(map(str, frame.dtypes)),
        labels=None if is_plain else tuple(index),
        label_names=() if is_plain else tuple(index.names),
    )


def renamed_columns(columns: Sequence[str]) -> dict[str, str]:
    """Our columns whose names are taken, and what they are called instead."""
    renamed: dict[str, str] = {}
    for name in OURS:
        other = name
        while other in columns or (other != name and other in renamed.values()):
            other = f"lg_{other}"
        if other != name:
            renamed[name] = other
    return renamed


def batch_frame(rows: Rows, entries: Sequence[Entry], *, has_score: bool, attrs: Mapping[str, Any]) -> pd.DataFrame:
    """The frame's columns and ours, one row for each entry; `attrs` goes into `df.attrs`."""
    import pandas as pd

    places = [entry.row for entry in entries]
    renamed = renamed_columns(rows.columns)
    columns = {name: _input_column(rows, at, places) for at, name in enumerate(rows.columns)}
    for name in OURS if has_score else OURS[:-1]:
        columns[renamed.get(name, name)] = _our_column(name, [getattr(entry, name) for entry in entries])
    frame = pd.DataFrame(columns)
    if rows.labels is not None:
        frame.index = _index(rows, places)
    frame.attrs.update(attrs)
    return frame


def _input_column(rows: Rows, at: int, places: Sequence[int]) -> pd.Series[Any]:
    """A column as it was, also when its cells come back as JSON: dates are text there."""
    import pandas as pd

    cells = [rows.cells[place][at] for place in places]
    if not rows.dtypes:
        return pd.Series(cells, dtype=object).infer_objects()
    column: pd.Series[Any] = pd.Series(cells, dtype=object)
    try:
        return column.astype(cast("Any", rows.dtypes[at]))
    except (TypeError, ValueError):  # a type that text cannot become: the cells as they are
        return column


def _our_column(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if name == "score":
        return pd.Series(values, dtype=object).convert_dtypes()
    if dtype := NUMBERS.get(name):
        return pd.Series(values, dtype=dtype)
    return pd.Series([None if value == "" else value for value in values] if name != "output" else values, dtype=object)


def _index(rows: Rows, places: Sequence[int]) -> pd.Index[Any]:
    import pandas as pd

    assert rows.labels is not None
    labels = [rows.labels[place] for place in places]
    if len(rows.label_names) > 1:
        tuples = [tuple(label or ()) for label in labels]
        return pd.MultiIndex.from_tuples(tuples, names=list(rows.label_names))
    found: pd.Index[Any] = pd.Index(labels, name=rows.label_names[0] if rows.label_names else None)
    return found

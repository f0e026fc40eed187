"""Rows of a frame for a batch, the resulting frame, and the facts of a dry run. Imports pandas only for frames.

The result has the original columns, then ours. A column of ours whose name is taken gets the prefix `lg_`; a batch of
a batch's frame thus keeps both. The frame's index stays; it may repeat a label, so rows are never found by label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.batch_rows import Rows, json_of, names_of, rows_from_columns, rows_from_records
from lg_magics.model.batch_written import parts_of
from lg_magics.model.interval import bootstrap_interval
from lg_magics.model.messages import shortened
from lg_magics.model.scores import Scored, ScoreValue
from lg_magics.model.template import is_missing
from lg_magics.tables.cells import cells
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "batch_frame",
    "planned_facts",
    "renamed_columns",
    "row_means",
    "rows_from_frame",
    "score_names",
    "summary_table",
]

OURS = ("assistant", "repeat", "status", "output", "error", "seconds", "tokens", "tools", "thread_id", "run_id")
CATEGORIES = 100
UNRESTORED = (ArithmeticError, ImportError, LookupError, NotImplementedError, TypeError, ValueError)
NUMBERS: Mapping[str, str] = {"repeat": "int64", "seconds": "float64", "tokens": "Int64"}


def rows_from_frame(frame: object) -> Rows:
    """Return the rows of a DataFrame, a list of dicts, or a mapping of columns.

    Raises:
        CommandError: it is none of these, has no rows, or two columns with one name.
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
            f"A frame is needed, not {type_phrase(frame)}.",
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
        dtypes=tuple(map(_dtype_words, frame.dtypes)),
        labels=None if is_plain else tuple(index),
        label_names=() if is_plain else tuple(index.names),
        names=names_of(frame.columns),
    )


def _dtype_words(dtype: Any) -> str | dict[str, Any]:
    """Return the name of a column's type. Every row's thread stores it, so many categories are not listed."""
    categories = getattr(dtype, "categories", None)
    if categories is None or len(categories) > CATEGORIES:
        return str(dtype)
    return {
        "categories": list(categories),
        "of": str(categories.dtype),
        "ordered": bool(getattr(dtype, "ordered", False)),
    }


def renamed_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return our columns whose names are taken, with their new names."""
    renamed: dict[str, str] = {}
    for name in OURS:
        other = name
        while other in columns or (other != name and other in renamed.values()):
            other = f"lg_{other}"
        if other != name:
            renamed[name] = other
    return renamed


def batch_frame(rows: Rows, entries: Sequence[Entry], *, has_repeats: bool, attrs: Mapping[str, Any]) -> pd.DataFrame:
    """Return the frame's columns and ours, one row for each entry; `attrs` goes into `df.attrs`."""
    import pandas as pd

    places = [entry.row for entry in entries]
    renamed = renamed_columns(rows.columns)
    columns = {name: _input_column(rows, at, places) for at, name in enumerate(rows.columns)}
    for name in OURS if has_repeats else (name for name in OURS if name != "repeat"):
        columns[renamed.get(name, name)] = _our_column(name, [getattr(entry, name) for entry in entries])
    for name, values, is_text in _score_columns(entries):
        while name in columns:
            name = f"lg_{name}"
        column: pd.Series[Any] = pd.Series(cells(values), dtype=object)
        columns[name] = column if is_text else column.convert_dtypes()
    frame = pd.DataFrame(columns)
    if rows.names:
        frame.columns = pd.Index([*rows.names, *list(columns)[len(rows.columns) :]], dtype=object)
    if rows.labels is not None:
        frame.index = _index(rows, places)
    frame.attrs.update(attrs)
    return frame


def score_names(entries: Iterable[Entry]) -> list[str]:
    """Return the names of the scores, in the order of their first appearance."""
    return list(dict.fromkeys(name for entry in entries for name in entry.scores))


def _score_columns(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Any], bool]]:
    """Yield a column for each score, then one for comments and one for errors, if there are any; and whether it is text."""
    blank = Scored()
    for name in score_names(entries):
        scores = [entry.scores.get(name, blank) for entry in entries]
        if any(score.value is not None for score in scores) or not any(score.error for score in scores):
            yield name, _as_numbers([score.value for score in scores]), False
        for more, values in (
            ("comment", [score.comment for score in scores]),
            ("error", [score.error for score in scores]),
        ):
            if any(values):
                yield f"{name}_{more}", [value or None for value in values], True


def _as_numbers(values: Sequence[ScoreValue]) -> list[ScoreValue]:
    """Return a score's values; bools as numbers if other rows have numbers, since a column has one type."""
    kinds = {type(value) for value in values} - {type(None)}
    if bool in kinds and len(kinds) > 1 and str not in kinds:
        return [None if value is None else float(value) for value in values]
    return list(values)


SUMMARY = (
    Column("score"),
    Column("assistant"),
    Column("mean", "mean"),
    Column("n", "number", "rows"),
    Column("low", "mean", "95 % from"),
    Column("high", "mean", "to"),
    Column("errors", "number"),
)


def summary_table(entries: Sequence[Entry]) -> Table:
    """Return each score's mean over the rows for each assistant, the interval of the mean, and the scorer's failures."""
    assistants = list(dict.fromkeys(entry.assistant for entry in entries if entry.assistant))
    rows = [
        _summary(name, assistant, [entry.scores[name] for entry in own if name in entry.scores], row_means(own, name))
        for name in score_names(entries)
        for assistant in assistants
        if (own := [entry for entry in entries if entry.assistant == assistant])
    ]
    return Table("score", SUMMARY, tuple(rows), total=len(rows))


def _summary(name: str, assistant: str, scores: Sequence[Scored], means: Mapping[int, float]) -> tuple[Any, ...]:
    values = list(means.values())
    low, high = bootstrap_interval(values) or (None, None)
    mean = sum(values) / len(values) if values else None
    errors = sum(bool(score.error) for score in scores)
    numbers = (None if each is None else round(each, 4) for each in (mean, low, high))
    mean, low, high = numbers
    return (name, assistant, mean, len(values), low, high, errors)


def row_means(entries: Iterable[Entry], name: str) -> dict[int, float]:
    """Return the mean of a score over the repeats of each row; rows without a number are left out."""
    found: dict[int, list[float]] = {}
    for entry in entries:
        value = entry.scores[name].value if name in entry.scores else None
        if isinstance(value, bool | int | float):
            found.setdefault(entry.row, []).append(float(value))
    return {row: sum(values) / len(values) for row, values in found.items()}


def _input_column(rows: Rows, at: int, places: Sequence[int]) -> pd.Series[Any]:
    """Return an input column with its type, also when its cells come back as JSON, where dates are text."""
    import pandas as pd

    cells = [rows.cells[place][at] for place in places]
    column: pd.Series[Any] = pd.Series(cells, dtype=object)
    dtype = rows.dtypes[at] if rows.dtypes else ""
    if not dtype or (dtype == "str" and any(map(is_missing, cells))):  # pandas 2 would make texts of missing cells
        return column.infer_objects()
    try:
        return _categories(cells, dtype) if isinstance(dtype, Mapping) else column.astype(cast("Any", dtype))
    except UNRESTORED:  # a type that text cannot be converted to, or that needs a package: the cells stay as they are
        return column


def _categories(cells: Sequence[Any], dtype: Mapping[str, Any]) -> pd.Series[Any]:
    """Return a column of categories.

    Raises:
        KeyError: a cell is in no category.
        TypeError, ValueError: the categories cannot be restored.
    """
    import pandas as pd

    places = {json_of(each): place for place, each in enumerate(dtype["categories"])}
    codes = [-1 if is_missing(cell) else places[json_of(cell)] for cell in cells]
    categories = pd.Index(dtype["categories"], dtype=dtype["of"])
    return pd.Series(pd.Categorical.from_codes(codes, categories=categories, ordered=dtype["ordered"]))


def _our_column(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if name == "tools":
        values = [", ".join(each) for each in values]
    if dtype := NUMBERS.get(name):
        return pd.Series(values, dtype=dtype)
    if name != "output":
        values = [None if value == "" else value for value in values]
    return pd.Series(cells(values), dtype=object)


def _index(rows: Rows, places: Sequence[int]) -> pd.Index[Any]:
    import pandas as pd

    assert rows.labels is not None
    labels = [rows.labels[place] for place in places]
    names = [tuple(name) if isinstance(name, list) else name for name in rows.label_names]  # they come back as JSON
    if len(names) > 1:
        tuples = [tuple(label or ()) for label in labels]
        return pd.MultiIndex.from_tuples(tuples, names=names)
    return cast("pd.Index[Any]", pd.Index(labels, name=names[0] if names else None))


SAMPLE = 300
PROBLEMS = 3


def planned_facts(plan: BatchPlan, name: str, url: str) -> Facts:
    """Return the facts that --dry-run shows; `name` and `url` are the deployment's."""
    entries = plan.entries()
    unsent = [row for row, problem in enumerate(plan.problems) if problem]
    sent = next((plan.sent(entry) for entry in entries if plan.inputs[entry.row]), None)
    good = json_of(sent) if sent is not None else ""
    runs = sum(not entry.has_ended for entry in entries)
    facts = [
        ("rows", f"{len(plan.rows):,}"),
        ("assistants", ", ".join(plan.assistants)),
        ("repeats", str(plan.repeat) if plan.repeat > 1 else ""),
        ("at a time", str(plan.concurrency)),
        ("a minute", str(plan.per_minute or "")),
        ("first input", shortened(good, SAMPLE) or "none"),
        ("not sent", _unsent(plan, unsent)),
        ("configurable", ", ".join(map(str, plan.config.get("configurable") or ()))),
        ("stops after", f"{plan.max_tokens:,} tokens" if plan.max_tokens else ""),
        ("renamed", ", ".join(f"our {name} is {other}" for name, other in renamed_columns(plan.rows.columns).items())),
        ("kept there", _size(plan) if not plan.stateless else "no rows: it cannot be attached to"),
    ]
    many = "run" if runs == 1 else "runs"
    return Facts(
        f"{runs:,} {many} on {name} ({url}); nothing was sent.",
        tuple((label, words) for label, words in facts if words),
        data={"runs": runs, "first_input": sent, "not_sent": unsent},
    )


def _unsent(plan: BatchPlan, rows: Sequence[int]) -> str:
    if not rows:
        return ""
    more = f", and {len(rows) - PROBLEMS} more" if len(rows) > PROBLEMS else ""
    reasons = "; ".join(
        f"row {row}: {plan.problems[row].removeprefix('Not sent: ').rstrip('.')}" for row in rows[:PROBLEMS]
    )
    return f"{reasons}{more}"


def _size(plan: BatchPlan) -> str:
    """Return the approximate size of the data stored beside the threads."""
    written = sum(len(str(part.metadata)) for part in parts_of(plan))
    return f"about {written / 1000:,.0f} kB of rows and inputs"

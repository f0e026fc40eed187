"""Reads a CSV text as a frame whose cells are what the text has. Knows pandas; knows no file.

pandas alone reads 01067 as 1067, an id beside an empty cell as 7.0, and the texts NA and None as empty cells.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lg_magics.errors import CommandError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_from_csv"]

WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
DIGITS = 15  # that a float has for certain


def frame_from_csv(text: str, path: str, delimiter: str) -> pd.DataFrame:
    """Return the rows of a CSV text. A column becomes numbers or booleans only if no text of it would change by that.

    Args:
        text: the text.
        path: its name in errors.
        delimiter: what separates the cells.

    Raises:
        CommandError: a line has more cells than the first one has names, a name occurs twice, or the text is empty.
    """
    import pandas as pd

    try:
        # Without a header, no column becomes the index, and a name that occurs twice stays.
        lines = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=object, keep_default_na=False, na_values=[""]
        )
    except pd.errors.EmptyDataError:
        raise CommandError(f"{path} is empty.") from None
    except pd.errors.ParserError as problem:
        why = "a line has more cells than the first line has names: " if "Expected" in str(problem) else ""
        raise CommandError(f"{path} is not CSV: {why}{problem}.") from None
    names = [name if isinstance(name, str) else f"Unnamed: {place}" for place, name in enumerate(lines.iloc[0])]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise CommandError(f"{path} has two columns named '{twice}'.", hint="Rename one of them.")
    return pd.DataFrame({name: _column(lines[place].tolist()[1:]) for place, name in enumerate(names)})


def _column(cells: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    texts = [cell for cell in cells if isinstance(cell, str)]
    given = [cell if isinstance(cell, str) else None for cell in cells]
    if texts and all(map(WHOLE.fullmatch, texts)):
        whole = [None if text is None else int(text) for text in given]
        return pd.Series(whole, dtype="Int64" if None in whole else "int64")
    if texts and all(map(_is_decimal, texts)):
        return pd.Series([float("nan") if text is None else float(text) for text in given], dtype="float64")
    if texts and set(texts) <= {"True", "False"}:
        truths = [None if text is None else text == "True" for text in given]
        return pd.Series(truths, dtype="boolean" if None in truths else "bool")
    return pd.Series(given, dtype=object)


def _is_decimal(text: str) -> bool:
    return DECIMAL.fullmatch(text) is not None and sum(map(str.isdigit, text)) <= DIGITS

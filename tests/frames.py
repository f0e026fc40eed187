"""What each frame must do: go to CSV, JSON lines, Parquet and Excel, with nothing of ours in it."""

from __future__ import annotations

import re
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd

DOCS = Path(__file__).parents[1] / "docs/objects.md"
CELLS = (str, bool, int, float, list, np.ndarray, np.generic, pd.Timestamp, type(None), type(pd.NA), type(pd.NaT))


def _excel() -> str:
    """The code of the docs that makes a frame into a file for Excel."""
    (code,) = re.findall(r"```python\n(# Excel.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return str(code)


def assert_portable(frame: pd.DataFrame) -> None:
    """Fail unless every kind of file takes the frame, and gives its rows and columns back."""
    names = list(frame.columns)
    kinds = {type(cell) for name in frame for cell in frame[name]}
    assert [each for each in kinds if not issubclass(each, CELLS)] == []
    csv = frame.to_csv(index=False).encode()
    lines = frame.to_json(orient="records", lines=True, date_format="iso")
    parquet, excel = BytesIO(), BytesIO()
    frame.to_parquet(parquet)
    exec(_excel().replace('"frame.xlsx"', "excel"), {"frame": frame, "excel": excel})
    assert list(pd.read_parquet(parquet).columns) == names
    assert len(pd.read_parquet(parquet)) == len(frame)
    assert list(pd.read_csv(BytesIO(csv)).columns) == names
    assert len([line for line in lines.split("\n") if line.strip()]) == len(frame)
    assert list(pd.read_json(StringIO(lines), lines=True).columns) == (names if len(frame) else [])
    assert list(pd.read_excel(excel).columns) == names
    assert len(pd.read_excel(excel)) == len(frame)

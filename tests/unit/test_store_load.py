"""What a load takes from a file or a list, before anything is sent: cells as from a frame, and errors with their line."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lg_magics.actions.store_load import entries_from
from lg_magics.errors import CommandError

ITEM: dict[str, Any] = {"namespace": ["a"], "key": "k", "value": {"n": 1}}


def test_a_file_with_a_byte_order_mark_or_capital_letters_in_its_suffix_is_read(tmp_path: Path) -> None:
    for name, text in {"a.jsonl": json.dumps(ITEM), "b.JSONL": json.dumps(ITEM), "c.JSON": json.dumps([ITEM])}.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        (entry,) = entries_from(str(tmp_path / name), None, None)
        assert (entry.namespace, entry.key, entry.value) == (("a",), "k", {"n": 1})


def test_a_missing_file_is_named_once(tmp_path: Path) -> None:
    file = tmp_path / "missing.jsonl"
    with pytest.raises(CommandError) as caught:
        entries_from(file, None, None)
    assert str(caught.value) == f"{file} cannot be read: No such file or directory."


@pytest.mark.parametrize(
    "wrong", [{"key": 7}, {"namespace": []}, {"namespace": ["a", "b.c"]}, {"namespace": None}, {"key": "\ud800"}]
)
def test_a_bad_key_or_namespace_has_its_line(tmp_path: Path, wrong: dict[str, Any]) -> None:
    file = tmp_path / "f.jsonl"
    file.write_text(f"{json.dumps(ITEM)}\n{json.dumps({**ITEM, **wrong})}\n")
    with pytest.raises(CommandError, match=r"^line 2 of f\.jsonl: "):
        entries_from(file, None, None)


def test_an_exported_item_with_an_empty_key_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "f.jsonl"
    file.write_text(json.dumps({**ITEM, "key": ""}))
    assert [entry.key for entry in entries_from(file, None, None)] == [""]


ROW: dict[str, Any] = {
    "id": np.int64(7),
    "none": None,
    "nan": float("nan"),
    "nat": pd.NaT,
    "na": pd.NA,
    "numpy_nat": np.datetime64("NaT"),
    "day": datetime.date(2024, 2, 29),
    "time": pd.Timestamp("2024-02-29T12:00Z"),
    "numpy_time": np.datetime64("2024-02-29T12:00:00"),
    "deep": {"n": np.int64(1), "list": [np.float64(1.5), {"day": datetime.date(2024, 2, 29)}], "pair": (1, 2)},
    "array": np.array([[1, 2]]),
    "objects": np.array([np.int64(1), {"n": np.int64(2)}], dtype=object),
    "times": np.array(["2024-02-29"], dtype="datetime64[ns]"),
}
VALUE = {
    "none": None,
    "day": "2024-02-29",
    "time": "2024-02-29T12:00:00+00:00",
    "numpy_time": "2024-02-29T12:00:00",
    "deep": {"n": 1, "list": [1.5, {"day": "2024-02-29"}], "pair": [1, 2]},
    "array": [[1, 2]],
    "objects": [1, {"n": 2}],
    "times": ["2024-02-29T00:00:00.000000000"],
}


def test_a_list_of_mappings_is_read_as_a_frame_is() -> None:
    frame = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in ROW.items()})
    for source in ([ROW], frame):
        (entry,) = entries_from("n", source, "id")
        assert entry.key == "7"
        assert entry.value == VALUE
        assert json.loads(json.dumps(entry.value)) == entry.value


def test_an_empty_cell_is_no_key() -> None:
    for row in ({"id": float("nan")}, {"id": None}, {"id": np.bool_(True)}, {"id": ""}):
        with pytest.raises(CommandError, match="Row 0 has no "):
            entries_from("n", [row], "id")


def test_a_number_that_python_cannot_write_is_no_key() -> None:
    with pytest.raises(CommandError, match="Row 0 has a key of more than 1000 digits"):
        entries_from("n", [{"id": 10**5000}], "id")


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CommandError, match="nested more than 250 levels deep"):
        entries_from("n", [{"id": "a", "v": endless}], "id")

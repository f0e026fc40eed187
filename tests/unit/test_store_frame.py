"""Items of the store in Python: by their place, and as a frame whose numbers are the server's own."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lg_magics.tables.store import Export, Item, Items

from .store_samples import item

EXACT = 2**53 + 1


def frame_of(*values: object) -> pd.Series[Any]:
    return Items(tuple(item(f"k{place}", {"n": value}) for place, value in enumerate(values))).df["n"]


def test_a_part_of_items_is_a_list() -> None:
    raw = tuple(item(f"k{number}", {"n": number}) for number in range(4))
    for found in (Items(raw), Export(raw)):
        assert found[1:3] == [Item(raw[1]), Item(raw[2])]
        assert found[-1] == Item(raw[3])
        assert [each.key for each in found[::2]] == ["k0", "k2"]
        with pytest.raises(IndexError):
            found[4]


def test_a_part_of_a_table_is_a_list_of_rows() -> None:
    table = Items((item("a", {}), item("b", {}))).table
    assert [row["key"] for row in table[:1]] == ["a"]


def test_a_whole_number_that_a_float_cannot_hold_is_not_changed() -> None:
    assert frame_of(EXACT, None).tolist()[0] == EXACT
    assert frame_of(EXACT, 1.5).tolist() == [str(EXACT), "1.5"]  # no type of Parquet has both
    assert frame_of(1, 1.5, 2**53, None).dtype == "float64"

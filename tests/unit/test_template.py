"""A template is filled in from a row, to the letter, and what does not fit is told before anything is sent."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.errors import CommandError
from lg_magics.model.template import MissingCell, is_missing, template_from_text

COLUMNS = ("city", "country", "unit price", "n")
ROW = {"city": "Paris", "country": "France", "unit price": 3.5, "n": 2}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Weather in {city}?", "Weather in Paris?"),
        ("{city}, {country}: {city}", "Paris, France: Paris"),
        ("{unit price} for {n}", "3.5 for 2"),
        ('{{"city": "{city}"}}', '{"city": "Paris"}'),
        ("{{city}} {{{city}}}", "{city} {Paris}"),
        ("100 % of $HOME 'n \\n {n}", "100 % of $HOME 'n \\n 2"),
    ],
)
def test_it_is_filled_in_and_nothing_else_is_changed(text: str, filled: str) -> None:
    assert template_from_text(text, COLUMNS).filled(ROW) == filled


no_braces = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=8)
names = st.lists(no_braces, min_size=1, max_size=4, unique=True)


@given(st.data(), names)
def test_any_text_and_any_cells_come_through_whole(data: st.DataObject, columns: list[str]) -> None:
    row = {name: data.draw(st.text(max_size=10)) for name in columns}
    pieces = data.draw(st.lists(st.text(max_size=10) | st.sampled_from(columns).map(lambda name: (name,)), max_size=6))
    text = "".join(
        f"{{{piece[0]}}}" if isinstance(piece, tuple) else piece.replace("{", "{{").replace("}", "}}")
        for piece in pieces
    )
    whole = "".join(row[piece[0]] if isinstance(piece, tuple) else piece for piece in pieces)
    assert template_from_text(text, columns).filled(row) == whole


@given(st.text(max_size=20))
def test_a_text_is_a_template_or_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(CommandError):
        assert set(template_from_text(text, COLUMNS).columns) <= set(COLUMNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in {ctiy}", "The frame has no column 'ctiy'. Did you mean city?"),
        ("in {zzz}", "The frame has no column 'zzz'. There are city, country, unit price, n."),
        (
            '{"city": 1}',
            "The frame has no column '\"city\": 1'. Did you mean city? Literal braces are doubled: {{ and }}.",
        ),
        ("in {city.upper()}", "no column 'city.upper()'"),
        ("in {city:>10}", "no column 'city:>10'"),
        ("in {}", "no column ''"),
        ("in {city", "A '{' stands alone at character 4 of the template. Literal braces are doubled: {{ and }}."),
        ("in city}", "A '}' stands alone at character 8"),
    ],
)
def test_what_does_not_fit_is_reported(text: str, said: str) -> None:
    with pytest.raises(CommandError) as caught:
        template_from_text(text, COLUMNS)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "cell",
    [
        *(None, float("nan"), pd.NA, pd.NaT, Decimal("nan"), np.float32("nan"), np.float64("nan"), np.float16("nan")),
        *(np.datetime64("NaT", "s"), np.timedelta64("NaT", "s")),
    ],
    ids=lambda cell: type(cell).__name__,
)
def test_an_empty_cell_is_no_word(cell: object) -> None:
    assert is_missing(cell)
    with pytest.raises(MissingCell, match="the cell of 'city' is empty"):
        template_from_text("in {city}", COLUMNS).filled({**ROW, "city": cell})


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", ""),
        (0, "0"),
        (False, "False"),
        ({"a": ["é", 1]}, '{"a": ["é", 1]}'),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
        (pd.Timestamp("2026-01-02"), "2026-01-02 00:00:00"),
        (np.datetime64("2026-01-02"), "2026-01-02"),
        (np.float32(0.5), "0.5"),
        (Decimal("sNaN"), "sNaN"),
        (np.array([np.nan]), "[NaN]"),
    ],
)
def test_a_cell_is_its_text(cell: object, text: str) -> None:
    assert not is_missing(cell)
    assert template_from_text("{city}", COLUMNS).filled({**ROW, "city": cell}) == text

"""Text in columns: wide letters count twice, combining ones not at all, also where text is cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Column, Table
from lg_magics.views.align import cut_to, padded, width
from lg_magics.views.table import facts_text, table_text

COMBINED = "e\u0301"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), (COMBINED, 1), ("😀", 2), ("", 0)])
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(padded(text, 10)) == 10
    assert padded(text, 10, right=True).endswith(text)


@given(st.text(st.sampled_from("ab日😀\u0301e "), max_size=40), st.integers(1, 30))
def test_what_is_cut_is_never_too_wide_and_separates_no_letter_from_its_accent(text: str, columns: int) -> None:
    shown = cut_to(text, columns)
    assert width(shown) <= columns
    if shown != text:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        assert not unicodedata.combining(text[len(kept)])


def test_a_table_and_facts_keep_their_columns_with_wide_letters() -> None:
    table = Table(
        "thread", (Column("title"), Column("status")), (("日本語", "idle"), ("abc", "idle"), (f"caf{COMBINED}", "idle"))
    )
    rows = table_text(table).splitlines()[2:]
    assert {width(line.partition("idle")[0]) for line in rows} == {10}
    lines = facts_text(Facts("title", (("日本", "x"), ("abcd", "x")))).splitlines()[1:]
    assert {width(line.partition("x")[0]) for line in lines} == {8}


def test_a_long_title_of_wide_letters_is_cut_to_the_width_of_its_column() -> None:
    titles = ("日本" * 50, "a" * 200)
    table = Table("thread", (Column("title"), Column("status")), tuple((title, "idle") for title in titles))
    rows = table_text(table).splitlines()[2:]
    assert {width(line.partition("idle")[0]) for line in rows} == {64}

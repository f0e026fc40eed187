"""A difference as lines: each real change is shown, wherever it is in a text, and nothing that did not change."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.changes import changes
from lg_magics.views.diff import change_lines


def lines(before: Any, after: Any) -> list[str]:
    """The marked lines of a changed value, without the heading."""
    return [f"{mark} {words}" for mark, words in change_lines(changes({"text": before}, {"text": after}))][1:]


def test_a_change_far_down_in_a_text_is_shown() -> None:
    before = [f"line {n}" for n in range(2_000)]
    after = [*before[:1_500], "new", *before[1_501:]]
    assert lines("\n".join(before), "\n".join(after)) == ["  line 1499", "- line 1500", "+ new", "  line 1501"]


def test_a_change_far_right_in_a_line_is_shown() -> None:
    removed, added = lines(f"{'x' * 5_000}old", f"{'x' * 5_000}new")
    assert (removed, added) == (f"- …{'x' * 100}old", f"+ …{'x' * 100}new")


def test_lines_that_begin_like_a_diff_are_content() -> None:
    assert lines("-- a comment\n++ i\n@@ x", "SELECT 1") == ["- -- a comment", "- ++ i", "- @@ x", "+ SELECT 1"]
    assert lines("a\n--- b", "a") == ["  a", "- --- b"]
    assert lines("a", "a\n++ b\n@@ c") == ["  a", "+ ++ b", "+ @@ c"]


def test_line_ends_count() -> None:
    assert lines("a\r\nb", "a\nb") == ["- a\r", "+ a", "  b"]


def test_a_text_that_is_cut_states_how_much_is_not_shown() -> None:
    (added,) = [each for each in lines("short", "y" * 9_000) if each.startswith("+")]
    assert added == f"+ {'y' * 2_000}… (7,000 more characters)"
    shown = lines("\n".join(["a" * 300] * 20), "\n".join(["b" * 300] * 20))
    assert [each[:3] for each in shown if each.endswith("… (4,019 more characters)")] == ["- a", "+ b"]


def test_texts_without_a_common_line_are_compared_quickly() -> None:
    began = time.perf_counter()
    shown = lines("\n".join(f"{n % 7}" for n in range(60_000)), "\n".join(f"{n % 5} " for n in range(60_000)))
    assert "more lines are not compared" in shown[-1]
    assert time.perf_counter() - began < 5


TEXTS = st.lists(st.sampled_from(["a", "b", "-- c", "++ d", "@@", ""]), max_size=12).map("\n".join)


@given(TEXTS, TEXTS)
def test_the_marked_lines_are_what_changed(before: str, after: str) -> None:
    shown = lines(before, after) if before != after else []
    counts = {mark: [each[2:] for each in shown if each[0] == mark] for mark in "-+"}
    old, new = before.split("\n"), after.split("\n")
    for line in {*old, *new}:
        gained = counts["+"].count(line) - counts["-"].count(line)
        assert gained == new.count(line) - old.count(line)

"""Two sets of runs, compared: how rows are paired, what is better, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lg_magics.errors import CommandError
from lg_magics.files import lines_of_file, written_file
from lg_magics.model.compare import Comparison, Missing, Side, compared
from lg_magics.model.outcomes import Outcome, lines_of, outcomes_from_lines
from lg_magics.model.scores import Scored
from lg_magics.tables.compare import Compared
from lg_magics.views.compare import compare_text, compare_tree
from lg_magics.views.node import html


def outcome(row: int, right: Any, *, repeat: int = 1, **more: Any) -> Outcome:
    scores = {} if right is None else {"right": Scored(right)}
    return Outcome(row, {"q": f"question {row}"}, "agent", repeat, more.pop("status", "success"), scores=scores, **more)


def side(name: str, rights: list[Any], **more: Any) -> Side:
    return Side(name, tuple(outcome(row, right, **more) for row, right in enumerate(rights)))


def verdicts(found: Comparison) -> list[tuple[int, str]]:
    return [(row.place, row.verdict) for row in found.rows]


def test_rows_are_better_worse_or_the_same_and_what_changed_comes_first() -> None:
    found = compared(side("v1", [1, 0, 1, 0.5]), side("v2", [1, 1, 0, 0.9]))
    (measure,) = found.measures
    assert (measure.better, measure.worse, measure.same, measure.rows) == (2, 1, 1, 4)
    assert measure.before == pytest.approx(0.625)
    assert measure.after == pytest.approx(0.725)
    assert measure.difference == pytest.approx(0.1)
    assert verdicts(found) == [(2, "worse"), (1, "better"), (3, "better"), (0, "same")]


def test_the_interval_is_that_of_a_paired_bootstrap_over_rows() -> None:
    from scipy.stats import bootstrap  # it takes each process that imports it a second

    chance = np.random.default_rng(5)
    before, after = chance.integers(0, 2, (2, 40, 3)).astype(float)
    sides = [
        Side(name, tuple(outcome(row, values[row, n], repeat=n + 1) for row in range(40) for n in range(3)))
        for name, values in (("v1", before), ("v2", after))
    ]
    (measure,) = compared(*sides).measures
    theirs = bootstrap(
        (after.mean(axis=1), before.mean(axis=1)),
        lambda one, other, axis: (one - other).mean(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=10_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (measure.low, measure.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert compared(*sides).measures == (measure,)


def test_rows_are_paired_by_their_cells_in_whatever_order_and_the_others_counted() -> None:
    before = side("v1", [1, 0, 1])
    after = Side("v2", tuple(replace(each, row=9 - each.row) for each in side("v2", [1, 1, 1, 1]).outcomes))
    found = compared(before, after)
    assert found.measures[0].better == 1
    assert found.unpaired == (0, 1)
    twice = [replace(each, inputs={"q": "the same"}) for each in before.outcomes]
    assert len(compared(Side("a", tuple(twice)), Side("b", tuple(twice))).rows) == 3
    with pytest.raises(CommandError, match="have no row in common"):
        compared(before, Side("v2", (replace(outcome(0, 1), inputs={"q": "another"}),)))
    with pytest.raises(CommandError, match="have no column in common"):
        compared(before, Side("v2", (replace(outcome(0, 1), inputs={"p": "question 0"}),)))


def test_cells_that_are_equal_pair_rows_however_they_are_written() -> None:
    cells: list[Any] = [{"n": 1, "order": {"a": 1, "b": [2]}}, {"n": 1.0, "order": {"b": [2.0], "a": 1}}]
    before, after = (Side(str(each), (replace(outcome(0, 1), inputs=each),)) for each in cells)
    assert len(compared(before, after).rows) == 1


def test_a_column_that_one_side_lacks_does_not_count() -> None:
    more = Side(
        "v2", tuple(replace(each, inputs={**each.inputs, "prompt": "x"}) for each in side("v2", [1, 0]).outcomes)
    )
    assert len(compared(side("v1", [1, 1]), more).rows) == 2


def test_only_repeats_of_both_sides_count() -> None:
    before = Side("v1", tuple(outcome(0, value, repeat=n) for n, value in enumerate([1, 1, 0, 0], 1)))
    after = Side("v2", tuple(outcome(0, value, repeat=n) for n, value in enumerate([1, 0], 1)))
    found = compared(before, after)
    assert (found.measures[0].before, found.measures[0].after, found.repeats) == (1, 0.5, 2)
    assert found.measures[0].low is None


def test_a_run_that_failed_counts_against_success_and_has_no_score() -> None:
    after = [outcome(0, 1), outcome(1, None, status="error", error="ValueError: no")]
    found = compared(side("v1", [1, 0]), Side("v2", tuple(after)))
    right, success = found.measures
    assert (right.name, right.rows, right.difference) == ("right", 1, 0)
    assert (success.name, success.difference) == ("success", -0.5)
    assert (found.rows[0].place, found.rows[0].status) == (1, "error instead of success")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([("a",)], [("a",)], ""),
        ([("a", "b")], [("b",)], "no longer calls a"),
        ([("b",)], [("a", "b")], "calls a"),
        ([("a",)], [("a", "a", "a")], "calls a 3 times instead of 1 time"),
        ([("a", "b")], [("b", "a")], "calls tools in another order"),
        ([("a",), ("a",)], [("a",), ()], "calls a 0.5 times instead of 1 time"),
    ],
)
def test_what_changed_in_the_tools_is_said(
    before: list[tuple[str, ...]], after: list[tuple[str, ...]], said: str
) -> None:
    sides = [
        Side(name, tuple(outcome(0, 1, repeat=n, tools=tools) for n, tools in enumerate(calls, 1)))
        for name, calls in (("v1", before), ("v2", after))
    ]
    assert compared(*sides).rows[0].tools == said


def test_costs_are_compared_where_both_sides_have_them() -> None:
    found = compared(side("v1", [1, 1], tokens=100, seconds=1.0), side("v2", [1, 1], tokens=80))
    (tokens,) = found.costs
    assert (tokens.name, tokens.before, tokens.after) == ("tokens", 100, 80)
    assert "tokens −20 %" in compare_text(Compared(found))
    (row,) = [row for row in Compared(found).summary if row["score"] == "tokens"]
    assert (row["better"], row["worse"]) == (2, 0)


def test_a_file_holds_what_became_of_the_runs() -> None:
    outcomes = [
        outcome(0, True, output="yes", tokens=3, seconds=0.5, tools=("a", "b")),
        outcome(1, None, status="error", error="ValueError: «no»\n2", output={"a": [1]}),
    ]
    outcomes[1] = replace(
        outcomes[1], scores={"right": Scored(None, "", "KeyError: 'x'"), "tone": Scored("polite", "very")}
    )
    assert outcomes_from_lines(lines_of(outcomes), "x.jsonl") == outcomes


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\r\n", "\ud800"])
def test_a_file_holds_texts_whatever_is_in_them(tmp_path: Path, odd: str) -> None:
    outcomes = [outcome(row, True, output=f"one{odd}two", error=odd) for row in range(2)]
    file = written_file(tmp_path / "x.jsonl", "".join(lines_of(outcomes)))
    assert outcomes_from_lines(lines_of_file(file), "x.jsonl") == outcomes


def line(score: str = "1", seconds: str = "1") -> str:
    start = '{"row": 0, "inputs": {}, "assistant": "a", "repeat": 1, "status": "success"'
    return f'{start}, "seconds": {seconds}, "scores": {{"right": {{"score": {score}}}}}}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.jsonl is empty"),
        ("{", "Line 1 of x.jsonl is not the outcome of a run: it is not a JSON object"),
        ("[1]", "it is not a JSON object"),
        ("{}", "its 'row' is missing"),
        ('{"row": true, "inputs": {}}', "its 'row' does not fit"),
        ("[" * 100_000, "it is not a JSON object"),
        (line(score="NaN"), "a score does not fit"),
        (line(score="1e999"), "a score does not fit"),
        (line(score="1" * 400), "a score does not fit"),
        (line(seconds="NaN"), "its 'seconds' does not fit"),
        (
            f"{line()}\n{line()}",
            r"Line 2 of x.jsonl: row 0, repeat 1 of a stands in it twice\. A file holds the runs of one",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_reported(text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        outcomes_from_lines(text.splitlines(), "x.jsonl")


def test_the_view_says_what_changed_side_by_side_as_text_and_inert() -> None:
    evil = "<img src=x onerror=alert(1)>"
    after = [outcome(0, 0, output=evil, tools=(evil,)), outcome(1, 1, output="fine")]
    found = Compared(compared(side("v1", [1, 1], output="fine"), Side(evil, tuple(after))))
    text = compare_text(found)
    assert "right 0.50 against 1.00: −0.50 (95 %: −1.00 to 0.00) · 0 better · 1 worse · 1 same" in text
    assert f"worse    question 0                                right 1.00 → 0.00 · calls {evil}" in text
    written = html(compare_tree(found))
    assert "<img" not in written
    assert "&lt;img src=x" in written
    assert list(found.df["verdict"]) == ["worse", "same"]


def test_runs_that_lack_a_score_on_one_side_are_counted_with_what_the_scorer_raised() -> None:
    after = [outcome(0, 1), replace(outcome(1, None), scores={"right": Scored(None, "", "ValueError: no")})]
    found = compared(side("v1", [1, 1]), Side("v2", tuple(after)))
    assert found.missing == (Missing("right", 1, 1, "ValueError: no"),)
    (measure,) = found.measures
    assert measure.rows == 1
    said = "right: 1 run of v2 has no score (ValueError: no), and is left out of its means"
    assert said in compare_text(Compared(found))
    assert said in html(compare_tree(Compared(found)))
    failed = Side("v2", (outcome(0, 1), outcome(1, None, status="error")))
    assert compared(side("v1", [1, 1]), failed).missing == ()  # the score `success` says that


def test_runs_whose_scorer_failed_are_counted_also_where_their_partners_have_no_score() -> None:
    failed = Scored(None, "", "ValueError: no")
    after = [replace(each, scores={**each.scores, "tone": failed}) for each in side("v2", [1, 1]).outcomes]
    assert compared(side("v1", [1, 1]), Side("v2", tuple(after))).missing == (Missing("tone", 1, 2, "ValueError: no"),)
    found = compared(Side("v1", tuple(after)), Side("v2", tuple(after)))
    assert [(each.name, each.place) for each in found.missing] == [("tone", 0), ("tone", 1)]


def test_text_in_place_of_a_score_is_reported_as_not_compared() -> None:
    def with_tone(found: Side, *tones: str | None) -> Side:
        outcomes = (
            replace(each, scores={**each.scores, **({"tone": Scored(tone)} if tone else {})})
            for each, tone in zip(found.outcomes, tones, strict=True)
        )
        return replace(found, outcomes=tuple(outcomes))

    before, after = (
        with_tone(side("v1", [1, 1, 1]), "warm", "cold", None),
        with_tone(side("v2", [1, 1, 1]), "warm", None, None),
    )
    found = compared(before, after)
    assert (dict(found.texts), found.missing) == ({"tone": 2}, ())
    words = "tone: 2 pairs of runs have text, which is not compared"
    assert words in compare_text(Compared(found))
    assert words in html(compare_tree(Compared(found)))
    assert compared(side("v1", [1]), side("v2", ["good"])).texts == {}  # it is missing on one side
    assert "1 pair of runs has text" in compare_text(Compared(compared(side("v1", ["bad"]), side("v2", ["good"]))))


def test_a_score_that_is_called_as_what_every_run_has_keeps_its_values() -> None:
    def named(value: float, status: str = "success") -> Outcome:
        scores = {name: Scored(value) for name in ("success", "seconds", "output")}
        return replace(outcome(0, None, status=status, seconds=2.0), scores=scores)

    found = compared(Side("v1", (named(0.5),)), Side("v2", (named(0.75),)))
    assert {each.name: each.after for each in found.measures} == {
        "lg_success": 0.75,
        "lg_seconds": 0.75,
        "lg_output": 0.75,
    }
    assert [row["score"] for row in Compared(found).summary] == ["lg_success", "lg_seconds", "lg_output", "seconds"]
    assert Compared(found).df["lg_output_after"][0] == 0.75


def test_means_that_differ_by_their_rounding_are_the_same() -> None:
    thirds = [outcome(0, 0.1, repeat=n) for n in (1, 2, 3)]
    once = [outcome(0, sum([0.1] * 3) / 3, repeat=n) for n in (1, 2, 3)]
    found = compared(Side("v1", tuple(thirds)), Side("v2", (*once[:2], outcome(0, 0.1, repeat=3))))
    assert [(each.better, each.worse, each.same) for each in found.measures] == [(0, 0, 1)]
    assert verdicts(found) == [(0, "same")]


def test_rows_without_a_repeat_in_common_have_no_partner() -> None:
    sides = [Side(name, (outcome(0, 1), outcome(1, 1, repeat=n))) for n, name in enumerate(("v1", "v2"), 1)]
    found = compared(*sides)
    assert (found.unpaired, verdicts(found)) == ((1, 1), [(0, "same")])


def test_no_change_is_said() -> None:
    found = Compared(compared(side("v1", [1]), side("v2", [1])))
    assert compare_text(found) == "v2 against v1 · 1 row\n  right 1.00 against 1.00: 0.00 · 0 better · 0 worse · 1 same"
    assert "No row changed." in html(compare_tree(found))
    assert found.changed == []

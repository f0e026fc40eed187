"""Scorers: what they may take, and what they may return."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from langsmith.evaluation import EvaluationResult

from lg_magics.errors import CommandError
from lg_magics.follow.batch_score import Scoring
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import plan_for
from lg_magics.model.batch_rows import Rows, source_from
from lg_magics.model.scores import Scored, ScoredExample, ScoredRun, ScoreNames, Scorer, scorers_from, scores_from


def right(outputs: Any, reference_outputs: Any) -> bool:
    return bool(outputs == reference_outputs)


def length(output: str, unit: int = 1) -> int:
    return len(output) // unit


def named(*scorers: Any) -> list[str]:
    return [each.name for each in scorers_from(list(scorers), has_reference=True)]


def test_a_scorer_is_called_with_what_it_names() -> None:
    found = scorers_from([right, length, lambda run, example: 1, lambda **kwargs: 1], has_reference=True)
    assert [each.takes for each in found] == [
        ("outputs", "reference_outputs"),
        ("output",),
        ("run", "example"),
        ("inputs", "outputs", "reference_outputs"),
    ]


def test_scores_bear_the_names_of_functions_or_of_a_mapping() -> None:
    assert named(right, length, functools.partial(length, unit=2)) == ["right", "length", "length_2"]
    assert named(lambda output: 1, lambda output: 2) == ["score", "score_2"]

    def score_3(output: str) -> int:
        return 3

    assert named(lambda output: 1, score_3, lambda output: 2) == ["score", "score_3", "score_2"]
    assert named(lambda output: 1, lambda output: 2, score_3, lambda output: 4) == [
        "score",
        "score_2",
        "score_3",
        "score_4",
    ]
    mapped = scorers_from({"tools right": right}, has_reference=True)
    assert [(each.name, each.is_named) for each in mapped] == [("tools right", True)]
    assert scorers_from(None, has_reference=False) == ()
    assert [each.name for each in scorers_from(right, has_reference=True)] == ["right"]


@pytest.mark.parametrize(
    ("scorer", "said"),
    [
        (3, "A scorer is a function, not an int"),
        ("right", "A scorer is a function, not a str"),
        (lambda answer, row: 1, "takes 'answer', which no scorer gets. It may take any of inputs, outputs"),
        (len, "takes 'obj'"),
        (print, None),
    ],
)
def test_what_cannot_be_called_is_reported_before_anything_runs(scorer: Any, said: str | None) -> None:
    if said is None:
        assert scorers_from(scorer, has_reference=False)
        return
    with pytest.raises(CommandError) as caught:
        scorers_from(scorer, has_reference=True)
    assert said in str(caught.value)


def test_a_scorer_that_needs_a_reference_asks_for_the_column() -> None:
    with pytest.raises(CommandError, match=r"right takes reference_outputs, and there are none\. --reference COLUMN"):
        scorers_from(right, has_reference=False)
    assert scorers_from(lambda outputs, reference_outputs=None: 1, has_reference=False)


@dataclass
class Verdict:
    key: str
    score: float


SCORER = Scorer("right", right, ())


@pytest.mark.parametrize(
    ("returned", "scores"),
    [
        (None, {}),
        (True, {"right": Scored(True)}),
        (0.5, {"right": Scored(0.5)}),
        (np.float64(0.5), {"right": Scored(0.5)}),
        (np.bool_(True), {"right": Scored(True)}),
        ("polite", {"right": Scored("polite")}),
        (float("nan"), {"right": Scored(None)}),
        ({"score": 1}, {"right": Scored(1)}),
        ({"key": "correct", "score": 1, "comment": "yes"}, {"correct": Scored(1, "yes")}),
        ({"key": "tone", "score": None, "value": "polite", "comment": None}, {"tone": Scored("polite")}),
        ([{"key": "a", "score": 1}, {"key": "b", "score": 0}], {"a": Scored(1), "b": Scored(0)}),
        ([{"key": "a", "score": 1}, {"key": "a", "score": 0}], {"a": Scored(1), "right_a": Scored(0)}),
        (
            [{"key": "a", "score": 1}, {"key": "a", "score": 0}, {"key": "a", "score": 0.5}],
            {"a": Scored(1), "right_a": Scored(0), "right_a_2": Scored(0.5)},
        ),
        ({"results": [{"key": "a", "score": 1}]}, {"a": Scored(1)}),
        (Verdict("a", 1), {"a": Scored(1)}),
        (EvaluationResult(key="a", score=1), {"a": Scored(1)}),
    ],
    ids=repr,
)
def test_what_a_scorer_may_return(returned: object, scores: dict[str, Scored]) -> None:
    assert scores_from(returned, SCORER, ScoreNames()) == scores


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ({"correct": True}, "a mapping without 'score'"),
        (object(), "it returned an object. A scorer returns a bool"),
        ({"score": [1]}, "it returned a list"),
        (float("inf"), "it returned inf, which is not a score"),
        (10**400, "a number larger than any float, which is not a score"),
        ([[1]], "it returned a list"),
    ],
)
def test_what_is_no_score_is_reported(returned: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        scores_from(returned, SCORER, ScoreNames())


def test_the_name_in_a_mapping_wins_over_a_key() -> None:
    scorer, names = Scorer("mine", right, (), is_named=True), ScoreNames()
    assert scores_from({"key": "a", "score": 1}, scorer, names) == {"mine": Scored(1)}
    two = scores_from([{"key": "a", "score": 1}, {"key": "b", "score": 1}], scorer, names)
    assert two.keys() == {"mine_a", "mine_b"}


def test_a_name_that_is_taken_gets_the_scorers_in_front() -> None:
    names = ScoreNames()
    assert scores_from({"key": "a", "score": 1}, Scorer("other", right, ()), names) == {"a": Scored(1)}
    assert scores_from([{"key": "a", "score": n} for n in (1, 2, 3)], SCORER, names) == {
        "right_a": Scored(1),
        "right_a_2": Scored(2),
        "right_a_3": Scored(3),
    }


def scores_of(given: list[dict[str, Any]], *scorers: Any) -> list[dict[str, Scored]]:
    """The scores of some runs, one after the other."""

    async def all_of_them() -> list[dict[str, Scored]]:
        scoring = Scoring(scorers_from(list(scorers), has_reference=True))
        return [await scoring.scores(each) for each in given]

    return asyncio.run(all_of_them())


def test_a_score_has_one_name_in_all_rows_whatever_fails_in_one_of_them() -> None:
    def first(output: int) -> dict[str, Any]:
        return {"key": "correct", "score": 1 / output}

    def second(output: int) -> dict[str, Any]:
        return {"key": "correct", "score": 2}

    assert scores_of([{"output": n} for n in (0, 1, 0)], first, second) == [
        {"first": Scored(error="ZeroDivisionError: division by zero"), "correct": Scored(2)},
        {"first_correct": Scored(1), "correct": Scored(2)},
        {"first_correct": Scored(error="ZeroDivisionError: division by zero"), "correct": Scored(2)},
    ]


@pytest.mark.parametrize(
    ("cells", "outputs"),
    [
        (["3", None], ["hi", "hi"]),
        ([float("nan"), 3], ["hi", "hi"]),
        ([[3], None], [{"messages": ["hi"]}] * 2),
        ([None, None], [{"messages": ["hi"]}] * 2),
        (["3", [3], None], ["hi", {"messages": ["hi"]}, "hi"]),
    ],
)
def test_outputs_have_the_form_of_the_columns_other_references_where_one_is_empty(
    cells: list[Any], outputs: list[Any]
) -> None:
    rows = Rows(("answer",), tuple((cell,) for cell in cells))
    plan = plan_for(rows, source_from("{answer}", rows.columns), id="x", source="x", assistants={"a": "a"})
    plan = replace(plan, inputs=["{}"] * len(cells))
    values = {"messages": ["hi"]}
    is_single = plan.has_single_references("answer")
    given = [plan.given(Entry(row, "a", output="hi"), values, "answer", is_single) for row in range(len(cells))]
    assert [each["outputs"] for each in given] == outputs
    assert not plan.has_single_references("")


def test_a_scorer_may_change_what_it_is_given_and_nobody_else_notices() -> None:
    def changes(outputs: Any, row: Any, run: Any, example: Any) -> int:
        outputs["messages"].clear()
        row["order"]["steps"] = 99
        run.outputs.clear()
        example.metadata["order"].clear()
        return 0

    def counts(outputs: Any, row: Any, run: Any) -> int:
        return len(outputs["messages"]) + int(row["order"]["steps"]) + len(run.outputs)

    values, row = {"messages": ["hi"]}, {"order": {"steps": 1}}
    run, example = ScoredRun("1", None, values), ScoredExample(None, None, row)
    given = {"outputs": values, "row": row, "run": run, "example": example}
    assert scores_of([given, given], changes, counts) == [{"changes": Scored(0), "counts": Scored(3)}] * 2
    assert (values, row) == ({"messages": ["hi"]}, {"order": {"steps": 1}})

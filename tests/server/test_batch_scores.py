"""Scores of a batch on the real server: with LangSmith's signature, with openevals and agentevals, beside it and afterwards."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import numpy
import pandas as pd
import pytest
from agentevals.trajectory.match import create_async_trajectory_match_evaluator, create_trajectory_match_evaluator
from langchain_core.language_models import FakeListChatModel
from langgraph_sdk.client import SyncLangGraphClient
from openevals.exact import exact_match, exact_match_async
from openevals.llm import create_llm_as_judge
from openevals.string.levenshtein import levenshtein_distance

from lg_magics.errors import CommandError, LgError
from lg_magics.session import Session
from lg_magics.views.batch_card import batch_card

from .batches import begun, orders, runs_of, until
from .listening import requests_of

CITIES = pd.DataFrame({"city": ["Paris", "Tokyo", "London"], "n": [3, 1, 2]})
WEATHER = "weather in {city}"
CARD: dict[str, Any] = {"id": "", "deployment": "", "assistants": [], "source": "", "now": 0.0}


def test_each_row_runs_several_times_and_each_time_is_scored(session: Session, sdk: SyncLangGraphClient) -> None:
    def words(output: str) -> int:
        return len(output.split())

    made = begun(session, CITIES, WEATHER, assistant="agent", repeat=2, score=words).wait(180)
    frame = made.df
    assert list(frame["city"]) == ["Paris", "Paris", "Tokyo", "Tokyo", "London", "London"]
    assert list(frame["repeat"]) == [1, 2] * 3
    assert list(frame["words"]) == [len(text.split()) for text in frame["output"]]
    assert list(frame["tools"]) == ["weather_search"] * 6
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 6
    (row,) = made.summary
    assert (row["n"], row["mean"]) == (3, pytest.approx(frame["words"].mean(), abs=1e-4))
    assert [run.run_id for run in made.runs[:2]] == list(frame["run_id"][:2])
    assert repr(made.runs) == "<6 runs of a batch>"
    assert made.runs[0].messages[-1].text == frame["output"][0]


def test_an_error_of_a_scorer_has_its_own_column_and_hides_nothing(session: Session) -> None:
    def ratio(output: str, row: dict[str, int]) -> float:
        return len(output) / (row["n"] - 1)

    def odd(output: str) -> Any:
        return object()

    frame = (
        begun(session, CITIES, WEATHER, assistant="agent", score={"ratio": ratio, "odd": odd, "fine": lambda: 1})
        .wait(180)
        .df
    )
    assert list(frame["ratio"].isna()) == [False, True, False]
    assert list(frame["ratio_error"]) == [None, "ZeroDivisionError: division by zero", None]
    assert frame["odd_error"].str.startswith("TypeError: it returned an object").all()
    assert "odd" not in frame
    assert list(frame["fine"]) == [1, 1, 1]
    assert list(frame["error"]) == [None] * 3
    assert set(frame["status"]) == {"success"}


class Wordless(Exception):
    """Fails to say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    def __repr__(self) -> str:
        return "Wordless()"


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (StopIteration(), "StopIteration"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (asyncio.CancelledError(), "CancelledError"),
        (Wordless(), "Wordless"),
        (ExceptionGroup("two", [ValueError("a")]), "ExceptionGroup: two (1 sub-exception)"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
def test_whatever_a_scorer_raises_stays_in_its_row(
    session: Session, raised: BaseException, said: str, is_async: bool
) -> None:
    def score(row: dict[str, Any]) -> int:
        if row["n"]:
            raise raised
        return 7

    async def score_async(row: dict[str, Any]) -> int:
        await asyncio.sleep(0)
        return score(row)

    if is_async and isinstance(raised, StopIteration):
        said = "RuntimeError: coroutine raised StopIteration"
    frame = begun(session, orders({}, {}), score={"score": score_async if is_async else score}).wait(120).df
    assert list(frame["score_error"]) == [None, said]
    assert list(frame["score"].fillna(0)) == [7, 0]
    assert set(frame["status"]) == {"success"}


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
def test_a_scorer_without_an_end_is_given_up_by_a_cancel(session: Session, is_async: bool) -> None:
    begins, never = threading.Event(), threading.Event()

    def hangs(row: dict[str, Any]) -> None:
        begins.set()
        never.wait()

    async def hangs_async(row: dict[str, Any]) -> None:
        begins.set()
        await asyncio.Event().wait()

    made = begun(session, orders({}, {}), score={"hangs": hangs_async if is_async else hangs, "fine": lambda: 1})
    assert begins.wait(120)
    while made.view.scoring < 2:
        time.sleep(0.02)
    assert "scoring 2" in batch_card(made.view, **CARD).progress
    made.cancel().wait(120)
    never.set()
    assert list(made.df["hangs_error"]) == ["Not scored: the batch was cancelled."] * 2
    assert set(made.df["status"]) == {"success"}
    assert made.score({"hangs": lambda: 7}).summary.df["mean"][0] == 7


def test_the_next_run_does_not_wait_for_a_score_but_scores_wait_for_each_other(session: Session) -> None:
    called: list[int] = []
    goes_on = threading.Event()

    async def score(row: dict[str, Any]) -> int:
        called.append(row["n"])
        while not goes_on.is_set():
            await asyncio.sleep(0.01)
        return 7

    made = begun(session, orders(*[{}] * 6), score=score, concurrency=1)
    until(lambda: made.counts.get("success") == 4)
    assert (called, made.view.scoring) == ([0], 1)
    assert made.counts["not started"] == 2
    goes_on.set()
    assert list(made.wait(60).df["score"]) == [7] * 6


def test_what_succeeds_after_a_cancel_is_scored_when_the_batch_goes_on(session: Session) -> None:
    called: list[int] = []
    begins, goes_on = threading.Event(), threading.Event()

    def score(row: dict[str, Any]) -> int:
        called.append(row["n"])
        begins.set()
        goes_on.wait(60)
        return len(called)

    made = begun(session, orders({}, {"seconds": 2}, {}), score=score, concurrency=1)
    assert begins.wait(60)
    until(lambda: made.entries[1].run_id)
    made._work.is_cancelled = True  # a cancel whose requests arrive too late
    made._work.scores.give_up()
    made.wait(60)
    goes_on.set()
    assert called == [0]
    assert made.counts == {"success": 2, "not started": 1}
    assert list(made.df["score_error"].dropna()) == ["Not scored: the batch was cancelled."] * 2
    made.retry("not started").wait(60)
    assert sorted(called) == [0, 0, 1, 2]
    assert made.df["score"].notna().all()
    assert "score_error" not in made.df


def test_a_score_of_the_same_name_takes_the_others_place_in_what_is_done_again_too(session: Session) -> None:
    called: list[str] = []
    made = begun(session, orders({}, {}), score={"one": lambda: called.append("old"), "two": lambda: 2}).wait(60)
    made.score({"one": lambda: 1})
    called.clear()
    made._work.table.set(0, status="error")
    made.retry().wait(60)
    assert (called, list(made.df["one"]), list(made.df["two"])) == ([], [1, 1], [2, 2])
    assert list(made.df)[-2:] == ["two", "one"]


def test_a_single_value_is_compared_with_the_answer_and_a_run_has_all_that_it_left(session: Session) -> None:
    def score(outputs: Any, reference_outputs: Any, run: Any, example: Any) -> str:
        return f"{type(outputs).__name__} {reference_outputs} {len(run.outputs['messages'])} {list(example.outputs)}"

    rows = [{"city": "Paris", "answer": numpy.int64(3)}, {"city": "Paris", "answer": [3]}]
    frame = begun(session, rows, WEATHER, assistant="agent", score=score, reference="answer").wait(60).df
    assert list(frame["score"]) == ["str 3 4 ['answer']", "dict [3] 4 [3]"]


def test_a_score_is_asked_for_good_runs_only(session: Session) -> None:
    asked: list[int] = []
    made = begun(session, orders({}, {"fail_at": 1}), score=lambda row: asked.append(row["n"])).wait(180)
    assert asked == [0]
    assert made.df["error"].iloc[1] == "ValueError: asked to fail at step 1"


def test_plain_scorers_are_called_for_one_row_at_a_time_and_async_ones_for_several(session: Session) -> None:
    threads: set[str] = set()
    together = asyncio.Barrier(4)

    def plain(output: Any) -> int:
        threads.add(threading.current_thread().name)
        return 1

    async def meets(output: Any) -> int:
        await asyncio.wait_for(together.wait(), 20)
        return 2

    frame = begun(session, orders({}, {}, {}, {}), score=[plain, meets], concurrency=4).wait(120).df
    assert len(threads) == 1
    assert list(frame["meets"]) == [2] * 4


def test_a_scorer_takes_what_langsmiths_evaluators_take(session: Session) -> None:
    seen: dict[str, Any] = {}

    def all_of_it(inputs: Any, outputs: Any, reference_outputs: Any, run: Any, example: Any) -> dict[str, Any]:
        seen.update(inputs=inputs, outputs=outputs, reference=reference_outputs, run=run, example=example)
        return {
            "key": "fine",
            "score": run.outputs["messages"][-1]["content"] != example.outputs["answer"],
            "comment": "seen",
        }

    rows = [{"city": "Paris", "answer": {"answer": "rain"}}]
    made = begun(session, rows, WEATHER, assistant="agent", score=all_of_it, reference="answer").wait(180)
    assert (made.df["fine"][0], made.df["fine_comment"][0]) == (True, "seen")
    assert seen["inputs"] == {"messages": [{"role": "user", "content": "weather in Paris"}]}
    assert seen["outputs"]["messages"][-1]["content"][0]["text"] == made.df["output"][0]
    assert seen["reference"] == seen["example"].outputs == {"answer": "rain"}
    assert (seen["run"].id, seen["example"].metadata) == (made.df["run_id"][0], rows[0])


def test_openevals_and_agentevals_work_unchanged(session: Session) -> None:
    judge = create_llm_as_judge(
        prompt="Is this polite? {inputs} {outputs} {reference_outputs}",
        feedback_key="polite",
        judge=FakeJudge(responses=["it is"]),
    )
    answers = begun(session, CITIES, WEATHER, assistant="agent").wait(180).df["output"]
    frame = CITIES.assign(answer=[answers[0], "no idea", answers[2]])
    scorers = [exact_match, exact_match_async, levenshtein_distance, judge]
    scored = begun(session, frame, WEATHER, assistant="agent", score=scorers, reference="answer").wait(180).df
    assert list(scored["exact_match"]) == [True, False, True]
    assert list(scored["exact_match_async_exact_match"]) == [True, False, True]
    assert list(scored["levenshtein_distance"] == 1) == [True, False, True]
    assert list(scored["polite"]) == [True] * 3

    called = {
        "role": "assistant",
        "tool_calls": [{"function": {"name": "weather_search", "arguments": '{"query": "weather in Paris"}'}}],
    }
    trajectory = [
        {"role": "user", "content": "weather in Paris"},
        called,
        {"role": "tool", "content": "It is sunny."},
        {"role": "assistant", "content": "It is sunny."},
    ]
    match = create_trajectory_match_evaluator(trajectory_match_mode="strict")
    match_async = create_async_trajectory_match_evaluator(
        trajectory_match_mode="superset", tool_args_match_mode="ignore"
    )
    rows = [{"city": "Paris", "steps": trajectory}, {"city": "Tokyo", "steps": trajectory}]
    scored = (
        begun(session, rows, WEATHER, assistant="agent", score=[match, match_async], reference="steps").wait(180).df
    )
    assert list(scored["trajectory_strict_match"]) == [True, False]
    assert list(scored["trajectory_superset_match"]) == [True, True]


class FakeJudge(FakeListChatModel):
    """A judge that says yes, in the structure that it is asked for."""

    def with_structured_output(self, schema: Any, **_: Any) -> Any:
        return self | (lambda message: {"reasoning": message.content, "score": True})


def test_what_has_ended_is_scored_without_running_anything(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, CITIES, WEATHER, assistant="agent", score={"one": lambda: 1}).wait(180)
    again = begun(other, attach=made.id).wait(120)
    asked = requests_of(other)
    again.score({"chars": lambda output, outputs: len(output) + len(outputs["messages"])})
    assert asked == {"POST /threads/search": 1}
    assert list(again.df["chars"]) == [len(text) + 4 for text in again.df["output"]]
    again.score(exact_match, reference="city").score({"chars": lambda: 2})
    assert list(again.df["exact_match"]) == [False] * 3
    assert list(again.df["chars"]) == [2] * 3
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 3
    made.score({"two": lambda: 2})
    assert list(made.df.columns)[-2:] == ["one", "two"]


def test_what_ran_on_a_thread_later_is_not_what_is_scored(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, CITIES[:2], WEATHER, assistant="agent").wait(180)
    thread_id = made.entries[0].thread_id
    later: dict[str, Any] = {"messages": [{"role": "user", "content": "weather in Rome"}]}
    sdk.runs.join(thread_id, sdk.runs.create(thread_id, "agent", input=later)["run_id"])
    made.score({"messages": lambda outputs: len(outputs["messages"])})
    assert list(made.df["messages"]) == [4, 4]


def test_a_score_is_worked_out_when_somebody_attaches(session: Session, other: Session) -> None:
    made = begun(session, {"city": ["Paris"], "n": [2]}, WEATHER, assistant="agent").wait(180)
    again = begun(other, attach=made.id, score=lambda output, row: len(output) * row["n"]).wait(120)
    assert again.df["score"].iloc[0] == 2 * len(made.df["output"].iloc[0])


def test_what_cannot_be_scored_is_reported(session: Session) -> None:
    made = begun(session, orders({"seconds": 2}))
    with pytest.raises(LgError, match=r"The batch is not over: .* batch.wait\(\).score\(f\)"):
        made.score(lambda output: 1)
    made.wait(60)
    with pytest.raises(CommandError, match="needs at least one scorer"):
        made.score()
    with pytest.raises(CommandError, match="takes reference_outputs, and there are none"):
        made.score(exact_match)
    with pytest.raises(CommandError, match="no column 'x'"):
        made.score(exact_match, reference="x")

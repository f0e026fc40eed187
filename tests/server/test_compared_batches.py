"""Batches, assistants and files compared on the real server; one question put to two assistants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import runs, threads
from lg_magics.commands.batch import compare
from lg_magics.errors import CommandError, ComparisonFailed, LgError, UnknownReference
from lg_magics.follow.batch import Batch
from lg_magics.model.batch import tokens_of
from lg_magics.session import Session
from lg_magics.tables.compare import Compared

from .batches import begun, count_threads, orders
from .lines import typed

CITIES = {"city": ["Paris", "Tokyo", "Atlantis"]}
BOTH = ["agent", "workbench"]


def names_it(output: Any, row: dict[str, str]) -> bool:
    return row["city"] in str(output)


def scored(session: Session, source: str = "weather in {city}", **options: Any) -> Batch:
    return begun(session, CITIES, source, score=names_it, **{"assistant": "agent", **options}).wait(180)


def measured(found: Compared) -> dict[str, tuple[float, int, int, int]]:
    return {each.name: (each.difference, each.better, each.worse, each.same) for each in found.comparison.measures}


def test_two_assistants_of_one_batch_and_two_batches_are_compared(session: Session) -> None:
    batch = scored(session, assistant=BOTH, repeat=2)
    found = compare(session, batch)
    assert (found.headline, found.comparison.repeats) == ("workbench against agent", 2)
    assert measured(found)["names_it"] == pytest.approx((-2 / 3, 0, 2, 1))
    assert found.changed[0].tools == "no longer calls weather_search"
    turned = compare(session, batch, assistant=["workbench", "agent"])
    assert measured(turned)["names_it"] == pytest.approx((2 / 3, 2, 0, 1))
    again = compare(session, batch, scored(session, "What is it like in {city}?"), assistant=["agent"])
    assert again.headline == "“What is it like in {city}?” against “weather in {city}”"
    assert measured(again) == {"names_it": (0, 0, 0, 3)}
    with pytest.raises(CommandError, match="The runs are of agent, workbench: name one"):
        compare(session, batch, scored(session))
    with pytest.raises(CommandError, match="no run of 'nobody'"):
        compare(session, batch, assistant=["agent", "nobody"])


def test_a_file_is_a_baseline_and_a_fall_below_what_is_allowed_is_an_error_in_one_line(
    session: Session, tmp_path: Path
) -> None:
    file = scored(session).save(tmp_path / "baseline.jsonl")
    batch = scored(session, "look at {city}")  # without the word weather the agent knows only cities that it knows
    same = compare(session, str(file), batch, fail_below=-0.02)
    assert same.headline == "the batch against baseline.jsonl"
    worse = scored(session, "say hello to nobody, n={city}", assistant="workbench")
    shown: list[object] = []
    session.announce = shown.append
    with pytest.raises(ComparisonFailed) as caught:
        compare(session, file, worse, fail_below=-0.02)
    assert "names_it −0.67 (0.67 to 0.00); at least −0.02 is required." in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(shown[-1], Compared)


def test_a_score_that_is_gone_or_whose_scorer_fails_is_below_whatever_is_wanted(
    session: Session, tmp_path: Path
) -> None:
    def names_it_not(output: str) -> bool:
        raise ValueError("no judge\u2028today")

    file = scored(session).save(tmp_path / "baseline.jsonl")
    batch = begun(session, CITIES, "weather in {city}", assistant="agent").wait(180)
    with pytest.raises(ComparisonFailed, match=r"names_it: 3 runs of the batch have no score, and are left out"):
        compare(session, file, batch, fail_below=-1)
    batch.score({"names_it": names_it_not})
    with pytest.raises(
        ComparisonFailed, match=r"3 runs of the batch have no score \(ValueError: no judge.today\)"
    ) as caught:
        compare(session, file, batch, fail_below=-1)
    assert len(str(caught.value).splitlines()) == 1
    compare(session, file, batch)
    third = batch.score({"names_it": names_it, "third": lambda: 1 / 3}).save(tmp_path / "third.jsonl")
    batch.score({"third": lambda: 0.3 + 1 / 3 - 0.3})
    compare(session, third, batch, fail_below=0)


def test_a_score_that_is_gone_in_one_row_is_below_whatever_is_wanted(session: Session, tmp_path: Path) -> None:
    file = scored(session).save(tmp_path / "baseline.jsonl")
    batch = begun(session, CITIES, "weather in {city}", assistant="agent").wait(180)
    batch.score({"names_it": lambda row: 1 if row["city"] == "Paris" else None})
    with pytest.raises(ComparisonFailed, match=r"names_it: 2 runs of the batch have no score, and are left out"):
        compare(session, file, batch, fail_below=-1)


def test_a_batch_that_is_not_over_is_waited_for(session: Session) -> None:
    slow = begun(session, orders({"seconds": 1}, {}), assistant=["workbench", "agent"], check=False)
    assert len(compare(session, slow, slow.id).comparison.rows) == 2
    assert slow.is_settled


def test_one_question_is_put_to_two_assistants_each_time_on_a_copy_of_the_thread(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    before = runs.run(session, "weather in Paris", assistant="agent", thread="new", card=False).wait(120)
    history = sdk.threads.get_history(before.thread_id)
    count = count_threads(sdk)
    found = compare(
        session, text="and in Tokyo?", assistant=BOTH, repeat=2, score=lambda output: "Tokyo" in str(output)
    )
    assert found.comparison.repeats == 2
    assert measured(found)["score"] == (-1, 0, 1, 0)
    assert count_threads(sdk) == count + 4
    assert sdk.threads.get_history(before.thread_id) == history
    (row,) = found.comparison.rows
    assert [each.tools for each in row.before] == [("weather_search",)] * 2
    whole: dict[str, Any] = dict(sdk.threads.get(session.tracker.batches()[-1].entries[0].thread_id))
    assert [m["content"] for m in whole["values"]["messages"] if m["type"] == "human"] == [
        "weather in Paris",
        "and in Tokyo?",
    ]
    whole_tokens, before_tokens = tokens_of(whole["values"]), tokens_of(history[0]["values"])
    assert whole_tokens is not None
    assert before_tokens is not None
    assert row.before[0].tokens == whole_tokens - before_tokens


def test_a_question_needs_no_thread(session: Session) -> None:
    found = compare(session, text="weather in Rome", assistant="agent,workbench")
    assert len(found.comparison.rows) == 1
    threads.new(session)  # a thread on which nothing ran is not copied: the server cannot run such a copy
    found = compare(session, text="weather in Rome", assistant="agent,workbench")
    assert [each.status for row in found.comparison.rows for each in (*row.before, *row.after)] == ["success"] * 2


def test_batches_behind_the_option_of_the_assistants_are_compared_and_no_question_is_asked(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, other = scored(session, assistant=BOTH), scored(session, "What is it like in {city}?")
    file = batch.save(tmp_path / "baseline.jsonl")
    known = session.tracker.batches()
    for line, headline in (
        ("-a agent $batch $other", "“What is it like in {city}?” against “weather in {city}”"),
        ("-a workbench,agent $batch $other", "agent against workbench"),
        ("-a workbench,agent $batch", "agent against workbench"),
    ):
        assert typed(session, "compare", line, batch=batch, other=other).headline == headline
    monkeypatch.chdir(tmp_path)
    for text in (f"{file.name} $batch", file.name, batch.id, f"$batch {other.id}"):
        with pytest.raises(CommandError, match="is no question: it names batches or files") as caught:
            typed(session, "compare", f"-a workbench,agent {text}", batch=batch)
        assert caught.value.hint == f"%lg_compare {text} -a workbench,agent"
    assert session.tracker.batches() == known


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({}, CommandError, "A batch or a file is needed"),
        ({"before": 3}, CommandError, "A batch or a file is needed, not an int"),
        ({"before": "nnnn-nnnn"}, UnknownReference, "no batch 'nnnn-nnnn' in this session, and no such file"),
        ({"before": "a", "after": "b", "text": 3}, CommandError, "At most two batches or files are compared, got 3"),
        ({"text": " ", "assistant": BOTH}, CommandError, "Text is required"),
        ({"text": "hello"}, CommandError, "A question is put to two assistants"),
        ({"text": "hello", "before": "x", "assistant": BOTH}, CommandError, "put to assistants, not to batches"),
        ({"before": "x", "repeat": 3}, CommandError, "are for a question"),
        ({"text": "hello", "assistant": ["a", "a"]}, CommandError, "each named once"),
        ({"text": "hello", "assistant": ["agent", "agnet"]}, UnknownReference, "Did you mean agent?"),
    ],
)
def test_what_cannot_be_compared_is_reported(
    session: Session, options: dict[str, Any], error: type[LgError], said: str
) -> None:
    with pytest.raises(error) as caught:
        compare(session, **options)
    assert said in str(caught.value)

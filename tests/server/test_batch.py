"""A run for each row of a frame, on the real server: in order, so many at a time, none hidden by another."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from batches import begun, count_threads, most_at_a_time, orders, runs_of, threads_of, until
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, deployment, endings, status
from lg_magics.commands.batch import batch
from lg_magics.errors import (
    AlreadyEnded,
    CommandError,
    LgError,
    ReferenceError,
    Unreachable,
    WaitInterrupted,
    WaitTimedOut,
)
from lg_magics.follow.batch import Batch
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

CITIES = pd.DataFrame({"city": ["Paris", "Tokyo", "London"], "n": [3, 1, 2]}, index=["p", "t", "l"])


def test_the_rows_come_back_in_their_order_for_each_assistant_with_what_became_of_them(session: Session) -> None:
    made = begun(session, CITIES, "weather in {city}", assistant=["agent", "workbench"]).wait(60)
    frame = made.df
    assert list(frame.columns)[:2] == ["city", "n"]
    assert list(frame.index) == ["p", "p", "t", "t", "l", "l"]
    assert list(frame["city"]) == ["Paris", "Paris", "Tokyo", "Tokyo", "London", "London"]
    assert list(frame["assistant"]) == ["agent", "workbench"] * 3
    assert set(frame["status"]) == {"success"}
    assert [text.partition(" in ")[2].partition(" now")[0] for text in frame["output"][::2]] == list(CITIES["city"])
    assert list(frame["output"][1::2]) == ["Done: 3 steps."] * 3
    assert frame["tokens"][::2].min() > 0
    assert frame["tokens"][1::2].isna().all()
    assert frame["seconds"].between(0.001, 60).all()
    assert len(set(frame["thread_id"])) == len(set(frame["run_id"])) == 6
    assert (made.status, made.counts, len(made)) == ("success", {"success": 6}, 6)
    assert frame.attrs["batch"] == made.id
    assert session.tracker.runs() == []


def test_the_order_is_that_of_the_rows_not_of_the_ends(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}, {"seconds": 0}, {"seconds": 0.5})).wait(60)
    assert [entry.row for entry in made.entries] == [0, 1, 2]
    assert [entry.output["seconds"] for entry in made.entries] == [1.5, 0, 0.5]


def test_so_many_run_at_a_time_and_no_more(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders(*[{"seconds": 0.2}] * 7), concurrency=3).wait(60)
    runs = [run for of_thread in runs_of(sdk, made) for run in of_thread]
    assert len(runs) == 7
    assert 2 <= most_at_a_time(runs) <= 3


def test_a_row_that_fails_is_refused_or_cannot_be_sent_stops_no_other(session: Session) -> None:
    frame = [*orders({}, {"fail_at": 1}), {"order": [1, 2]}, {"order": None}, {"order": {"x": object()}}, *orders({})]
    made = begun(session, frame).wait(60)
    assert [entry.status for entry in made.entries] == ["success", "error", "error", "error", "error", "success"]
    errors = [entry.error for entry in made.entries]
    assert errors[1] == "ValueError: told to fail at step 1"
    assert errors[2].startswith("InvalidUpdateError: Expected dict, got [1, 2]")
    assert errors[3] == "Not sent: the cell of 'order' is empty."
    assert errors[4] == "Not sent: this cannot be sent as JSON: a object."
    assert made.status == "error"
    assert (made.view.failed, made.can_retry) == (4, 2)


def test_an_assistant_that_is_gone_refuses_its_rows_and_the_other_goes_on(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    gone = sdk.assistants.create("workbench", name="to be deleted")["assistant_id"]
    assistants.assistants(session)
    sdk.assistants.delete(gone)
    made = begun(session, orders({}, {}), assistant=["workbench", gone]).wait(60)
    assert [entry.status for entry in made.entries] == ["success", "error"] * 2
    assert "NotFound" in made.entries[1].error
    assert made.df["run_id"].notna().tolist() == [True, False] * 2


def test_retry_does_again_what_failed_on_a_new_thread_and_nothing_else(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders({}, {"fail_at": 1})).wait(60)
    before = made.entries
    assert made.retry() is made
    after = made.wait(60).entries
    assert after[0] == before[0]
    assert (after[1].attempt, after[1].status) == (2, "error")
    assert after[1].thread_id != before[1].thread_id
    assert sorted(len(each) for each in runs_of(sdk, made)) == [1, 1, 1]
    with pytest.raises(LgError, match="nothing to do again"):
        made.retry("cancelled")
    with pytest.raises(LgError, match="because it is 'live'"):
        made.retry("live")


def test_cancel_stops_what_is_live_launches_no_more_and_can_be_gone_on_from(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"seconds": 2}] * 4), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    endings.cancel(session, made)
    made.wait(30)
    assert (made.status, made.counts) == ("cancelled", {"cancelled": 2, "not started": 2})
    assert sum(map(len, runs_of(sdk, made))) == 2
    with pytest.raises(AlreadyEnded):
        made.cancel()
    made.retry("cancelled", "not started").wait(60)
    assert made.counts == {"success": 4}


def test_when_the_tokens_are_used_no_more_are_launched(session: Session, sdk: SyncLangGraphClient) -> None:
    frame = {"city": ["Paris"] * 5}
    made = begun(session, frame, "weather in {city}", assistant="agent", max_tokens=200, concurrency=1).wait(60)
    assert made.counts == {"success": 2, "not started": 3}
    assert made.status == "stopped"
    assert made.view.stopped == "its 200 tokens are used"
    assert made.view.tokens >= 200
    assert sum(map(len, runs_of(sdk, made))) == 2


def test_a_dry_run_sends_nothing_and_says_what_it_would_do(session: Session, sdk: SyncLangGraphClient) -> None:
    before = count_threads(sdk)
    frame = {"city": ["Paris", None, "Tokyo"], "status": [1, 2, 3]}
    said = batch(session, frame, input="weather in {city}", assistant=["agent", "workbench"], dry_run=True)
    assert isinstance(said, Facts)
    assert said.title.startswith("4 runs on ")
    assert said.title.endswith("nothing was sent.")
    assert said["rows"] == "3"
    assert said["first input"] == '{"messages": [{"role": "user", "content": "weather in Paris"}]}'
    assert said["not sent"] == "row 1: the cell of 'city' is empty"
    assert said["renamed"] == "our status is lg_status"
    assert said["runs"] == 4
    assert count_threads(sdk) == before
    assert session.tracker.batches() == []


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"source": "weather in {ctiy}"}, CommandError, "no column 'ctiy'. Did you mean city?"),
        ({"source": "{city}", "assistant": "agnet"}, ReferenceError, "Did you mean agent?"),
        ({"source": "{city}", "assistant": "agent,agent"}, CommandError, "agent is named twice"),
        ({"source": "{city}", "concurrency": 65}, CommandError, "it goes from 1 to 64"),
        ({"source": "{city}", "concurrency": 0}, CommandError, "it goes from 1 to 64"),
        ({"source": "{city}", "max_tokens": 0}, CommandError, "launches nothing"),
        ({"source": "{city}", "score": 3}, CommandError, "f(output, row)"),
        ({"source": "{city}", "timeout": 3}, CommandError, "belongs to --wait"),
        ({"source": "{city}", "stateless": True}, CommandError, "--stateless --keep"),
        ({"source": "{city}", "context": {"a": 1}, "configurable": {"b": 2}}, CommandError, "cannot go together"),
        ({"source": "{city}", "attach": "k7f2-9qd4"}, CommandError, "has its rows already"),
        ({"source": None}, CommandError, "needs --input"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_sent(
    session: Session, sdk: SyncLangGraphClient, options: dict[str, Any], error: type[LgError], said: str
) -> None:
    before = count_threads(sdk)
    with pytest.raises(error) as caught:
        begun(session, CITIES, **options)
    assert said in str(caught.value)
    assert count_threads(sdk) == before
    with pytest.raises(CommandError, match="needs a frame"):
        batch(session, input="{city}")


def test_a_score_is_kept_in_its_row_and_so_is_what_goes_wrong_with_it(session: Session) -> None:
    def score(output: str, row: dict[str, Any]) -> float:
        return len(output) / (row["n"] - 1)

    frame = begun(session, CITIES, "weather in {city}", assistant="agent", score=score).wait(60).df
    assert list(frame["score"].isna()) == [False, True, False]
    assert frame["score"].iloc[0] == len(frame["output"].iloc[0]) / 2
    assert list(frame["error"]) == [None, "score: ZeroDivisionError: division by zero", None]
    assert set(frame["status"]) == {"success"}


def test_a_score_is_asked_for_good_runs_only(session: Session) -> None:
    asked: list[int] = []
    made = begun(session, orders({}, {"fail_at": 1}), score=lambda output, row: asked.append(row["n"])).wait(60)
    assert asked == [0]
    assert made.df["error"].iloc[1] == "ValueError: told to fail at step 1"


def test_waiting_has_a_limit_and_the_batch_goes_on(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}))
    with pytest.raises(WaitTimedOut, match=r"not over after 0\.1 s"):
        made.wait(0.1)
    assert endings.wait(session, made) is made
    assert made.status == "success"


def test_a_kernel_interrupt_stops_the_waiting_and_not_the_batch(session: Session) -> None:
    made = begun(session, orders({"seconds": 1.5}))
    with pytest.raises(WaitInterrupted, match="the batch goes on"):
        interrupted(made)
    assert made.wait(60).status == "success"


def interrupted(made: Batch) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    made.wait(60)


def test_a_batch_can_be_awaited(session: Session) -> None:
    async def awaited() -> Batch:
        return await begun(session, orders({}))

    assert asyncio.run(awaited()).status == "success"


def test_a_row_that_asks_a_person_waits(session: Session) -> None:
    frame = {"trip": ["Plan a trip"]}
    made = begun(session, frame, "trip", assistant="approval").wait(60)
    assert (made.status, made.counts) == ("waiting", {"waiting": 1})
    assert made.df["output"].iloc[0] == "I will book the flight to Hong Kong for 640 USD."


def test_a_row_that_stops_at_a_breakpoint_waits_too(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({})).wait(60)
    thread_id = sdk.threads.create()["thread_id"]
    row = dict(sdk.runs.create(thread_id, "workbench", input={"steps": 1}, interrupt_before=["work"]))
    assert session.loop.wait(made._work._calls.end(row), 30).status == "waiting"


def test_configurable_values_and_metadata_go_with_each_run(session: Session, sdk: SyncLangGraphClient) -> None:
    options: dict[str, Any] = {"configurable": {"user_id": "Test"}, "metadata": {"team": "x"}}
    made = begun(session, orders({}), **options).wait(60)
    run = runs_of(sdk, made)[0][0]
    assert run["kwargs"]["config"]["configurable"]["user_id"] == "Test"
    assert run["metadata"]["team"] == "x"


def test_rows_are_kept_beside_their_threads_and_copied_to_no_run_or_checkpoint(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, {"city": ["Paris"], "secret": ["x" * 1000]}, "weather in {city}", assistant="agent").wait(60)
    row = threads_of(sdk, made)[0]
    assert "x" * 1000 in row["metadata"]["lg_cells"]
    run = runs_of(sdk, made)[0][0]
    history = sdk.threads.get_history(row["thread_id"])
    assert "x" * 1000 not in str(run) + str(history)
    assert {step["metadata"]["lg_batch"] for step in history} == {made.id}


def test_a_cell_of_ten_megabytes_goes_through(session: Session, sdk: SyncLangGraphClient) -> None:
    large = "x" * 10_000_000
    made = begun(session, [{"order": {"steps": 1}, "large": large}, {"order": {"steps": 1, "x": large}, "large": ""}])
    assert made.wait(120).counts == {"success": 2}
    assert list(made.df["large"].str.len()) == [10_000_000, 0]


def test_stateless_runs_are_kept_and_have_their_results(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, CITIES, "weather in {city}", assistant="agent", stateless=True, keep=True).wait(60)
    assert made.counts == {"success": 3}
    assert made.df["output"].str.contains("humidity").all()
    assert "stateless: it cannot be attached to" in made.notes[0]
    assert all("lg_cells" not in row["metadata"] for row in threads_of(sdk, made))
    with pytest.raises(CommandError, match="was stateless"):
        begun(other, attach=made.id)


def test_a_protected_deployment_wants_a_yes(session: Session, sdk: SyncLangGraphClient) -> None:
    connection = session.connection
    connection.deployment = replace(connection.deployment, protect=True)
    before = count_threads(sdk)
    with pytest.raises(LgError, match="is protected: 1 runs are not launched"):
        begun(session, orders({}))
    assert count_threads(sdk) == before
    assert begun(session, orders({}), yes=True).wait(60).status == "success"


def test_a_server_that_dies_is_told_and_nothing_is_made_up(session: Session) -> None:
    doomed = local.start(private=True)
    deployment.connect(session, doomed.url)
    made = begun(session, orders(*[{"seconds": 60}] * 4), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    os.kill(doomed.pid, signal.SIGKILL)
    with pytest.raises(Unreachable, match=f"--attach {made.id}"):
        made.wait(60)
    assert made.counts == {"unknown": 2, "not started": 2}
    assert made.status == "stopped"


def test_home_and_status_tell_of_a_live_batch(session: Session) -> None:
    from lg_magics.commands import home

    made = begun(session, orders({"seconds": 20}))
    until(lambda: made.view.count("live"))
    assert home.home(session)["batch"] == f"{made.id}: 1 live"
    assert status.status(session)["live batches"] == f"{made.id}: 1 live"
    made.cancel()
    until(lambda: made.is_settled)
    assert "batch" not in dict(home.home(session).facts)

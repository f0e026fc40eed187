"""The options of a batch beside its rows: limits, a score, a dry run, and what is kept of it where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import deployment
from lg_magics.commands.batch import batch
from lg_magics.errors import CommandError, LgError, UnknownReference
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

from .batches import begun, count_threads, orders, runs_of, threads_of, until

CITIES = pd.DataFrame({"city": ["Paris", "Tokyo", "London"], "n": [3, 1, 2]})


def test_when_the_tokens_are_used_no_more_are_launched(session: Session, sdk: SyncLangGraphClient) -> None:
    frame = {"city": ["Paris"] * 5}
    made = begun(session, frame, "weather in {city}", assistant="agent", max_tokens=200, concurrency=1).wait(180)
    assert made.counts == {"success": 2, "not started": 3}
    assert made.status == "stopped"
    assert made.view.stopped == "its 200 tokens are used"
    assert made.view.tokens >= 200
    assert sum(map(len, runs_of(sdk, made))) == 2
    with pytest.raises(
        LgError, match="has used its 200 tokens, so it launches no more runs: 2 success, 3 not started"
    ) as caught:
        made.retry("not started")
    assert f"%lg_batch --attach {made.id} --max-tokens N" in str(caught.value)


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
        ({"source": "{city}", "assistant": "agnet"}, UnknownReference, "Did you mean agent?"),
        ({"source": "{city}", "assistant": "agent,agent"}, CommandError, "agent is named twice"),
        ({"source": "{city}", "score": 3}, CommandError, "A scorer is a function, not an int. --score $f"),
        ({"source": "{city}", "reference": "ctiy"}, CommandError, "no column 'ctiy'. Did you mean city?"),
        ({"source": "{city}", "timeout": 3}, CommandError, "belongs to --wait"),
        ({"source": "{city}", "wait": True, "timeout": -1}, CommandError, "timeout must be >= 0 seconds, got -1."),
        ({"source": "{city}", "stateless": True}, CommandError, "--stateless --keep"),
        ({"source": "{city}", "context": {"a": 1}, "configurable": {"b": 2}}, CommandError, "cannot go together"),
        ({"source": "{city}", "attach": "k7f2-9qd4"}, CommandError, "has its rows already"),
        ({"source": None}, CommandError, "needs --input"),
    ],
)
def test_what_cannot_be_done_is_reported_before_anything_is_sent(
    session: Session, sdk: SyncLangGraphClient, options: dict[str, Any], error: type[LgError], said: str
) -> None:
    before = count_threads(sdk)
    with pytest.raises(error) as caught:
        begun(session, CITIES, **options)
    assert said in str(caught.value)
    assert count_threads(sdk) == before
    with pytest.raises(CommandError, match="needs a frame"):
        batch(session, input="{city}")


def test_assistants_in_one_text_are_read_as_the_magic_reads_them(session: Session) -> None:
    said = batch(session, CITIES, input="{city}", assistant=" agent, workbench ,", dry_run=True)
    assert isinstance(said, Facts)
    assert said["assistants"] == "agent, workbench"
    with pytest.raises(CommandError, match="agent is named twice"):
        batch(session, CITIES, input="{city}", assistant="agent, agent", dry_run=True)


def test_configurable_values_and_metadata_go_with_each_run(session: Session, sdk: SyncLangGraphClient) -> None:
    options: dict[str, Any] = {"configurable": {"user_id": "Test"}, "metadata": {"team": "x"}}
    made = begun(session, orders({}), **options).wait(180)
    run = runs_of(sdk, made)[0][0]
    assert run["kwargs"]["config"]["configurable"]["user_id"] == "Test"
    assert run["metadata"]["team"] == "x"


def test_rows_are_kept_on_a_thread_of_their_own_and_copied_to_no_run_or_checkpoint(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, {"city": ["Paris"], "secret": ["x" * 1000]}, "weather in {city}", assistant="agent").wait(180)
    row = threads_of(sdk, made)[0]
    (part,) = sdk.threads.search(metadata={"lg_batch_plan": made.id})
    assert "x" * 1000 in str(part["metadata"])
    run = runs_of(sdk, made)[0][0]
    history = sdk.threads.get_history(row["thread_id"])
    assert "x" * 1000 not in str(row) + str(run) + str(history)
    assert {(step["metadata"] or {})["lg_batch"] for step in history} == {made.id}


def test_a_cell_of_ten_megabytes_goes_through(session: Session, sdk: SyncLangGraphClient) -> None:
    large = "x" * 10_000_000
    made = begun(session, [{"order": {"steps": 1}, "large": large}, {"order": {"steps": 1, "x": large}, "large": ""}])
    assert made.wait(120).counts == {"success": 2}
    assert list(made.df["large"].str.len()) == [10_000_000, 0]


def test_stateless_runs_are_kept_and_have_their_results(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, CITIES, "weather in {city}", assistant="agent", stateless=True, keep=True).wait(180)
    assert made.counts == {"success": 3}
    assert made.df["output"].str.contains("humidity").all()
    assert "stateless: it cannot be attached to" in made.notes[0]
    assert sdk.threads.search(metadata={"lg_batch_plan": made.id}) == []
    with pytest.raises(CommandError, match="was stateless"):
        begun(other, attach=made.id)


def test_a_protected_deployment_wants_a_yes(session: Session, sdk: SyncLangGraphClient) -> None:
    connection = session.connection
    connection.deployment = replace(connection.deployment, protect=True)
    before = count_threads(sdk)
    with pytest.raises(LgError, match="is protected: 1 runs are not launched"):
        begun(session, orders({}))
    assert count_threads(sdk) == before
    assert begun(session, orders({}), yes=True).wait(180).status == "success"


def test_home_and_status_tell_of_a_live_batch(session: Session) -> None:
    made = begun(session, orders({"seconds": 20}))
    until(lambda: made.view.count("live"))
    assert deployment.home(session)["batch"] == f"{made.id}: 1 live"
    assert deployment.status(session)["live batches"] == f"{made.id}: 1 live"
    made.cancel()
    until(lambda: made.is_settled)
    assert "batch" not in dict(deployment.home(session).facts)

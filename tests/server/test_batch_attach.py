"""Back to a batch: from a new kernel, another notebook, or beside the one that goes on. No row runs twice, and none is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import people, state
from lg_magics.errors import CommandError, LgError, NotFound
from lg_magics.follow import batch_claims
from lg_magics.follow.batch import Batch
from lg_magics.session import Session

from .batches import begun, claimed, orders, plan_of, runs_of, threads_of, until, written
from .listening import requests_of

ROWS = 8
FRAME = """
import pandas as pd
frame = pd.DataFrame({
    "order": [{"steps": 1, "seconds": 0.4, "n": n} for n in range(8)],
    "when": pd.date_range("2026-01-01", periods=8, tz="UTC"),
    "n": pd.array([*range(7), None], dtype="Int64"),
}, index=pd.Index(list("abcdefgh"), name="key"))
"""
BEGIN = """
import lg_magics as lg
lg.connect({url!r}, timeout=60)
batch = lg.batch(frame, input="order", assistant="workbench", concurrency=2)
print(batch.id, flush=True)
"""


@pytest.fixture
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def printed(client: BlockingKernelClient, code: str) -> str:
    """What a cell prints."""
    request = client.execute(code)
    said = ""
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            said += message["content"]["text"]
        if message["content"].get("execution_state") == "idle":
            return said


def test_a_kernel_that_dies_loses_nothing(
    kernel: tuple[KernelManager, BlockingKernelClient],
    session: Session,
    server: local.LocalServer,
    sdk: SyncLangGraphClient,
) -> None:
    manager, client = kernel
    batch_id = printed(client, FRAME + BEGIN.format(url=server.url)).split()[-1]

    def launched() -> list[dict[str, Any]]:
        found = sdk.threads.search(metadata={"lg_batch": batch_id}, limit=100)
        return [dict(row) for row in found if "graph_id" in (row["metadata"] or {})]

    until(lambda: len(launched()) >= ROWS // 2, 40)
    manager.shutdown_kernel(now=True)
    at_its_death = len(launched())
    assert at_its_death < ROWS
    again = begun(session, attach=batch_id)
    assert again.wait(180).counts == {"success": ROWS}
    assert [len(runs) for runs in runs_of(sdk, again)] == [1] * ROWS
    assert f"{ROWS - at_its_death} had not started and are launched now" in again.notes[0]
    names: dict[str, Any] = {}
    exec(FRAME, names)
    pd.testing.assert_frame_equal(again.df[["order", "when", "n"]], names["frame"], check_freq=False)
    assert [json.loads(output)["seconds"] for output in again.df["output"]] == [0.4] * ROWS


def test_two_that_follow_one_batch_claims_each_row_once(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"seconds": 0.2}] * 12), concurrency=3)
    until(lambda: made.view.count("live"))
    beside = begun(other, attach=made.id, concurrency=5)
    assert (made.wait(180).counts, beside.wait(180).counts) == ({"success": 12}, {"success": 12})
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 12
    pd.testing.assert_frame_equal(made.df, beside.df)


def test_what_has_ended_is_read_with_few_requests_however_many_rows_there_are(session: Session, other: Session) -> None:
    made = begun(session, orders(*[{"fail_at": 1 if n == 7 else None} for n in range(60)]), concurrency=64).wait(180)
    asked = requests_of(other, is_sync=True)
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries
    assert dict(asked) == {"POST /threads/search": 3}  # the plan, and two pages of rows


def test_what_no_kernel_wrote_down_is_read_run_by_run(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"fail_at": 1 if n == 7 else None} for n in range(20)])).wait(180)
    forget(sdk, made)
    asked = requests_of(other)
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries
    looks = asked.pop("POST /threads/search")
    assert looks < 20
    assert asked.pop("PATCH /threads/*") == 1
    assert asked == {"GET /threads/*/runs": 20, "POST /threads/*/history": 19, "GET /threads/*": 1}


def forget(sdk: SyncLangGraphClient, made: Batch) -> None:
    """Take away what was written of how the runs ended, as if the kernel had died before."""
    (part,) = sdk.threads.search(metadata={"lg_batch_plan": made.id})
    names = [name for name in part["metadata"] or {} if name.startswith("lg_ended_")]
    assert names
    sdk.threads.update(part["thread_id"], metadata=dict.fromkeys(names, ""))


def test_what_is_written_down_is_not_trusted(session: Session, other: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({}, {"fail_at": 1})).wait(180)
    (part,) = sdk.threads.search(metadata={"lg_batch_plan": made.id})
    (name,) = [name for name in part["metadata"] or {} if name.startswith("lg_ended_")]
    good = json.loads((part["metadata"] or {})[name])
    for odd in ([], [1], [[*good[0][:6], "splendid", *good[0][7:]]], [[*good[0][:5], 7, *good[0][6:]], good[1][:-1]]):
        sdk.threads.update(part["thread_id"], metadata={name: json.dumps(odd), "lg_ended_": "[" * 10_000})
        assert begun(other, attach=made.id).wait(120).entries == made.entries


def test_a_batch_that_was_cancelled_is_read_and_not_gone_on_with_unasked(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"seconds": 2}] * 4), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    made.cancel().wait(120)
    again = begun(other, attach=made.id).wait(120)
    assert (again.status, again.counts) == ("cancelled", made.counts)
    assert "2 had not started and stay so, since it was cancelled" in again.notes[0]
    again.retry("not started").wait(180)
    third = begun(session, attach=made.id).wait(120)
    assert third.counts == {"success": 2, "cancelled": 2}
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 4


def test_what_was_retried_is_what_its_last_attempt_was(session: Session, other: Session) -> None:
    made = begun(session, orders({"fail_at": 1}, {})).wait(180)
    made.retry().wait(180)
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries
    assert [entry.attempt for entry in again.entries] == [2, 1]


def test_rows_that_cannot_be_sent_come_back_as_what_they_were(session: Session, other: Session) -> None:
    frame = [{"city": "Paris", "n": 1}, {"city": None, "n": 2}]
    made = begun(session, frame, "weather in {city}", assistant=["agent", "workbench"]).wait(180)
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries
    pd.testing.assert_frame_equal(again.df, made.df)
    assert again.notes == ("attached: 2 had ended, 0 were live, 2 cannot be sent",)


def test_a_row_that_a_person_answered_meanwhile_is_what_came_of_it(session: Session, other: Session) -> None:
    made = begun(session, {"trip": ["Plan a trip", "Plan a trip"]}, "trip", assistant="approval").wait(180)
    assert made.counts == {"waiting": 2}
    state.state(other, thread=made.entries[0].thread_id)  # nobody answers a question unseen
    people.resume(other, thread=made.entries[0].thread_id, accept=True).wait(180)
    again = begun(other, attach=made.id).wait(120)
    assert [entry.status for entry in again.entries] == ["success", "waiting"]
    assert again.entries[0].output.startswith("Done: book_flight(")


def test_what_ran_on_a_rows_thread_later_does_not_change_its_outcome(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, {"city": ["Paris"]}, "weather in {city}", assistant="agent").wait(180)
    thread_id = made.entries[0].thread_id
    later = sdk.runs.create(thread_id, "workbench", input={"fail_at": 1, "steps": 1})
    sdk.runs.join(thread_id, later["run_id"])
    again = begun(other, attach=made.id).wait(120)
    assert again.entries == made.entries


def test_a_run_whose_launch_was_not_answered_is_taken_up_and_not_launched_again(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    plan = plan_of(orders({}, {"seconds": 20}))
    written(session, plan)
    for entry in plan.entries():  # as another kernel would have, that died before the response
        thread_id = claimed(session, plan, entry.row)
        tags = plan.run_metadata(entry)
        sdk.runs.create(thread_id, "workbench", input=plan.sent(entry), metadata=tags)
    again = begun(session, attach=plan.id)
    until(lambda: again.counts == {"success": 1, "live": 1})
    again.cancel().wait(120)
    assert [len(runs) for runs in runs_of(sdk, again)] == [1, 1]


def test_more_rows_than_a_page_come_back_in_their_order(session: Session, other: Session) -> None:
    made = begun(session, [{"order": {"steps": 1, "grow": n % 7}, "n": n} for n in range(130)], concurrency=64)
    assert made.wait(120).counts == {"success": 130}
    again = begun(other, attach=made.id).wait(180)
    pd.testing.assert_frame_equal(again.df, made.df)


def test_a_batch_that_this_session_follows_is_not_followed_twice(session: Session) -> None:
    made = begun(session, orders({"seconds": 1}))
    assert begun(session, attach=made.id) is made
    for options in ({"concurrency": 3}, {"reference": "n"}, {"reference": "nonsense"}):
        with pytest.raises(CommandError, match="is followed here already"):
            begun(session, attach=made.id, **options)
    assert begun(session, attach=made.wait(120).id).wait(120).df.equals(made.df)
    assert len(session.tracker.batches()) == 1


def test_the_limit_of_tokens_counts_what_was_used_before(session: Session, other: Session) -> None:
    frame = {"city": ["Paris"] * 4}
    made = begun(session, frame, "weather in {city}", assistant="agent", max_tokens=100, concurrency=1).wait(180)
    assert made.counts == {"success": 1, "not started": 3}
    assert begun(other, attach=made.id).wait(120).counts == made.counts
    assert begun(other, attach=made.id, max_tokens=100_000).wait(180).counts == {"success": 4}


def test_an_unknown_batch_is_reported_with_those_that_there_are(session: Session) -> None:
    made = begun(session, orders({})).wait(180)
    with pytest.raises(NotFound) as caught:
        begun(session, attach="nnnn-nnnn")
    assert f"No batch 'nnnn-nnnn' on {session.connection.url}" in str(caught.value)
    assert made.id in str(caught.value)


def test_what_looks_secret_is_written_nowhere_and_is_asked_for_where_a_run_would_need_it(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    values = {"api_key": "sk-123", "user_id": "Test"}
    made = begun(session, orders(*[{"seconds": 3}] * 3), concurrency=1, configurable=values)
    until(lambda: made.view.count("live"))
    (part,) = sdk.threads.search(metadata={"lg_batch_plan": made.id})
    assert "user_id" in str(part)
    assert "sk-123" not in str([part, *threads_of(sdk, made)])
    with pytest.raises(LgError, match="The runs of the batch take api_key") as caught:
        begun(other, attach=made.id)
    assert f"--attach {made.id} -c api_key=" in str(caught.value)
    beside = begun(other, attach=made.id, configurable={"api_key": "sk-123"})
    assert beside.wait(180).counts == made.wait(180).counts == {"success": 3}
    for runs in runs_of(sdk, made):
        assert values.items() <= runs[0]["kwargs"]["config"]["configurable"].items()
    read = begun(other, attach=made.id).wait(120)
    assert read.counts == {"success": 3}
    with pytest.raises(LgError, match="take api_key"):
        read.retry("success")


def test_metadata_that_looks_secret_is_asked_for_too_and_what_does_not_comes_back(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    given = {"author": "Ada", "session_key": "s3cret"}
    made = begun(session, orders(*[{"seconds": 0.5}] * 3), concurrency=1, metadata=given)
    until(lambda: made.view.count("live"))
    made.cancel().wait(120)
    again = begun(other, attach=made.id).wait(120)
    with pytest.raises(LgError, match="take session_key") as caught:
        again.retry("not started", "cancelled")
    assert f"--attach {made.id} --metadata session_key=" in str(caught.value)
    again = begun(other, attach=made.id, metadata={"session_key": "s3cret"}).wait(120)
    again.retry("not started", "cancelled").wait(120)
    assert again.counts == {"success": 3}
    for runs in runs_of(sdk, made):
        assert given.items() <= runs[0]["metadata"].items()


def test_a_secret_inside_other_values_is_asked_for_too_and_every_run_takes_it(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    given: dict[str, Any] = {
        "config": {
            "tags": ["a"],
            "configurable": {"model": {"name": "m", "api_key": "s3cret"}, "api_keys": ["s3cret"]},
        },
        "metadata": {"password": 12345},
    }
    made = begun(session, orders(*[{"seconds": 0.5}] * 3), concurrency=1, **given)
    until(lambda: made.view.count("live"))
    kept = str(
        [sdk.threads.search(metadata={"lg_batch_plan": made.id}), *(r["metadata"] for r in threads_of(sdk, made))]
    )
    assert "lg_rows" in kept
    assert not [secret for secret in ("s3cret", "12345") if secret in kept]
    made.cancel().wait(120)
    again = begun(other, attach=made.id).wait(120)
    with pytest.raises(LgError, match=r"take model\.api_key, api_keys, password:"):
        again.retry("not started", "cancelled")
    again = begun(other, attach=made.id, **given).wait(120)
    again.retry("not started", "cancelled").wait(120)
    assert again.counts == {"success": 3}
    for runs in runs_of(sdk, made):
        assert given["config"]["configurable"].items() <= runs[0]["kwargs"]["config"]["configurable"].items()
        assert given["metadata"].items() <= runs[0]["metadata"].items()


def test_a_row_that_a_kernel_claimed_and_did_not_launch_is_taken_over_after_a_while(
    session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_claims, "ABANDONED", 0.5)
    plan = plan_of(orders({}, {}))
    written(session, plan)
    left = claimed(session, plan, 0)  # by a kernel that died in this moment
    made = begun(session, attach=plan.id).wait(120)
    assert made.counts == {"success": 2}
    assert made.entries[0].thread_id == plan.thread_id(plan.entries()[0], 1)
    assert sorted(map(len, runs_of(sdk, made))) == [0, 1, 1]
    assert sdk.runs.list(left) == []


def test_a_row_that_another_kernel_has_claimed_is_followed_when_that_launches_it(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    plan = plan_of(orders({}))
    written(session, plan)
    entry, thread_id = plan.entries()[0], claimed(session, plan, 0)
    made = begun(session, attach=plan.id)
    time.sleep(0.5)
    assert made.counts == {"not started": 1}
    run = sdk.runs.create(thread_id, "workbench", input=plan.sent(entry), metadata=plan.run_metadata(entry))
    assert made.wait(120).counts == {"success": 1}
    assert made.entries[0].run_id == run["run_id"]
    assert [len(runs) for runs in runs_of(sdk, made)] == [1]


def test_a_kernel_that_is_late_with_its_launch_claims_the_row_again(
    session: Session, other: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_claims, "OWNED", 0.0)
    made = begun(session, orders({}))
    until(lambda: threads_of(sdk, made))
    beside = begun(other, attach=made.id)
    monkeypatch.setattr(batch_claims, "OWNED", 10.0)
    assert (made.wait(120).counts, beside.wait(120).counts) == ({"success": 1}, {"success": 1})
    assert made.entries[0].run_id == beside.entries[0].run_id
    assert sum(map(len, runs_of(sdk, made))) == 1
    assert len(threads_of(sdk, made)) == 1


def test_what_one_kernel_cancels_no_other_goes_on_with(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders(*[{"seconds": 1}] * 12), concurrency=2)
    until(lambda: made.view.count("live") == 2)
    beside = begun(other, attach=made.id, concurrency=2)
    until(lambda: beside.view.count("live") == 2)
    made.cancel().wait(120)
    beside.wait(120)
    assert beside.status == made.status == "cancelled"
    assert beside.view.count("not started") >= 6
    assert sum(map(len, runs_of(sdk, made))) <= 6
    assert beside.retry("cancelled", "not started").wait(180).counts == {"success": 12}
    assert begun(session, attach=made.id).wait(180).counts == {"success": 12}

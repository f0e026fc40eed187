"""Which kernel launches a row of a batch: where requests are slow or limited, and where two kernels claim it at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.follow import batch_claims
from lg_magics.follow.batch_launch import BatchLaunch
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.follow.batch_requests import BatchCalls
from lg_magics.model.batch_plan import BATCH, BatchPlan
from lg_magics.model.batch_written import parts_of
from lg_magics.session import Session

from .batches import begun, orders, plan_of, runs_of, written
from .lacking import Lacking, lacking_server


@pytest.fixture
def between(server: local.LocalServer, session: Session) -> Iterator[Lacking]:
    """A deployment that is slow, or refuses; the session is connected to it."""
    with lacking_server(server.url) as found:
        deployment.connect(session, found.url)
        yield found


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims that end soon."""
    monkeypatch.setattr(batch_claims, "OWNED", 0.2)
    monkeypatch.setattr(batch_claims, "ARRIVES", 0.5)


def launch_of(session: Session, plan: BatchPlan) -> BatchLaunch:
    pace = BatchPace(session.connection, None, lambda: None)
    return BatchLaunch(BatchCalls(session.connection, plan, pace), plan, {})


def runs_on_threads(sdk: SyncLangGraphClient, plan: BatchPlan) -> list[int]:
    """How many runs each thread of a batch has."""
    found = sdk.threads.search(metadata={BATCH: plan.id}, limit=100)
    return sorted(len(sdk.runs.list(each["thread_id"])) for each in found)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("slow", ["POST /threads", "/threads"], ids=["creation", "all"])
def test_a_deployment_whose_answers_take_longer_than_a_claim_gets_each_row_on_its_first_thread(
    session: Session, sdk: SyncLangGraphClient, between: Lacking, slow: str
) -> None:
    def judged(call: str, sent: Any) -> None:
        if call.endswith(slow) or (slow == "/threads" and slow in call):
            time.sleep(0.3)

    between.judges = judged
    made = begun(session, orders({}, {}), concurrency=2).wait(60)
    assert made.counts == {"success": 2}
    assert [len(runs) for runs in runs_of(sdk, made)] == [1, 1]


@pytest.mark.usefixtures("short")
def test_a_deployment_that_limits_the_rate_is_not_filled_with_threads_without_runs(
    session: Session, sdk: SyncLangGraphClient, between: Lacking
) -> None:
    seconds, most, begins, writes = 1.0, 3, time.monotonic(), dict[int, int]()

    def judged(call: str, sent: Any) -> tuple[int, str] | None:
        is_write = call.startswith("PATCH") or call == "POST /threads" or call.endswith("/runs")
        if not is_write or call.startswith("GET"):
            return None
        window = int((time.monotonic() - begins) // seconds)
        writes[window] = writes.get(window, 0) + 1
        return (429, "slowly") if writes[window] > most else None

    between.later, between.judges = 0.6, judged
    made = begun(session, orders(*[{}] * 8), concurrency=8).wait(60)
    assert made.counts == {"success": 8}
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 8
    assert made.view.refused < 40


def test_a_claim_that_is_left_is_not_written_during_a_pause(session: Session, between: Lacking) -> None:
    asked: list[str] = []
    between.later, between.refused = 600.0, {"POST /threads/.*/runs": 429}
    between.judges = lambda call, sent: asked.append(call)
    made = begun(session, orders({}), concurrency=1)
    while not made.view.refused:
        time.sleep(0.05)
    asked.clear()
    made.cancel().wait(20)
    assert [call for call in asked if call.startswith("PATCH")] == [
        f"PATCH /threads/{parts_of(made.plan)[0].thread_id}"
    ]


@pytest.mark.usefixtures("short")
def test_an_owner_whose_row_another_kernel_has_taken_launches_nothing(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    plan = plan_of(orders({}))
    written(session, plan)
    (entry,) = plan.entries()
    late, beside = launch_of(session, plan), launch_of(other, plan)
    assert (
        session.loop.wait(late.launch(entry, lambda: not late._claims.ends), 20) is None
    )  # it only creates the thread
    thread_id = plan.thread_id(entry)
    session.connection.threads.update(thread_id, {"lg_claim": "x 0"})  # as if it had not left it
    row = other.loop.wait(beside.launch(entry), 20)
    again = session.loop.wait(late.launch(entry), 20)
    assert row is not None
    assert again is not None
    assert (row.run_id, row.thread_id) == (again.run_id, plan.thread_id(entry, 1))
    assert runs_on_threads(sdk, plan) == [0, 1]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("is_answered", [True, False], ids=["before the launch", "before the look"])
def test_of_two_kernels_that_claim_a_row_in_the_same_moment_one_launches_it(
    session: Session, other: Session, sdk: SyncLangGraphClient, between: Lacking, is_answered: bool
) -> None:
    """The owner writes a new claim after the other has seen the old one for the last time."""
    plan = plan_of(orders({}))
    written(other, plan)
    (entry,) = plan.entries()
    owner, taker = launch_of(other, plan), launch_of(session, plan)
    assert other.loop.wait(owner.launch(entry, lambda: not owner._claims.ends), 20) is None
    other.connection.threads.update(plan.thread_id(entry), {"lg_claim": "x 0"})
    rows: list[Any] = []

    def judged(call: str, sent: Any) -> None:
        if call == "POST /threads" and sent["thread_id"] == plan.thread_id(entry, 1) and not rows:
            if is_answered:
                rows.append(other.loop.wait(owner.launch(entry), 20))
            else:
                rows.append(other.loop.start(owner.launch(entry)))
                time.sleep(0.05)

    between.judges = judged
    taken = session.loop.wait(taker.launch(entry), 30)
    row = rows[0] if is_answered else rows[0].result(30)
    assert taken is not None
    assert taken.run_id == row.run_id
    assert sum(runs_on_threads(sdk, plan)) == 1

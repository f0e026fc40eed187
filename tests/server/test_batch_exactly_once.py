"""Each row of a batch is launched exactly once, however many kernels go on with it, and wherever one of them is killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from functools import partial
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.session import Session

from .batches import begun, orders, plan_of, until, written

GO_ON = """
import sys
import lg_magics as lg
for _ in range(20):
    try:
        lg.connect(sys.argv[1], timeout=60)
        break
    except lg.errors.Unreachable:  # a busy machine
        pass
batch = lg.batch(attach=sys.argv[2], concurrency=int(sys.argv[3]))
print("attached", flush=True)
batch.wait()
"""


def another_kernel(server: local.LocalServer, batch_id: str, at_a_time: int) -> subprocess.Popen[str]:
    """A process of its own that goes on with a batch; it has attached when this returns."""
    command = [sys.executable, "-c", GO_ON, server.url, batch_id, str(at_a_time)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "attached\n"
    return process


def launched(sdk: SyncLangGraphClient, batch_id: str, rows: int) -> list[int]:
    """For each row how often it was launched."""
    counts = dict.fromkeys(range(rows), 0)
    for thread in sdk.threads.search(metadata={"lg_batch": batch_id}, limit=1000, select=["thread_id"]):
        for run in sdk.runs.list(thread["thread_id"], limit=100):
            tags: dict[str, Any] = run["metadata"] or {}
            counts[tags["lg_row"]] += 1
    return list(counts.values())


def test_two_kernels_share_a_batch(session: Session, server: local.LocalServer, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders(*[{}] * 40), concurrency=8)
    beside = another_kernel(server, made.id, 8)
    assert made.wait(180).counts == {"success": 40}
    assert beside.wait(60) == 0
    assert launched(sdk, made.id, 40) == [1] * 40


@pytest.mark.slow
@pytest.mark.parametrize("at_a_time", [10, 64])
def test_two_kernels_share_300_rows(
    session: Session, server: local.LocalServer, sdk: SyncLangGraphClient, at_a_time: int
) -> None:
    plan = plan_of(orders(*[{}] * 300))
    written(session, plan)
    beside = another_kernel(server, plan.id, at_a_time)
    made = begun(session, attach=plan.id, concurrency=at_a_time)
    assert made.wait(300).counts == {"success": 300}
    assert beside.wait(120) == 0
    assert launched(sdk, plan.id, 300) == [1] * 300


@pytest.mark.slow
def test_a_kernel_that_is_killed_at_30_random_points_launches_no_row_twice_and_loses_none(
    session: Session, server: local.LocalServer, sdk: SyncLangGraphClient
) -> None:
    chance = random.Random(19)
    plan = plan_of(orders(*[{"seconds": 0.05}] * 400))
    written(session, plan)

    def claimed() -> int:
        return sdk.threads.count(metadata={"lg_batch": plan.id})

    def has_claimed(rows: int) -> bool:
        return claimed() >= rows

    for _ in range(30):
        process = another_kernel(server, plan.id, 10)
        until(partial(has_claimed, claimed() + chance.randint(0, 6)))  # no clock: a busy machine is slow
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.wait(10)
    before = sum(launched(sdk, plan.id, 400))
    assert 30 < before < 400, "the kernels were killed before they did anything, or after all was done"
    made = begun(session, attach=plan.id, concurrency=32)
    assert made.wait(300).counts == {"success": 400}
    assert launched(sdk, plan.id, 400) == [1] * 400

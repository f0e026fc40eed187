"""Many threads are looked at with few calls, on the real server."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.errors import InvalidRequest
from lg_magics.follow import thread_batcher
from lg_magics.follow.thread_batcher import ThreadBatcher
from lg_magics.model.records import ThreadRecord
from lg_magics.session import Session


def test_many_that_look_at_once_share_a_call_and_each_sees_its_own_thread(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    fresh = sdk.threads.create()["thread_id"]
    paused = sdk.threads.create()["thread_id"]
    row = sdk.runs.create(paused, "workbench", input={"steps": 1}, interrupt_before=["work"])
    sdk.runs.join(paused, row["run_id"])
    batcher = ThreadBatcher(session.connection)
    gone = "00000000-0000-4000-8000-000000000000"

    async def all_of_them() -> list[ThreadRecord | None]:
        return await asyncio.gather(*(batcher.load(thread_id) for thread_id in (fresh, paused, gone, fresh) * 20))

    found = session.loop.wait(all_of_them(), 30)
    told = [look and (look.status, look.thread_id) for look in found[:4]]
    assert told == [("idle", fresh), ("interrupted", paused), None, ("idle", fresh)]
    assert found == found[:4] * 20


def test_who_looks_in_vain_is_reported(session: Session) -> None:
    batcher = ThreadBatcher(session.connection)
    with pytest.raises(InvalidRequest):
        session.loop.wait(batcher.load("no id"), 30)
    assert session.loop.wait(batcher.load("00000000-0000-4000-8000-000000000000"), 30) is None


def test_lookups_wait_for_others_while_more_of_them_are_expected(
    session: Session, sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_batcher, "PAUSE_FACTOR", 1e6)
    monkeypatch.setattr(thread_batcher, "LONGEST", 60.0)
    fresh = [sdk.threads.create()["thread_id"] for _ in range(5)]
    expects_more = True
    batcher = ThreadBatcher(session.connection, lambda: expects_more)
    calls = 0

    async def count(request: httpx.Request) -> None:
        nonlocal calls
        calls += 1

    async def one_after_the_other() -> list[ThreadRecord | None]:
        nonlocal expects_more
        session.connection.polls.http.client.event_hooks["request"].append(count)
        first = await batcher.load(fresh[0])
        others = []
        for thread_id in fresh[1:]:
            others.append(asyncio.ensure_future(batcher.load(thread_id)))
            await asyncio.sleep(0.05)
        assert calls == 1
        expects_more = False
        return [first, *await asyncio.gather(*others)]

    found = session.loop.wait(one_after_the_other(), 30)
    assert [look and look.thread_id for look in found] == fresh
    assert calls == 2

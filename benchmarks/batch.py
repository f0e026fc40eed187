"""What `%lg_batch` costs: 200 rows beside the raw SDK with `asyncio.gather` and a semaphore, at the same concurrency.

The raw one does what a careful person would write: a thread for each row, a run on it, a join, and the run's own row to know
how it ended. Ours does the same for each row; it writes the plan before, how the runs ended afterwards, and reads the threads'
status. The memory and the card of a batch of 10,000 rows are measured in a kernel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import perf_counter, sleep
from typing import Any

import httpx
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

import lg_magics as lg
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.card import CONNECT
from benchmarks.kernel import open_kernel
from benchmarks.samples import Line, Samples, in_turns, ratio
from lg_magics.commands import batch as commands
from lg_magics.commands import deployment
from lg_magics.follow.batch import Batch
from lg_magics.session import Session

__all__ = ["lines"]

ROWS = 200
USUAL, MANY = 10, 64
ROUNDS = 7
LIMITS = {USUAL: 1.05, MANY: 1.1}
ENDED, REQUESTS = 1_000, 20
LARGE, LARGE_MB, LARGE_MS = 10_000, 150, 20
VALUE: Mapping[str, Any] = {"steps": 1}


def lines(bench: Bench) -> list[Line]:
    return [_line(bench, USUAL), _line(bench, MANY), _attached(bench), *_large(bench)]


def _line(bench: Bench, at_a_time: int) -> Line:
    bench.say(f"batch: {ROUNDS + 1} rounds of two times {ROWS} rows, {at_a_time} at a time")
    ways = {"ours": lambda: _ours(at_a_time), "raw": lambda: asyncio.run(_raw(bench.url, at_a_time))}
    taken = in_turns({name: partial(_cleared, bench, way) for name, way in ways.items()}, ROUNDS, warm_up=1)
    ours, raw = (Samples(taken[name].values, "s") for name in ("ours", "raw"))
    name, limit = f"{ROWS} rows, {at_a_time} at a time", LIMITS[at_a_time]
    is_within = ours.median <= limit * raw.median
    return Line(name, str(ours), f"{raw} gather", ratio(ours, raw), f"× {limit}", is_within)


def _attached(bench: Bench) -> Line:
    """What another session requests to attach to a batch that has ended."""
    bench.say(f"batch: {ENDED:,} rows, and another session that attaches to them")
    batch = _run(ENDED, MANY)
    session, requests = Session(), 0

    def count(request: httpx.Request) -> None:
        nonlocal requests
        requests += 1

    async def listen() -> None:
        async def noted(request: httpx.Request) -> None:
            count(request)

        for client in (session.connection.polls, session.connection.streams):
            client.http.client.event_hooks["request"].append(noted)

    deployment.connect(session, bench.url)
    sleep(1)  # what it reads in the background after that is no part of it
    session.connection.sync.http.client.event_hooks["request"].append(count)
    session.loop.wait(listen())
    began = perf_counter()
    found = commands.batch(session, attach=batch.id)
    assert isinstance(found, Batch)
    found.wait()
    took = perf_counter() - began
    assert found.counts == {"success": ENDED}, found.counts
    session.close()
    bench.clear()
    name = f"requests to attach to {ENDED:,} rows that ended"
    return Line(name, f"{requests} in {took:.1f} s", limit=f"{REQUESTS}", is_within=requests <= REQUESTS)


def _large(bench: Bench) -> list[Line]:
    """The memory of a batch of many rows in a kernel; each update of its card, from the change to the message that is sent."""
    bench.say(f"batch: a card of {LARGE:,} rows in a kernel")
    with open_kernel() as kernel:
        kernel.messages(CONNECT.format(url=bench.url, assistant=ASSISTANT))
        found = kernel.value(f"in_kernel.large_batch({LARGE})")
    megabytes, changes = found["megabytes"], Samples(found["changes"])
    memory = Line(f"kernel memory of {LARGE:,} rows, without the frame", f"{megabytes:.0f} MB", limit=f"{LARGE_MB} MB")
    change = Line(f"a change of the card of {LARGE:,} rows", str(changes), limit=f"{LARGE_MS} ms")
    return [
        replace(memory, is_within=megabytes <= LARGE_MB),
        replace(change, is_within=changes.median <= LARGE_MS),
    ]


def _cleared(bench: Bench, way: Callable[[], float]) -> float:
    taken = way()
    bench.clear()
    return taken


def _ours(at_a_time: int) -> float:
    began = perf_counter()
    _run(ROWS, at_a_time)
    return perf_counter() - began


def _run(rows: int, at_a_time: int) -> Batch:
    frame = {"order": [dict(VALUE) for _ in range(rows)]}
    batch = lg.batch(frame, input="order", assistant=ASSISTANT, concurrency=at_a_time)
    assert isinstance(batch, Batch)
    batch.wait()
    assert batch.counts == {"success": rows}, batch.counts
    return batch


async def _raw(url: str, at_a_time: int) -> float:
    async with get_client(url=url, api_key=None) as client:
        limit = asyncio.Semaphore(at_a_time)

        async def one() -> str:
            async with limit:
                return await _raw_row(client)

        began = perf_counter()
        found = await asyncio.gather(*(one() for _ in range(ROWS)))
        took = perf_counter() - began
    assert found == ["success"] * ROWS
    return took


async def _raw_row(client: LangGraphClient) -> str:
    thread_id = (await client.threads.create())["thread_id"]
    run = await client.runs.create(thread_id, ASSISTANT, input=dict(VALUE))
    await client.runs.join(thread_id, run["run_id"])
    return str((await client.runs.get(thread_id, run["run_id"]))["status"])

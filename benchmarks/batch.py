"""What `%lg_batch` costs: 200 rows beside the raw SDK with `asyncio.gather` and a semaphore, at the same concurrency.

The raw one does what a careful person would write: a thread for each row, a run on it, a join, and the run's own row to know
how it ended. Ours does the same for each row; it writes the plan before, how the runs ended afterwards, and reads the threads'
status. A card of many rows is changed beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

import lg_magics as lg
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.samples import Line, Samples, in_turns, ratio
from lg_magics.follow.batch import Batch
from lg_magics.model.batch import BatchEntries, BatchView, Entry, RowView
from lg_magics.views.batch_card import batch_card
from lg_magics.views.batch_tree import batch_tree

__all__ = ["lines"]

ROWS = 200
USUAL, MANY = 10, 64
ROUNDS = 3
LIMIT = 1.1
CARD_ROWS, CARD_SHOWN, CARD_LIMIT = 10_000, 100, 20  # rows; rows; milliseconds
VALUE: Mapping[str, Any] = {"steps": 1}


def lines(bench: Bench) -> list[Line]:
    return [_line(bench, USUAL), _line(bench, MANY), _card()]


def _line(bench: Bench, at_a_time: int) -> Line:
    bench.say(f"batch: {ROUNDS + 1} rounds of two times {ROWS} rows, {at_a_time} at a time")
    ways = {"ours": lambda: _ours(at_a_time), "raw": lambda: asyncio.run(_raw(bench.url, at_a_time))}
    taken = in_turns({name: partial(_cleared, bench, way) for name, way in ways.items()}, ROUNDS, warm_up=1)
    ours, raw = (Samples(taken[name].values, "s") for name in ("ours", "raw"))
    found = Line(f"{ROWS} rows, {at_a_time} at a time", str(ours), f"{raw} gather", ratio(ours, raw))
    is_within = ours.median <= LIMIT * raw.median
    return found if at_a_time == MANY else replace(found, limit=f"× {LIMIT}", is_within=is_within)


def _card() -> Line:
    """Change a row's status and render the card: the tree only, before it is compared with the last one and sent."""
    table = BatchEntries([Entry(n, "agent", status="success") for n in range(CARD_ROWS)], lambda: None)
    row = RowView(0, "a question " * 9, "agent", "success", "an answer " * 12, ("right yes",), 1.0, 99)
    taken = []
    for change in range(20):
        began = perf_counter()
        table.set(change, status="error")
        rows = tuple(replace(row, place=place) for place in table.shown(CARD_SHOWN))
        view = BatchView({"success": CARD_ROWS}, "ended", rows=rows)
        batch_tree(batch_card(view, id="x", deployment="local", assistants=["agent"], source="q", now=1.0))
        taken.append(1000 * (perf_counter() - began))
    found = Samples(taken)
    is_within = found.median <= CARD_LIMIT
    return Line(f"card of {CARD_ROWS:,} rows changed", str(found), limit=f"{CARD_LIMIT}", is_within=is_within)


def _cleared(bench: Bench, way: Callable[[], float]) -> float:
    """The in-memory server looks through all its threads at each call: what was made is deleted before the next round."""
    taken = way()
    for row in bench.sdk.threads.search(limit=1000, select=["thread_id"]):
        bench.sdk.threads.delete(row["thread_id"])
    return taken


def _ours(at_a_time: int) -> float:
    frame = {"order": [dict(VALUE) for _ in range(ROWS)]}
    began = perf_counter()
    batch = lg.batch(frame, input="order", assistant=ASSISTANT, concurrency=at_a_time)
    assert isinstance(batch, Batch)
    batch.wait()
    took = perf_counter() - began
    assert batch.counts == {"success": ROWS}, batch.counts
    return took


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

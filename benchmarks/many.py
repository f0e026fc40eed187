"""What following 1,000 runs at once costs this process, and how soon each end is known. Knows the clock to be the server's too.

All are launched to start later, so that all are live at once and none ends while the costs of waiting are taken. The server
does ten at a time; how long that takes is not counted, only how long after its own time stamp each end is known here.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter, process_time, sleep, time
from typing import Any
from uuid import uuid4

import httpx
from langgraph_sdk import get_client

import lg_magics as lg
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.outcome import seconds_since
from benchmarks.samples import Line, Samples, difference, in_turns
from lg_magics.follow.follower import CARD_MODES, PLAIN_MODES
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked

__all__ = ["lines"]

MANY = 1_000
FAIL_EVERY = 50
WAITING = 5.0
SECONDS = 0.4
RAW, RAW_AFTER, RAW_INTERVAL = 150, 6, 0.25
CARDS = 64
LAG_P95, LAG_CARDS, STATUS = 300.0, 15.0, 50.0  # milliseconds
REQUESTS = 5.0  # a second
SHARE = 5.0  # percent of a core
GET = "runs/*"


@dataclass
class Watched:
    """When the end of each run was known, what was asked meanwhile on the background loop, and what a launch takes."""

    launch: float = 0.0
    known: dict[str, float] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def watch(self, run: Run) -> Run:
        tracked(run).done.add_done_callback(lambda _: self.known.setdefault(run.run_id, time()))
        return run

    def lags(self, runs: Sequence[Run]) -> Samples:
        return Samples([(self.known[run.run_id] - (run.view.ended_at or 0)) * 1000 for run in runs])

    async def count(self, request: httpx.Request) -> None:
        resource = "/".join("*" if "-" in part else part for part in request.url.path.split("/")[3:])
        self.asked[resource or "threads/search"] += 1


def lines(bench: Bench) -> list[Line]:
    watched = Watched()
    session = lg.current()

    async def listen() -> None:
        for client in (session.connection.polls, session.connection.streams):
            client.http.client.event_hooks["request"].append(watched.count)

    session.loop.wait(listen())
    return [*_cards(bench, watched), *_many(bench, watched)]


def _cards(bench: Bench, watched: Watched) -> list[Line]:
    bench.say(f"many: {CARDS} runs with a card, and so a stream, each; and as many with the raw SDK")
    values = [{"steps": 1, "seconds": 0.5 + 0.05 * (number % 10)} for number in range(CARDS)]
    began = perf_counter()
    runs = [watched.watch(bench.run(value)) for value in values]
    watched.launch = (perf_counter() - began) / CARDS
    lg.wait(runs)
    ours = watched.lags(runs)
    raw = Samples(asyncio.run(_raw(bench, [bench.create(value, CARD_MODES) for value in values])))
    return [
        Line(
            f"end known after the server, {CARDS} with cards",
            _with_p95(ours),
            f"{_with_p95(raw)} join_stream + runs.get",
            difference(ours, raw),
            f"{LAG_CARDS:g} ms, or raw",
            ours.median <= max(LAG_CARDS, raw.median),
        )
    ]


async def _raw(bench: Bench, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    client = get_client(url=bench.url, api_key=None)

    async def lag(row: Mapping[str, Any]) -> float:
        where = row["thread_id"], row["run_id"]
        async for _ in client.runs.join_stream(*where, last_event_id="0"):
            pass
        ended = await client.runs.get(*where)
        return seconds_since(ended, time()) * 1000

    found = await asyncio.gather(*map(lag, rows))
    await client.aclose()
    return found


def _many(bench: Bench, watched: Watched) -> list[Line]:
    seconds = 2 * MANY * watched.launch + WAITING + 2  # the server takes longer for each, the more it has
    bench.say(f"many: {MANY:,} runs without a card, which all start in {seconds:.0f} s")
    start_at = perf_counter() + seconds
    runs = [watched.watch(_launched(number, start_at)) for number in range(MANY)]
    waiting = _waiting(watched)
    live = sum(not run.is_settled for run in runs)
    looks = _looks()
    bench.say(f"many: {live:,} are live; the server begins with them")
    status = _status_until_all_ended(runs)
    right = sum(run.status == ("error" if _fails(number) else "success") for number, run in enumerate(runs))
    failed = sum(run.error == "ValueError: asked to fail at step 1" for run in runs)
    gets, lags = watched.asked[GET], watched.lags(runs)
    bench.say(f"many: {RAW} runs that the raw SDK polls for")
    raw = Samples(asyncio.run(_raw_polled(bench)))
    return [
        Line(f"{MANY:,} runs followed at once", f"{live:,}", limit=f"{MANY:,}", is_within=live == MANY),
        *waiting,
        Line(
            "    statuses that are right", f"{right:,}, {failed} with their error", "", "", f"{MANY:,}", right == MANY
        ),
        Line("    runs.get for each end", f"{gets / MANY:.3f}", limit="1", is_within=gets <= MANY),
        Line(
            "    end known after the server",
            _with_p95(lags),
            f"{_with_p95(raw)} of {RAW}: search each {RAW_INTERVAL} s + runs.get",
            f"× {lags.median / raw.median:.2f}",
            f"p95 {LAG_P95:g} ms, or raw",
            lags.p95 <= max(LAG_P95, raw.p95),
        ),
        Line("    %lg_status meanwhile", _with_p95(status), "", "", f"p95 {STATUS:g} ms", status.p95 <= STATUS),
        *looks,
    ]


async def _raw_polled(bench: Bench) -> list[float]:
    """The lags of runs that are followed by the plainest poll: their threads' ids are compared with those that are busy."""
    client = get_client(url=bench.url, api_key=None)
    tag = {"benchmark": uuid4().hex}
    waiting: dict[str, str] = {}
    for _ in range(RAW):
        call = bench.call({"steps": 1, "seconds": SECONDS}, PLAIN_MODES)
        row = await client.runs.create(**{**call, "metadata": tag, "after_seconds": RAW_AFTER})
        waiting[row["thread_id"]] = row["run_id"]
    lags: list[float] = []

    async def confirm(thread_id: str) -> None:
        row = await client.runs.get(thread_id, waiting.pop(thread_id))
        lags.append(seconds_since(row, time()) * 1000)

    while waiting:
        await asyncio.sleep(RAW_INTERVAL)
        found = await client.threads.search(metadata=tag, status="busy", select=["thread_id"], limit=1000)
        busy = {row["thread_id"] for row in found}
        await asyncio.gather(*map(confirm, set(waiting) - busy))
    await client.aclose()
    return lags


def _waiting(watched: Watched) -> list[Line]:
    """What it costs to wait for them while none ends."""
    gc.collect()
    sleep(1)
    watched.asked.clear()
    began, began_cpu = perf_counter(), process_time()
    sleep(WAITING)
    seconds, cpu = perf_counter() - began, process_time() - began_cpu
    polls, share = watched.asked.total() / seconds, 100 * cpu / seconds
    return [
        Line("    requests a second while none ends", f"{polls:.1f}", "", "", f"{REQUESTS:g}", polls <= REQUESTS),
        Line("    CPU meanwhile", f"{share:.1f} % of a core", "", "", f"{SHARE:g} %", share <= SHARE),
    ]


def _looks() -> list[Line]:
    """What is looked at in memory, with so many handles."""
    ways: Mapping[str, Callable[[], object]] = {
        "%lg": lg.home,
        "%lg_runs --mine": lambda: lg.runs(mine=True),
        "Tab": lambda: lg.current().completions("run"),
    }
    taken = in_turns({name: partial(_milliseconds, call) for name, call in ways.items()}, 10)
    return [Line(f"    {name}", str(samples)) for name, samples in taken.items()]


def _status_until_all_ended(runs: Sequence[Run]) -> Samples:
    taken = []
    while not all(run.is_settled for run in runs):
        taken.append(_milliseconds(lg.status))
        sleep(0.5)
    return Samples(taken)


def _milliseconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000


def _launched(number: int, start_at: float) -> Run:
    value = {"steps": 1, "seconds": SECONDS, "fail_at": 1 if _fails(number) else None}
    after = max(0, round(start_at - perf_counter()))
    run = lg.run(input=value, assistant=ASSISTANT, thread="new", card=False, after=after)
    assert isinstance(run, Run)
    return run


def _fails(number: int) -> bool:
    return number % FAIL_EVERY == 0


def _with_p95(samples: Samples) -> str:
    return f"{samples}, p95 {samples.p95:.1f}"

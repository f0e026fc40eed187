"""What a thread's history costs: `lg.history` beside the SDK's `get_history` in pages, and a row of a card that is opened.

The growing one is 1,000 steps of 400 bytes each, 200 MB on the wire; the long one 10,000 steps of a small state. Peak memory is
that of a process of its own, over what it held before it asked, looked at every 5 ms.
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter
from typing import Any

import lg_magics as lg
from benchmarks.bench import Bench, until_ended
from benchmarks.samples import Line, Samples, in_turns, ratio
from lg_magics.follow.run import Run
from lg_magics.model.run_steps import Step

__all__ = ["lines"]

GROWING = {"steps": 1000, "grow": 400}
LONG = {"steps": 9_998}
PAGE = {"growing": 20, "long": 1000}
FIRST = 10
MEGABYTES = 150
OPENED = 25
ROW = 200  # ms
PEAK = """
import sys, threading, time
import pandas, psutil
import lg_magics as lg
lg.connect(sys.argv[1])
lg.thread.use(sys.argv[2])
lg.history(limit=1).df
memory = psutil.Process().memory_info
before, seen, over = memory().rss, [0], threading.Event()
def watch():
    while not over.wait(0.005):
        seen[0] = max(seen[0], memory().rss)
watcher = threading.Thread(target=watch)
watcher.start()
frame = lg.history(all=True).df
over.set()
watcher.join()
print(len(frame), (seen[0] - before) / 1e6)
"""


def lines(bench: Bench) -> list[Line]:
    """Each thread is alone on the server, which looks through the checkpoints of all threads at each call."""
    bench.say("history: making a thread of 1,000 steps")
    found = _growing(bench, bench.run(GROWING).wait())
    bench.clear()
    bench.say("history: making a thread of 10,000 steps")
    row = bench.create(LONG, ["updates"])
    assert until_ended(bench, row)["status"] == "success"
    return [*found, _long(bench, str(row["thread_id"]))]


def _growing(bench: Bench, run: Run) -> list[Line]:
    bench.say("history: 15 first pages, 3 whole pulls")
    thread = run.thread_id
    first = in_turns({"ours": lambda: _ours(thread, limit=FIRST), "raw": lambda: _page(bench, thread)}, 15)
    whole = in_turns(
        {"ours": lambda: _ours(thread, all=True), "raw": lambda: _pull(bench, thread, "growing")}, 3, warm_up=0
    )
    rows, peak = _peak(bench, thread)
    return [
        _line(f"first {FIRST} rows of 1,000 steps that grow", first["ours"], first["raw"], 1.5),
        _line("all of its 1,000 steps", whole["ours"], whole["raw"], 1.1),
        Line(
            f"    peak memory for its {rows} rows",
            f"{peak:.0f} MB",
            limit=f"{MEGABYTES} MB",
            is_within=peak <= MEGABYTES,
        ),
        _opened(bench, run),
    ]


def _long(bench: Bench, thread: str) -> Line:
    bench.say("history: 3 whole pulls")
    frame = in_turns({"ours": lambda: _frame(thread), "raw": lambda: _pull(bench, thread, "long")}, 3, warm_up=1)
    return _line(".df of 10,000 small steps", frame["ours"], frame["raw"], 1.1)


def _opened(bench: Bench, run: Run) -> Line:
    """A row of a settled card: what a step read and wrote, of a run of 1,000 steps."""
    bench.say(f"history: {OPENED} rows of that run")
    steps = run.view.steps
    taken = Samples([_open(run, steps[place * len(steps) // OPENED]) for place in range(OPENED)])
    return Line("a row of 1,000 steps opens", str(taken), limit=f"{ROW} ms", is_within=taken.median <= ROW)


def _open(run: Run, step: Step) -> float:
    began = perf_counter()
    data = run.data_of(step)
    took = perf_counter() - began
    assert data is not None
    return took * 1000


def _line(name: str, ours: Samples, raw: Samples, limit: float) -> Line:
    is_within = ours.median <= limit * raw.median
    return Line(name, str(ours), f"{raw} get_history", ratio(ours, raw), f"× {limit}", is_within)


def _ours(thread_id: str, **how: Any) -> float:
    lg.thread.use(thread_id)
    began = perf_counter()
    lg.history(**how)
    return (perf_counter() - began) * 1000


def _frame(thread_id: str) -> float:
    lg.thread.use(thread_id)
    began = perf_counter()
    frame = lg.history(all=True).df
    took = perf_counter() - began
    assert len(frame) == LONG["steps"] + 3
    return took * 1000


def _page(bench: Bench, thread_id: str) -> float:
    began = perf_counter()
    bench.sdk.threads.get_history(thread_id, limit=FIRST)
    return (perf_counter() - began) * 1000


def _pull(bench: Bench, thread_id: str, which: str) -> float:
    """What a careful person would write: pages, and nothing of them kept."""
    cursor: Any = None
    began, count = perf_counter(), 0
    while True:
        page = bench.sdk.threads.get_history(thread_id, limit=PAGE[which], before=cursor)
        count += len(page)
        if len(page) < PAGE[which]:
            break
        cursor = {"configurable": {"checkpoint_id": page[-1]["checkpoint"]["checkpoint_id"]}}
    assert count > 1000
    return (perf_counter() - began) * 1000


def _peak(bench: Bench, thread_id: str) -> tuple[int, float]:
    done = subprocess.run(
        [sys.executable, "-c", PEAK, bench.url, thread_id], capture_output=True, text=True, check=True, timeout=300
    )
    rows, megabytes = done.stdout.split()
    return int(rows), float(megabytes)

"""How long after the server's own time stamp the outcome of a run is known. Knows the server's clock to be this machine's.

The time stamp is `updated_at` of the run's row, written as the run ends. Ours is known when `run.wait()` is back: the row was
read, and success distinguished from a pause and a failure. `runs.join` alone does not distinguish them; with `join_stream` and
`runs.get` a person would get nearest to what the handle knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import time
from typing import Any

from benchmarks.bench import Bench, until_ended
from benchmarks.samples import Line, Samples, difference, in_turns
from lg_magics.follow.follower import CARD_MODES

__all__ = ["lines", "seconds_since"]

ROUNDS = 32
WARM_UP = 2
LIMIT = 12.0  # milliseconds, median
SUCCESS: Mapping[str, Any] = {"steps": 1, "seconds": 0.05}
FAILURE: Mapping[str, Any] = {**SUCCESS, "fail_at": 1}


def lines(bench: Bench) -> list[Line]:
    return [*_lines(bench, "success", SUCCESS), *_lines(bench, "error", FAILURE)]


def _lines(bench: Bench, status: str, value: Mapping[str, Any]) -> list[Line]:
    bench.say(f"outcome: {ROUNDS} rounds of three runs that end as {status}")
    taken = in_turns(
        {
            "ours": lambda: _ours(bench, value, status),
            "join": lambda: _join(bench, value),
            "stream": lambda: _join_stream(bench, value, status),
        },
        ROUNDS,
        warm_up=WARM_UP,
    )
    ours, join, stream = taken["ours"], taken["join"], taken["stream"]
    name = f"{status} known after the server"
    return [
        Line(
            name,
            _with_p95(ours),
            f"{_with_p95(stream)} join_stream + runs.get",
            difference(ours, stream),
            f"{LIMIT:g} ms",
            ours.median <= LIMIT,
        ),
        Line("    the same", _with_p95(ours), f"{_with_p95(join)} runs.join alone", difference(ours, join)),
    ]


def _with_p95(samples: Samples) -> str:
    return f"{samples}, p95 {samples.p95:.1f}"


def _ours(bench: Bench, value: Mapping[str, Any], status: str) -> float:
    run = bench.run(value).wait_quietly(30)
    known = time()
    assert run.status == status, run.status
    return seconds_since(run.raw, known) * 1000


def _join(bench: Bench, value: Mapping[str, Any]) -> float:
    row = bench.create(value, CARD_MODES)
    bench.sdk.runs.join(row["thread_id"], row["run_id"])
    known = time()
    return seconds_since(until_ended(bench, row), known) * 1000


def _join_stream(bench: Bench, value: Mapping[str, Any], status: str) -> float:
    row = bench.create(value, CARD_MODES)
    for _ in bench.sdk.runs.join_stream(row["thread_id"], row["run_id"], last_event_id="0"):
        pass
    ended = until_ended(bench, row)
    known = time()
    assert ended["status"] == status, ended["status"]
    return seconds_since(ended, known) * 1000


def seconds_since(row: Mapping[str, Any], known: float) -> float:
    """Seconds from the time stamp of a run's row to `known`, seconds since the epoch."""
    return known - datetime.fromisoformat(str(row["updated_at"])).timestamp()

"""How long it takes until a run's id is known: `lg.run` beside `runs.create`. Knows that a pending run can be cancelled.

Each run is to begin in an hour and is cancelled at once, so that it never runs. Its follower has ended before the next sample,
which so meets a server, and a background loop, that have nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, sleep

from benchmarks.bench import Bench
from benchmarks.samples import Line, Samples, difference, in_turns, ratio
from lg_magics.follow.follower import CARD_MODES, PLAIN_MODES

__all__ = ["lines"]

ROUNDS = 50
WARM_UP = 10
PAUSE = 0.04  # seconds, for the server to forget the last run
AFTER = 3600  # seconds
VALUE = {"steps": 1}
OTHER = "task_maistro"
OTHERS_VALUE: dict[str, list[str]] = {"messages": []}
RATIO, MILLISECONDS = 1.2, 0.5


def lines(bench: Bench) -> list[Line]:
    again = bench.run(VALUE, card=False).wait_quietly(10).thread_id
    bench.say(f"launch: {ROUNDS} rounds of six launches")
    taken = in_turns(
        {
            "plain": lambda: _ours(bench, card=False),
            "raw plain": lambda: _raw(bench, PLAIN_MODES),
            "again": lambda: _ours(bench, card=False, thread=again),
            "named": lambda: _ours(bench, card=False, assistant=OTHER),
            "card": lambda: _ours(bench, card=True),
            "raw card": lambda: _raw(bench, CARD_MODES),
        },
        ROUNDS,
        warm_up=WARM_UP,
    )
    plain, named, raw = taken["plain"], taken["named"], taken["raw plain"]
    same = "    on a thread where this session ran last"
    other = "    of an assistant that is not the current one"
    return [
        _line("lg.run(card=False) → run id", plain, raw, is_within=_is_within(plain, raw)),
        _line(same, taken["again"], raw, is_within=_is_within(taken["again"], raw)),
        _line(other, named, raw, is_within=_is_within(named, raw)),
        _line("    card=True", taken["card"], taken["raw card"]),
    ]


def _is_within(ours: Samples, raw: Samples) -> bool:
    return ours.median <= RATIO * raw.median or ours.median - raw.median <= MILLISECONDS


def _line(name: str, ours: Samples, raw: Samples, *, is_within: bool | None = None) -> Line:
    limit = "" if is_within is None else f"× {RATIO} or +{MILLISECONDS} ms"
    compared = f"{ratio(ours, raw)}, {difference(ours, raw)}"
    return Line(name, str(ours), f"{raw} runs.create", compared, limit, is_within)


def _ours(bench: Bench, *, card: bool, assistant: str | None = None, thread: str = "new") -> float:
    bench.wake()
    began = perf_counter()
    run = bench.run(OTHERS_VALUE if assistant else VALUE, card=card, assistant=assistant, thread=thread, after=AFTER)
    took = perf_counter() - began
    bench.sdk.runs.cancel(run.thread_id, run.run_id)
    run.wait_quietly(10)
    sleep(PAUSE)
    return took * 1000


def _raw(bench: Bench, modes: Sequence[str]) -> float:
    call = bench.call(VALUE, modes) | {"after_seconds": AFTER}
    bench.wake()
    began = perf_counter()
    row = bench.sdk.runs.create(**call)
    took = perf_counter() - began
    bench.sdk.runs.cancel(row["thread_id"], row["run_id"])
    sleep(PAUSE)
    return took * 1000

"""What following a talkative run costs this process, beside a bare `async for`. Knows CPU time, of all threads together.

Nothing is drawn: the follower reads, folds and confirms; the bare loop throws away what it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import process_time
from typing import Any, cast

from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from benchmarks.bench import Bench
from benchmarks.samples import Line, in_turns, ratio
from lg_magics.follow.follower import CARD_MODES

__all__ = ["lines"]

TOKENS = 2_000
ROUNDS = 8
VALUE = {"steps": 1, "tokens": TOKENS, "seconds": 2.0}


def lines(bench: Bench) -> list[Line]:
    bench.say(f"tokens: {ROUNDS} rounds of two runs of {TOKENS:,} tokens")
    with asyncio.Runner() as runner:
        client = get_client(url=bench.url, api_key=None)
        taken = in_turns(
            {
                "ours": lambda: _cpu(lambda: _ours(bench)),
                "raw": lambda: _cpu(lambda: runner.run(_read(client, bench.call(VALUE, CARD_MODES)))),
            },
            ROUNDS,
            warm_up=1,
        )
        runner.run(client.aclose())
    ours, raw = taken["ours"], taken["raw"]
    return [Line(f"CPU to follow {TOKENS:,} tokens", str(ours), f"{raw} async for", ratio(ours, raw))]


def _cpu(work: Callable[[], int]) -> float:
    began = process_time()
    pieces = work()
    took = process_time() - began
    assert pieces >= TOKENS, pieces
    return took * 1000


def _ours(bench: Bench) -> int:
    return bench.run(VALUE).wait(60).view.chunks


async def _read(client: LangGraphClient, call: dict[str, Any]) -> int:
    row = await client.runs.create(**call)
    stream = client.runs.join_stream(row["thread_id"], row["run_id"], last_event_id="0")
    pieces = 0
    async with aclosing(cast("Any", stream)) as parts:
        async for part in parts:
            pieces += part.event == "messages"
    return pieces

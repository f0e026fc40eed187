"""What a talkative run costs: to follow it, and to print it with `%lg_stream`, beside a bare loop over the SDK's stream.

The first counts CPU time, of all threads together, and draws nothing: the follower reads, folds and confirms; the bare loop
throws away what it reads. The second is in a kernel: from the first token to the last, printed there; the bare loop prints
nothing. The server sends as fast as it can, which is at most about 1,500 tokens a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from time import process_time
from typing import Any, cast

from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from benchmarks.bench import ASSISTANT, Bench
from benchmarks.card import CONNECT
from benchmarks.kernel import Kernel, open_kernel
from benchmarks.samples import Line, Samples, in_turns, ratio
from lg_magics.follow.follower import CARD_MODES

__all__ = ["lines"]

TOKENS = 2_000
ROUNDS = 8
VALUE = {"steps": 1, "tokens": TOKENS, "seconds": 2.0}
RATE = 0.9
MESSAGES = 50  # a second
STREAM = '%lg_stream -a workbench -t new --json {{"steps": 1, "tokens": {tokens}}}'


def lines(bench: Bench) -> list[Line]:
    return [*_followed(bench), *_streamed(bench)]


def _followed(bench: Bench) -> list[Line]:
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


def _streamed(bench: Bench) -> list[Line]:
    bench.say(f"tokens: {ROUNDS} rounds of two streams of {TOKENS:,} tokens in a kernel")
    with open_kernel() as kernel:
        kernel.messages(CONNECT.format(url=bench.url, assistant=ASSISTANT))
        taken = kernel.value(f"in_kernel.token_rates({TOKENS}, {ROUNDS})")
        ours, raw = Samples(taken["ours"], "a second"), Samples(taken["raw"], "a second")
        is_within = ours.median >= RATE * raw.median
        rate = Line("tokens printed by %lg_stream", str(ours), f"{raw} for", ratio(ours, raw), f"≥ × {RATE}", is_within)
        return [rate, _messages(kernel)]


def _messages(kernel: Kernel) -> Line:
    """What the page gets: its messages, and their text."""
    shown = [each for each in kernel.messages(STREAM.format(tokens=TOKENS)) if each["msg_type"] != "execute_input"]
    printed = "".join(each["content"]["text"] for each in shown if each["msg_type"] == "stream")
    assert printed.split() == [f"w{number}" for number in range(TOKENS)], printed[-200:]
    first, last = (_when(shown[place]) for place in (0, -1))
    rate = len(shown) / max((last - first).total_seconds(), 1e-9)
    return Line("    messages to the page", f"{rate:.1f} a second", limit=f"{MESSAGES}", is_within=rate <= MESSAGES)


def _when(message: dict[str, Any]) -> datetime:
    date = message["header"]["date"]
    return date if isinstance(date, datetime) else datetime.fromisoformat(date)


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

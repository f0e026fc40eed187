"""What a card costs: messages to make it, bytes to draw it, milliseconds to change it. Knows a kernel's published messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lg_magics
from benchmarks import card_page
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.kernel import Kernel, open_kernel
from benchmarks.samples import Line, Samples

__all__ = ["lines"]

MESSAGES = 3
ESM_BYTES = 16_000
CARDS = 5
RUNS = 20
ESM = Path(lg_magics.__file__).parent / "widgets" / "static" / "view.js"
CONNECT = "%load_ext lg_magics\nlg.connect({url!r}, assistant={assistant!r})\nfrom benchmarks import in_kernel"
LAUNCH = '%lg_run -a workbench -t new --json {{"steps": 1, "seconds": {seconds}}}'


def lines(bench: Bench) -> list[Line]:
    bench.say(f"card: {CARDS} cards and {RUNS} runs in a kernel")
    with open_kernel() as kernel:
        kernel.messages(CONNECT.format(url=bench.url, assistant=ASSISTANT))
        found = [*_making(kernel), _bundle(), *_changing(kernel), _outcome(kernel)]
    return found + card_page.lines(bench)


def _making(kernel: Kernel) -> list[Line]:
    """Up to the display itself: what comes later is the run's own news."""
    made = [_until_displayed(kernel.messages(LAUNCH.format(seconds=0.1))) for _ in range(1 + CARDS)][1:]
    counts = Samples([len(each) for each in made], "messages")
    sizes = Samples([sum(map(_size, each)) for each in made], "bytes")
    is_within = max(counts.values) <= MESSAGES
    return [
        Line("comm messages to make a card", str(counts), limit=f"{MESSAGES}", is_within=is_within),
        Line("    their content", str(sizes)),
    ]


def _until_displayed(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = [each["msg_type"] for each in messages]
    return [each for each in messages[: kinds.index("display_data")] if each["msg_type"].startswith("comm_")]


def _size(message: dict[str, Any]) -> int:
    return len(json.dumps(message["content"], ensure_ascii=False).encode())


def _bundle() -> Line:
    size = len(ESM.read_bytes())
    return Line("built ESM of a card", f"{size:,} bytes", limit=f"{ESM_BYTES:,}", is_within=size <= ESM_BYTES)


def _changing(kernel: Kernel) -> list[Line]:
    found = []
    for characters in (200, 10_000):
        taken = kernel.value(f"in_kernel.card_changes({characters})")
        making, sending = Samples(taken["making"]), Samples(taken["sending"])
        whole = Samples([a + b for a, b in zip(taken["making"], taken["sending"], strict=True)])
        parts = f"{making.median:.2f} to make, {sending.median:.2f} to send"
        found.append(Line(f"a change of a card, answer of {characters:,} characters", str(whole), compared=parts))
    return found


def _outcome(kernel: Kernel) -> Line:
    lags = Samples(kernel.value(f"in_kernel.outcomes_with_card({RUNS})"))
    return Line("success known, its card on the page", f"{lags}, p95 {lags.p95:.1f}")

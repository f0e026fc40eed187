"""The threads of scorers: they keep no process from ending."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, threading
from lg_magics.follow.batch_score import ScorerThreads

begins = threading.Event()

def hangs():
    begins.set()
    threading.Event().wait()

async def score():
    asyncio.ensure_future(ScorerThreads().called("hangs", hangs))
    await asyncio.to_thread(begins.wait)

asyncio.run(score())
print("over")
"""


def test_a_scorer_without_an_end_keeps_no_process_from_ending() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    assert (ended.stdout, ended.stderr) == ("over\n", "")

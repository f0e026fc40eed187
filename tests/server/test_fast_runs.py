"""A run may end while its card or drawing is being shown: the main thread can be held up between any two of its lines."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from unit.test_ipython_kernel import kernel, run, send

from lg_magics import local

__all__ = ["kernel"]

HELD_UP = """
import time
from lg_magics.live.live_view import LiveView
opened = globals().get("opened", LiveView.open)
def open_slowly(view, channel):
    opened(view, channel)
    time.sleep(3)
LiveView.open = open_slowly
"""
SLOW = "slow = {'steps': 1, 'seconds': 1}\n"
CELLS = (
    SLOW + "r = %lg_run -a workbench -t new -i $slow",
    "display(lg.batch([{'q': 'a'}], assistant='workbench', input='{q}'))",
    SLOW + "r = lg.run(input=slow, assistant='workbench', thread='new', card=False)\n%lg_graph --run $r",
)
WORDS = re.compile(r"pending|preparing|running|success")


def bundles(client: BlockingKernelClient, request: str) -> list[dict[str, Any]]:
    """The bundles that the output of a cell had, one after the other."""
    found: list[dict[str, Any]] = []
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != request:
            continue
        if "display_data" in message["msg_type"]:
            found.append(message["content"]["data"])
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found


@pytest.mark.parametrize("cell", CELLS)
def test_what_ends_while_it_is_shown_is_replaced_by_its_end(
    kernel: BlockingKernelClient, server: local.LocalServer, cell: str
) -> None:
    run(kernel, f"lg.connect({server.url!r}, timeout=60)")
    run(kernel, HELD_UP)
    before, *_, after = bundles(kernel, send(kernel, cell))
    assert first_word(before) in ("pending", "preparing", "running")
    assert first_word(after) == "success"


def first_word(bundle: dict[str, str]) -> str:
    found = WORDS.search(bundle["text/plain"])
    return found.group() if found else ""

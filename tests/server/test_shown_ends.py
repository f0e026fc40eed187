"""In a real kernel: a run that was shown as it began is shown again as it ended, where no card shows the end."""

from __future__ import annotations

from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from unit.test_ipython_kernel import kernel, run

from lg_magics import local

__all__ = ["kernel"]

LAUNCH = "%lg_run -a workbench -t new"
ORDER = '--json {"steps": 1, "seconds": 0.4}'
BATCH = "b = %lg_batch -a agent --input {x} $rows"
SLOW = '--json {"steps": 1, "seconds": 30}'


@pytest.fixture
def connected(kernel: BlockingKernelClient, server: local.LocalServer) -> BlockingKernelClient:
    run(kernel, f"lg.connect({server.url!r}, timeout=60)")
    return kernel


def texts(messages: list[dict[str, Any]]) -> list[str]:
    """The first line of each output."""
    found = [each["content"].get("data", {}).get("text/plain", "") for each in messages]
    return [text.splitlines()[0].partition(" · ")[0].partition(", ")[0] for text in found if text]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"{LAUNCH} {ORDER}\n%lg_wait", ["run started on workbench", "success"]),
        (f"r = {LAUNCH} {ORDER}\nr.wait()", ["run started on workbench", "success"]),
        (f"r = {LAUNCH} {ORDER}\nawait r", ["run started on workbench", "success"]),
        (f"r = {LAUNCH} {ORDER}\nr.wait()\n%lg_wait\nr", ["run started on workbench", "success"]),
        (f"r = {LAUNCH} --quiet {ORDER}\n%lg_wait $r", ["success"]),
        (f"r = {LAUNCH} --quiet {ORDER}\nr.wait()", []),
        (f"r = {LAUNCH} {ORDER}\nr.wait_quietly()\n%lg_wait --quiet", ["run started on workbench"]),
        (f"{LAUNCH} {SLOW}\n%lg_cancel", ["run started on workbench", "cancelled"]),
        (f"%%capture\n{LAUNCH} {ORDER}\n%lg_wait", []),
        (f"{BATCH}\n%lg_wait $b", ["batch of 1 run started on agent", "success"]),
        (f"{BATCH}\nb.wait()", ["batch of 1 run started on agent", "success"]),
        (f"{BATCH}\nawait b", ["batch of 1 run started on agent", "success"]),
    ],
)
def test_without_a_page_the_end_comes_below_the_beginning(
    connected: BlockingKernelClient, cell: str, said: list[str]
) -> None:
    run(connected, "rows = {'x': ['a']}")
    assert texts(run(connected, cell, attended=False)) == said


def test_on_a_page_the_card_shows_the_end_and_what_has_no_card_is_shown_again(connected: BlockingKernelClient) -> None:
    card = run(connected, f"{LAUNCH} {ORDER}\n%lg_wait", attended=True)
    assert [each["msg_type"] for each in card].count("display_data") == 1
    plain = texts(run(connected, f"{LAUNCH} --no-card {ORDER}\n%lg_wait", attended=True))
    assert plain[0].startswith("r")
    assert plain[1] == "success"


def test_a_card_that_was_not_drawn_is_not_taken_for_one(connected: BlockingKernelClient) -> None:
    run(connected, "from lg_magics.ipython.live_card import LiveCard\nshow = LiveCard.show")
    run(connected, "def stop(card):\n    raise KeyboardInterrupt\nLiveCard.show = stop")
    (error,) = run(connected, f"{LAUNCH} {ORDER}", attended=True)
    run(connected, "LiveCard.show = show")
    assert error["content"]["ename"] == "WaitInterrupted"
    assert "was shown; it goes on" in error["content"]["evalue"]
    (shown,) = texts(run(connected, "%lg_wait", attended=True))
    assert shown == "success"

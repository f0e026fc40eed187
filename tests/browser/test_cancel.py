"""Cancel in JupyterLab: a click reaches the kernel while a cell is running, and the stop button stops only the waiting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

LAUNCH = 'order = {"steps": 1, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
BUSY = {"sleeps": "import time\nprint('begun')\ntime.sleep(8)", "waits": "print('begun')\n%lg_wait"}


@pytest.mark.parametrize("busy", BUSY)
def test_cancel_works_while_the_next_cell(notebook: Opener, busy: str) -> None:
    opened = notebook(LAUNCH, BUSY[busy])
    opened.run(1)
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled", timeout=4_000)
    if busy == "sleeps":
        assert opened.is_running(2)
        opened.interrupt()
    opened.finish()


def test_cancel_works_in_the_cell_that_waits_for_its_own_run(notebook: Opener) -> None:
    opened = notebook(f"{LAUNCH} --wait")
    opened.begin(1)
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    assert opened.is_running(1)
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled", timeout=4_000)
    opened.finish()
    opened.wait_until(lambda: opened.kinds(1) == [{"text/html", "text/plain"}], "the picture")


def test_the_stop_button_stops_the_waiting_and_not_the_run(notebook: Opener) -> None:
    opened = notebook(LAUNCH, "print('begun')\n%lg_wait", "print(run.raw['status'])\nrun.cancel().status")
    opened.run(1)
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    opened.interrupt()
    opened.finish()
    said = opened.outputs(2)[-1]["traceback"]
    assert len(said) == 1
    assert said[0].startswith("WaitInterrupted: Stopped waiting; r1 goes on.")
    opened.run(3)
    assert opened.text(3).split() == ["running", "'cancelled'"]

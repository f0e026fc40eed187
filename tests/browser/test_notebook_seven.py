"""The same in Jupyter Notebook 7: a card lives, is live again after a reload, and outlives its kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .conftest import CONNECT
from .lab_server import LabServer
from .notebook_page import Notebook
from .notebook_seven import NotebookSeven

PICTURE = {"text/html", "text/plain"}
SLOW = 'order = {"steps": 3, "seconds": 60}\nrun = %lg_run -a workbench -i $order'


@pytest.fixture
def opened(browser: Browser, server: LabServer) -> Iterator[Notebook]:
    """A notebook that is connected, with a run to launch."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    context.set_default_timeout(60_000)
    found = NotebookSeven(context.new_page(), server.url, server.notebooks).new(CONNECT, SLOW)
    found.run(0)
    assert "Connected to local." in found.text(0)
    yield found
    server.cancel_runs()
    found.close()
    context.close()


def test_a_card_outlives_the_page_and_the_kernel(opened: Notebook) -> None:
    opened.run(1)
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    opened.save()
    opened.reload()
    expect(card.get_by_role("status")).to_have_text("running")
    opened.restart()
    lost = opened.output(1).get_by_role("note")
    expect(lost).to_contain_text("the run goes on without it")
    expect(card.locator(".lg-pill")).to_have_text("running")
    expect(card.get_by_role("button")).to_have_count(0)
    lost.get_by_role("button", name="Reattach").click()
    expect(lost.get_by_role("alert")).to_contain_text("Inserted below, not run.")
    opened.run(2)
    expect(opened.card(2).get_by_role("status")).to_have_text("running")
    opened.card(2).get_by_role("button", name="Cancel").click()
    opened.wait_until(lambda: opened.kinds(2)[-1] == PICTURE, "the picture")

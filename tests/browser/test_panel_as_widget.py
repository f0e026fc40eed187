"""`%lg` where the page has no extension of ours: the same panel, as a widget in the output, by the page's own widget manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from .conftest import CONNECT
from .lab_server import LabServer, lab_server
from .notebook_page import Lab, Notebook

SLOW = 'order = {"steps": 3, "seconds": 60}\nslow = %lg_run -a workbench -t new -i $order'
BUSY = "import time\nfor _ in range(3000): time.sleep(0.02)"
OVER = "The panel was here: %lg opens it again."


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with lab_server(tmp_path_factory.mktemp("bare"), without=("lg-magics",)) as running:
        yield running


@pytest.fixture(scope="module")
def bare_lab(browser: Browser, bare_server: LabServer) -> Iterator[Lab]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)
    yield Lab(context.new_page(), bare_server.url, bare_server.notebooks)
    context.close()


@pytest.fixture
def opened(bare_lab: Lab, bare_server: LabServer) -> Iterator[Notebook]:
    found = bare_lab.new(CONNECT, SLOW, "%lg", BUSY, "%lg")
    found.run(0)
    assert "Connected to local." in found.text(0)
    yield found
    bare_server.cancel_runs()
    found.close()


def shown(opened: Notebook, index: int) -> Locator:
    return opened.output(index).locator(".lg-panel")


def test_the_panel_lives_in_the_output_while_a_cell_is_running(opened: Notebook) -> None:
    opened.run(1, 2)
    assert "lg-magics:show-panel" not in opened.page.evaluate("window.jupyterapp.commands.listCommands()")
    panel = shown(opened, 2)
    expect(panel.get_by_role("region", name="Deployment", exact=True)).to_contain_text("connected")
    runs = panel.get_by_role("region", name="Runs", exact=True)
    expect(runs).to_contain_text("running")
    opened.begin(3)
    runs.get_by_role("button", name="Cancel r1").click()
    expect(runs).to_contain_text("cancelled")
    assert opened.is_running(3)
    opened.interrupt()


def test_one_is_open_at_a_time_and_a_line_stays_of_it(opened: Notebook) -> None:
    opened.run(2)
    expect(shown(opened, 2)).to_be_visible()
    opened.run(4)
    expect(shown(opened, 4)).to_be_visible()
    expect(opened.output(2)).to_contain_text(OVER)
    expect(shown(opened, 2)).to_have_count(0)
    assert [{"text/plain"}] == opened.kinds(2)[1:]


def test_what_lived_says_that_its_kernel_is_gone_and_nothing_can_be_pressed(opened: Notebook) -> None:
    opened.run(1, 2)
    card, panel = opened.card(1), shown(opened, 2)
    expect(card.get_by_role("button", name="Cancel")).to_be_visible()
    expect(panel.get_by_role("region", name="Runs", exact=True)).to_contain_text("running")
    opened.restart()
    expect(opened.output(1)).to_contain_text("Its kernel is not here. This is the last that was seen.")
    expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(opened.output(2)).to_contain_text("Its kernel is not here. This is the last that was seen.")
    expect(panel.get_by_role("button")).to_have_count(0)

"""One JupyterLab, one browser page and one embedded server for all browser tests; a new notebook for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from .chromium import CHROMIUM, FLAGS
from .lab_server import LabServer, lab_server
from .notebook_page import Lab, Notebook

expect.set_options(timeout=60_000)  # the default, 5 s, is short where two cores are busy
CLOSE_NOTIFICATIONS = """() => {
  for (const button of document.querySelectorAll('.jp-Notification-Toast-Close')) button.click();
}"""
CONNECT = "%load_ext lg_magics\n%lg_connect local"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with lab_server(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def lab_page(browser: Browser, server: LabServer) -> Iterator[Lab]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    context.set_default_timeout(60_000)
    yield Lab(context.new_page(), server.url, server.notebooks)
    context.close()


@pytest.fixture
def lab(lab_page: Lab, server: LabServer) -> Iterator[Lab]:
    """JupyterLab; a script that fails on its page fails the test. Runs that are left are cancelled, notifications closed.

    Two errors are not ours: JupyterLab's, when a kernel ends before it has answered, and anywidget's, when a busy machine takes
    over 2 s to import a module. A view that is then missing fails the test that looks for it.
    """
    problems: list[str] = []

    def note(error: Any) -> None:
        if not any(each in str(error) for each in ("Canceled future", "[anywidget] Failed to initialize model")):
            problems.append(str(error))

    lab_page.page.on("pageerror", note)
    yield lab_page
    lab_page.page.remove_listener("pageerror", note)
    lab_page.page.evaluate(CLOSE_NOTIFICATIONS)
    server.cancel_runs()
    assert problems == []


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook with these cells, behind a first one that connects and has run already.

    Its kernel is its own; in a file that is marked `shared_kernel`, the notebook before it left that kernel cleared.
    """
    opened: list[Notebook] = []
    shares_kernel = request.node.get_closest_marker("shared_kernel") is not None

    def connected(*cells: str) -> Notebook:
        found = lab.new(CONNECT, *cells, shares_kernel=shares_kernel)
        opened.append(found)
        found.run(0)
        assert "Connected to local." in found.text(0)
        return found

    yield connected
    for each in opened:
        each.close()

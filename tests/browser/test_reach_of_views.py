"""Roles, names and contrast of every view that a cell shows, as axe-core sees them, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .notebook_page import Lab, Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
LOOK = """async scope => {
  const found = await axe.run(scope, {resultTypes: ['violations']});
  return found.violations.map(({id, nodes}) => `${id}: ${nodes.map(node => node.html).join(' | ')}`);
}"""
CELLS = (
    'order = {"steps": 3, "seconds": 60}\nslow = %lg_run -a workbench -t new -i $order',
    "asks = %lg_run -a approval -t new Plan a trip to Hong Kong",
    'bad = {"steps": 1, "seconds": 0, "fail_at": 1}\nlost = %lg_run -a workbench -t new -i $bad',
    "done = %lg_run -a agent -t new --wait weather in Paris",
    "%lg_history --open",
    "%lg_store put reach/Test book task=Book\n%lg_store search reach --open",
    "rows = [{'order': {'steps': 1, 'seconds': 30, 'fail_at': None}} for n in range(3)]\n"
    "batch = %lg_batch $rows --input order -a workbench",
    "%lg_threads",
    "%lg_state",
    "%lg_messages",
    "%lg_history",
    "%lg_diff step:0 step:2",
    "%lg_store get reach/Test book",
    "%lg_graph task_maistro",
    "%lg",
    "%lg_threads --open",
)
ENDS = ("lg.cancel(mine=True)\nbatch.cancel()", "%lg_store delete reach/Test book")


def test_roles_names_and_contrast_are_right(notebook: Opener, lab: Lab) -> None:
    opened = notebook(*CELLS, *ENDS)
    views = range(1, len(CELLS) + 1)
    try:
        for index in views:
            opened.run(index)
            assert all(output["output_type"] != "error" for output in opened.outputs(index)), opened.text(index)
        expect(opened.card(1).locator(".lg-pill")).to_have_text("running")
        expect(opened.card(2).get_by_role("button", name="approve")).to_be_visible()
        expect(opened.card(3).locator(".lg-pill")).to_have_text("error")
        opened.output(5).locator(".lg-card tbody tr").last.click()
        expect(opened.output(5).get_by_role("region").get_by_text("State", exact=True)).to_be_visible()
        opened.output(6).locator(".lg-card tbody tr").first.click()
        expect(opened.output(6).locator(".lg-value")).to_be_visible()
        opened.page.add_script_tag(path=AXE)
        for theme in ("JupyterLab Light", "JupyterLab Dark"):
            lab.command("apputils:change-theme", theme=theme)
            assert {index: problems(opened, index) for index in views} == {index: [] for index in views}
    finally:
        lab.command("apputils:change-theme", theme="JupyterLab Light")
        opened.run(len(CELLS) + 1, len(CELLS) + 2)  # other tests have the same store
    assert "Deleted 'book'" in opened.text(len(CELLS) + 2)


def problems(opened: Notebook, index: int) -> list[str]:
    """What axe-core finds in the outputs of a cell."""
    opened.page.evaluate("index => window.panel.content.scrollToItem(index, 'start')", index)
    opened.page.evaluate(
        "([index]) => window.panel.content.widgets[index].node.querySelector('.jp-OutputArea').id = 'looked-at'",
        [index],
    )
    found: list[str] = opened.page.evaluate(LOOK, "#looked-at")
    opened.page.evaluate("() => document.getElementById('looked-at').removeAttribute('id')")
    return found

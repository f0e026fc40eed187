"""Two notebooks on one kernel: JupyterLab lets one of them have comms; panel and cards are there for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .notebook_page import Lab, Notebook
from .side_panel import SidePanel

Opener = Callable[..., Notebook]

SLOW = 'order = {"steps": 3, "seconds": 60}\nslow = %lg_run -a workbench -t new -i $order'
SOON = 'order = {"steps": 1, "seconds": 0.3}\nsoon = %lg_run -a workbench -t new -i $order'
# A second notebook on the kernel of the first.
SHARE = """async () => {
  const {commands} = window.jupyterapp;
  const kernelId = window.panel.sessionContext.session.kernel.id;
  window.second = await commands.execute('notebook:create-new', {kernelId});
  await window.second.context.ready;
  await window.second.sessionContext.ready;
}"""
WRITE = """async source => {
  window.second.content.model.cells.get(0).sharedModel.setSource(source);
  window.second.content.activeCellIndex = 0;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
BEGIN = WRITE.replace("await window.jupyterapp", "window.running = window.jupyterapp")
SHOW = "name => window.jupyterapp.shell.activateById(window[name].id)"


@pytest.fixture
def panel(lab: Lab) -> Iterator[SidePanel]:
    shown = SidePanel(lab)
    yield shown
    lab.page.evaluate("() => window.second?.dispose()")
    shown.hide()


def test_both_notebooks_of_a_kernel_have_its_panel(notebook: Opener, lab: Lab, panel: SidePanel) -> None:
    opened = notebook(SLOW)
    opened.run(1)
    expect(panel.row("Runs", "workbench")).to_contain_text("running")
    lab.page.evaluate(SHARE)
    expect(panel.node.locator(".lg-notebook")).not_to_have_text(opened.path.name)
    expect(panel.section("Deployment")).to_contain_text("connected")
    expect(opened.page.locator(".lg-status").get_by_role("button")).to_have_text("LangGraph: 1 live")
    panel.section("Runs").get_by_role("button", name="Cancel r1").click()
    expect(panel.row("Runs", "workbench")).to_contain_text("cancelled")
    lab.page.evaluate(SHOW, "panel")
    expect(panel.node.locator(".lg-notebook")).to_have_text(opened.path.name)
    expect(panel.row("Runs", "workbench")).to_contain_text("cancelled")


def test_a_card_lives_in_the_other_notebook_too(notebook: Opener, lab: Lab) -> None:
    opened = notebook("1 + 1")
    lab.page.evaluate(SHARE)
    output = opened.output(0)  # of the notebook in front: the second one
    lab.page.evaluate(WRITE, SLOW)
    expect(output.get_by_role("status")).to_have_text("running")
    output.get_by_role("button", name="Cancel").click()
    expect(output.locator(".lg-pill")).to_have_text("cancelled")
    lab.page.evaluate("() => window.second.dispose()")


def test_a_run_of_the_other_notebook_is_notified_only_when_its_card_is_out_of_sight(
    notebook: Opener, lab: Lab, tmp_path: Path
) -> None:
    opened, gate = notebook("1 + 1"), tmp_path / "hidden"
    lab.page.evaluate(SHARE)
    try:
        ended = opened.output(0).locator(".lg-pill")
        status = lab.page.locator(".lg-status").get_by_role("button")
        toasts = lab.page.locator(".Toastify__toast")
        lab.page.evaluate(WRITE, SOON)
        expect(ended).to_have_text("success")
        expect(status).to_have_text("LangGraph: no live run")
        expect(toasts).to_have_count(0)
        lab.page.evaluate(
            BEGIN, f"import pathlib, time\nwhile not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n{SOON}"
        )
        lab.page.evaluate(SHOW, "panel")
        gate.touch()
        toasts.get_by_role("button", name="Show").click()
        expect(ended).to_be_in_viewport()
    finally:
        lab.page.evaluate("() => window.second.dispose()")


def test_a_kernel_without_lg_magics_says_so_in_both_and_is_loaded_from_either(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("%load_ext lg_magics")
    try:
        lab.page.evaluate(SHARE)
        expect(panel.node.locator(".lg-notebook")).not_to_have_text(opened.path.name)
        expect(panel.node).to_contain_text("lg_magics is not loaded in this kernel.")
        panel.button("Look again").click()
        panel.insert("%load_ext lg_magics").click()
        lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
        expect(panel.section("Deployment")).to_contain_text("not connected")
    finally:
        opened.close()


def test_when_the_notebook_that_talks_is_closed_the_other_says_what_to_do(lab: Lab, panel: SidePanel) -> None:
    opened = lab.new("%load_ext lg_magics")
    try:
        opened.run(0)
        lab.page.evaluate(SHARE)
        expect(panel.section("Deployment")).to_contain_text("not connected")
        lab.page.evaluate("() => window.panel.dispose()")
        expect(panel.node).to_contain_text("This kernel talks with another notebook or console that had it first.")
    finally:
        lab.page.evaluate("async () => { await window.second.sessionContext.shutdown(); }")

"""Outputs of ours in a console and in a view of their own; batches; and the ways in which a kernel goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import CONNECT
from .notebook_page import Lab, Notebook

Opener = Callable[..., Notebook]

SLOW = 'order = {"steps": 3, "seconds": 60}\nrun = %lg_run -a workbench -t new -i $order'
CONSOLE = """async cells => {
  const kernelPreference = {name: 'python3'};
  const panel = await window.jupyterapp.commands.execute('console:create', {kernelPreference, activate: true});
  window.consolePanel = panel;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  for (const cell of cells) await panel.console.inject(cell);
}"""
CLOSE_CONSOLE = """async () => {
  await window.consolePanel.sessionContext.shutdown();
  window.consolePanel.dispose();
}"""
GOES = {
    "dies": "async () => { window.panel.sessionContext.session.kernel.requestExecute({code: 'import os; os._exit(1)'}) }",
    "is changed": "async () => { await window.panel.sessionContext.changeKernel({name: 'python3'}) }",
    "is shut down": "async () => { await window.panel.sessionContext.shutdown() }",
}


def test_a_card_lives_in_a_console(lab: Lab) -> None:
    lab.page.evaluate(CONSOLE, [CONNECT, SLOW])
    card = lab.page.locator(".jp-CodeConsole .lg-card")
    expect(card.get_by_role("status")).to_have_text("running")
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
    lab.page.evaluate(CLOSE_CONSOLE)


def test_a_card_lives_in_a_view_of_its_own_too(notebook: Opener) -> None:
    opened = notebook(SLOW)
    opened.run(1)
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.focus(1)
    opened.lab.command("notebook:create-output-view")
    other = opened.page.locator(".jp-LinkedOutputView .lg-card")
    expect(other.get_by_role("status")).to_have_text("running")
    other.get_by_role("button", name="Cancel").click()
    expect(opened.card(1).locator(".lg-pill")).to_have_text("cancelled")
    expect(other.locator(".lg-pill")).to_have_text("cancelled")


@pytest.mark.parametrize("goes", GOES)
def test_the_last_view_stays_when_the_kernel(notebook: Opener, goes: str) -> None:
    opened = notebook(SLOW)
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-step.lg-running")).to_contain_text("work")
    opened.page.evaluate(GOES[goes])
    if goes == "dies":
        opened.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    expect(card.get_by_role("button")).to_have_count(0)
    expect(card.locator(".lg-step.lg-running")).to_contain_text("work")
    words = "No kernel is here" if goes == "is shut down" else "the run goes on without it"
    expect(opened.output(1).get_by_role("note")).to_contain_text(words)


def test_a_batch_whose_kernel_is_gone_says_what_goes_on_and_how_to_take_it_up(notebook: Opener) -> None:
    rows = "rows = [{'order': {'steps': 1, 'seconds': 60 if n > 1 else 0}} for n in range(5)]"
    opened = notebook(f"{rows}\nbatch = %lg_batch $rows --input order -a workbench --concurrency 2")
    opened.run(1)
    card = opened.card(1)
    expect(card.get_by_role("list", name="runs by status")).to_contain_text("2 success 2 live 1 not started")
    opened.restart()
    note = opened.output(1).get_by_role("note")
    expect(note).to_contain_text("What was launched goes on; the other rows wait.")
    expect(card.get_by_role("list", name="runs by status")).to_contain_text("2 success 2 live 1 not started")
    expect(card.get_by_role("button")).to_have_count(0)
    note.get_by_role("button", name="Insert cell").click()
    expect(note.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(2).splitlines()[-1].startswith("%lg_batch --attach ")

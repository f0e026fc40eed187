"""When a kernel ends, the page says which crons go on without it, and what it says to do ends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

Opener = Callable[..., Notebook]

MAKE = '%lg_cron create -a agent "0 0 1 1 *" hello'
TEMPORARY = 'with lg.temporary_cron("0 0 1 1 *", "hello", assistant="agent") as made: print("made")'
GO_ON = "go on firing on local. Once connected again: %lg_cron delete --mine"
HEAR = """count => {
  const {kernel} = window.panel.sessionContext.session;
  window.heard = new Promise(resolve => {
    kernel.anyMessage.connect((_, {msg, direction}) => {
      const {known, result} = msg.content?.data ?? {};
      const ids = (known ?? result)?.left?.flatMap(each => each.ids);
      if (direction === 'recv' && ids?.length === count) resolve();
    });
  });
}"""
ENDS = {
    "shut down": "() => window.panel.sessionContext.shutdown()",
    "another kernel": "() => window.panel.sessionContext.changeKernel({name: 'python3'}).then(() => null)",
}


def warnings(opened: Notebook) -> Locator:
    return opened.page.locator(".Toastify__toast").filter(has_text=f"{opened.path.name}: ").filter(has_text="firing on")


def make(opened: Notebook, cell: int, *, known: int) -> None:
    """Run a cell, and wait until the page knows of so many crons."""
    opened.page.evaluate(HEAR, known)
    opened.run(cell)
    opened.page.evaluate("async () => { await window.heard }")


def test_a_restart_warns_once_of_the_crons_that_go_on_and_the_line_it_names_ends_them(notebook: Opener) -> None:
    opened = notebook(MAKE, TEMPORARY)
    opened.restart()
    opened.run(0)
    expect(warnings(opened)).to_have_count(0)
    make(opened, 1, known=1)
    opened.run(2, 1)
    make(opened, 1, known=3)
    opened.restart()
    expect(warnings(opened)).to_have_count(1)
    expect(warnings(opened)).to_contain_text(f"{opened.path.name}: 3 crons {GO_ON}")
    opened.choose(2)
    warnings(opened).get_by_role("button", name="Insert cell").click()
    assert opened.source(3) == "%lg_cron delete --mine"
    assert opened.executed(3) is None
    opened.run(0, 3)
    assert "Deleted crons c" in opened.text(3)
    opened.restart()
    opened.run(0)
    expect(warnings(opened)).to_have_count(0)


def test_a_kernel_that_dies_warns_too(notebook: Opener) -> None:
    opened = notebook(MAKE, "import os; os._exit(1)", "%lg_cron delete --mine")
    make(opened, 1, known=1)
    opened.begin(2)
    opened.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    expect(warnings(opened)).to_contain_text("1 cron goes on firing on local.")
    opened.run(0, 3)
    assert "Deleted cron c" in opened.text(3)


@pytest.mark.parametrize("end", ENDS)
def test_a_kernel_that_is_taken_away_warns_too(notebook: Opener, end: str) -> None:
    opened = notebook(MAKE, "%lg_cron delete --mine")
    make(opened, 1, known=1)
    opened.page.evaluate(ENDS[end])
    expect(warnings(opened)).to_contain_text("1 cron goes on firing on local.")
    if end == "shut down":
        opened.page.evaluate("() => window.panel.sessionContext.changeKernel({name: 'python3'}).then(() => null)")
    opened.run(0, 2)
    assert "Deleted cron c" in opened.text(2)

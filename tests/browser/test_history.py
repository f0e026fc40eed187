"""An open history in JupyterLab, on the real embedded server: a row is chosen, looked at and forked from, busy cell or not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

ASK = "run = %lg_run -a agent --wait weather in Paris"
OPEN = "%lg_history --open"
SLEEP = "import time\nprint('begun')\ntime.sleep(20)"
LIVE = {
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.lg-magics.view+json",
    "text/html",
    "text/plain",
}
PICTURE = {"text/html", "text/plain"}


def history(opened: Notebook, cell: int) -> Locator:
    return opened.output(cell).locator(".lg-card[aria-label^='history of']")


def row(shown: Locator, step: int) -> Locator:
    """The row of a step on the oldest branch."""
    number = shown.page.locator("td:nth-child(2)", has_text=re.compile(f"^{step}$"))
    return shown.locator("tbody tr").filter(has=number).last


def choose(shown: Locator, step: int) -> Locator:
    """Choose a row; what is said of it."""
    row(shown, step).click()
    side = shown.get_by_role("region", name=f"step:{step}")
    expect(side.get_by_text("State")).to_be_visible()
    return side


@pytest.mark.parametrize("line", [OPEN, "lg.history(open=True)"])
def test_a_chosen_row_shows_its_change_and_its_state(notebook: Opener, line: str) -> None:
    opened = notebook(ASK, line)
    opened.run(1, 2)
    shown = history(opened, 2)
    assert opened.kinds(2) == [LIVE]
    expect(shown.locator("tbody tr")).to_have_count(5)
    side = choose(shown, 0)
    expect(row(shown, 0)).to_have_attribute("aria-selected", "true")
    expect(side.locator(".lg-plus")).to_have_text("+ weather in Paris")
    side.get_by_text("State").click()
    expect(side.locator("pre")).to_contain_text("weather in Paris")
    expect(choose(shown, 2).locator(".lg-where")).to_contain_text("messages[2] added · tool")


def test_a_history_is_read_and_forked_while_a_cell_is_running(notebook: Opener) -> None:
    opened = notebook(ASK, OPEN, SLEEP, "lg.state().next")
    opened.run(1, 2)
    shown = history(opened, 2)
    opened.begin(3)
    expect(opened.output(3)).to_contain_text("begun")
    choose(shown, 1)
    shown.get_by_role("button", name="Fork", exact=True).click()
    expect(shown.get_by_role("status")).to_contain_text("The head of t1", timeout=5_000)
    expect(shown.locator("tbody tr")).to_have_count(6)
    expect(shown.locator("tbody tr").first).to_contain_text("b2")
    assert opened.is_running(3)
    opened.interrupt()
    opened.finish()
    opened.run(4)
    assert opened.text(4) == "('tools',)"


def test_a_human_message_is_rewritten_in_place_and_run_from_there(notebook: Opener) -> None:
    opened = notebook(ASK, OPEN, "lg.messages()[0].text", "1")
    opened.run(1, 2)
    shown = history(opened, 2)
    side = choose(shown, 0)
    box = side.get_by_role("textbox", name="human message")
    expect(box).to_have_value("weather in Paris")
    box.fill("weather in Rome")
    side.get_by_role("button", name="+ cell").click()
    expect(shown.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(3).startswith("%lg_fork --run --message ")
    assert opened.source(3).endswith(" step:0 weather in Rome")
    side.get_by_role("button", name="Fork and run").click()
    expect(shown.get_by_role("status")).to_contain_text("runs on from there; the old branch stays.")
    expect(shown.locator("tbody tr")).to_have_count(9)
    opened.run(4)
    assert opened.text(4) == "'weather in Rome'"


def test_nothing_is_forked_while_a_run_is_live_and_the_rows_follow_it(notebook: Opener) -> None:
    launch = 'order = {"steps": 2, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
    opened = notebook(launch, OPEN, "run.cancel().status")
    opened.run(1)
    expect(opened.card(1).get_by_role("list", name="steps")).to_contain_text("work")
    opened.run(2)
    shown = history(opened, 2)
    shown.locator("tbody tr").first.click()
    fork = shown.get_by_role("button", name="Fork", exact=True)
    expect(fork).to_have_attribute("aria-disabled", "true")
    expect(shown).to_contain_text("r1 is still running: a fork waits for its end.")
    fork.click(force=True)
    opened.run(3)
    expect(fork).not_to_have_attribute("aria-disabled", "true")
    expect(shown).not_to_contain_text("still running")


def test_the_keyboard_chooses_a_row_and_jupyterlab_does_not_take_its_keys(notebook: Opener) -> None:
    opened = notebook(ASK, OPEN, "1")
    opened.run(1, 2)
    shown = history(opened, 2)
    expect(shown).to_be_visible()
    opened.focus(2)
    for _ in range(30):
        opened.page.keyboard.press("Tab")
        if opened.page.evaluate("() => document.activeElement.localName") == "tr":
            break
    rows = shown.locator("tbody tr")
    expect(rows.nth(0)).to_be_focused()
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("ArrowDown")
    expect(rows.nth(2)).to_be_focused()
    expect(shown.locator("[aria-selected=true]")).to_have_count(0)
    opened.page.keyboard.press("Enter")
    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
    opened.page.keyboard.press("End")
    opened.page.keyboard.press("Space")
    expect(rows.nth(4)).to_have_attribute("aria-selected", "true")
    expect(rows.nth(4)).to_be_focused()
    assert opened.page.evaluate("window.panel.content.activeCellIndex") == 2
    assert (opened.count, opened.mode, opened.executed(2)) == (4, "command", 3)


def test_insert_cell_puts_the_fork_below_without_running_it(notebook: Opener) -> None:
    opened = notebook(ASK, OPEN, "1")
    opened.run(1, 2)
    shown = history(opened, 2)
    choose(shown, 1)
    shown.get_by_role("button", name="+ cell").click()
    expect(shown.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert [opened.source(index) for index in (2, 3, 4)] == [OPEN, "%lg_fork --run step:1", "1"]
    assert opened.executed(3) is None


@pytest.mark.parametrize("ends", ["close", "another"])
def test_a_history_that_is_closed_stays_as_a_picture(notebook: Opener, ends: str) -> None:
    opened = notebook(ASK, OPEN, OPEN)
    opened.run(1, 2)
    expect(history(opened, 2)).to_be_visible()
    if ends == "close":
        history(opened, 2).get_by_role("button", name="Close").click()
    else:
        opened.run(3)
        expect(history(opened, 3)).to_be_visible()
    opened.wait_until(lambda: opened.kinds(2) == [PICTURE], "the picture")
    expect(opened.output(2).locator(".lg-result table")).to_contain_text("+1 human message")


def test_a_hostile_message_is_text_in_a_history(notebook: Opener) -> None:
    hostile = "<img src=x onerror=hacked=1>"
    opened = notebook(f"run = %lg_run -a agent --wait {hostile}", OPEN)
    opened.run(1, 2)
    shown = history(opened, 2)
    side = choose(shown, 0)
    expect(side.locator(".lg-plus")).to_have_text(f"+ {hostile}")
    assert shown.locator("img, script").count() == 0
    assert opened.page.evaluate("window.hacked") is None

"""The card by keyboard, and as a screen reader has it. JupyterLab must not take the keys that are meant for the card."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

LAUNCH = 'order = {"steps": 1, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
FOCUSED = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def tab_to(opened: Notebook, name: str) -> list[str]:
    """Press Tab until what has this name has the focus; the names on the way."""
    names: list[str] = []
    while name not in names and len(names) < 30:
        opened.page.keyboard.press("Tab")
        names.append(opened.page.evaluate(FOCUSED))
    assert names[-1] == name
    return names


def test_cancel_is_reached_by_tab_and_pressed_by_enter(notebook: Opener) -> None:
    opened = notebook(LAUNCH)
    opened.run(1)
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    opened.focus(1)
    names = tab_to(opened, "Cancel")
    assert [name.rpartition(" ·")[0] for name in names[-3:-1]] == ["copy thread id t1", "copy run id r1"]
    opened.page.keyboard.press("Enter")
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
    assert opened.count == 2
    assert opened.mode == "command"
    assert opened.executed(1) == 2


def test_folds_open_by_keyboard_live_and_saved(notebook: Opener) -> None:
    opened = notebook(LAUNCH, "run.cancel()")
    opened.run(1)
    expect(opened.card(1).get_by_role("status")).to_have_text("running")
    opened.focus(1)
    tab_to(opened, "As SDK code")
    for key, is_open in (("Enter", True), ("Space", False), ("Space", True)):
        opened.page.keyboard.press(key)
        expect(opened.card(1).locator("details[open]")).to_have_count(int(is_open))
    opened.run(2)
    opened.wait_until(lambda: opened.kinds(1) == [{"text/html", "text/plain"}], "the picture")
    opened.focus(1)
    tab_to(opened, "As SDK code")
    opened.page.keyboard.press("Enter")
    expect(opened.card(1).locator("details[open]")).to_contain_text("client.runs.create")
    assert opened.mode == "command"
    assert opened.count == 3


def test_an_id_is_copied_whole_and_says_so(notebook: Opener) -> None:
    opened = notebook(LAUNCH, "run.run_id, run.cancel().status")
    opened.run(1)
    button = opened.card(1).get_by_role("button", name="copy run id r1")
    button.click()
    expect(opened.card(1).get_by_role("button", name=re.compile("run id .* copied"))).to_be_visible()
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    opened.run(2)
    assert opened.text(2) == repr((copied, "cancelled"))


def test_every_control_has_a_role_and_a_name(notebook: Opener) -> None:
    opened = notebook(LAUNCH, "run.cancel()")
    opened.run(1)
    card = opened.card(1)
    expect(card).to_match_aria_snapshot(
        """
        - group "run r1 of workbench":
          - status: running
          - button /copy thread id t1/
          - button /copy run id r1/
          - button "Cancel"
          - list "steps":
            - listitem:
              - group: /plan wrote step/
            - listitem:
              - group: /work running/
          - group: As SDK code
        """
    )
    opened.run(2)

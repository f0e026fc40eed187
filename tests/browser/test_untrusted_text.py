"""What comes from a deployment is text: hostile HTML runs nothing, live or saved, and a whole error stays readable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

HOSTILE = "<img src=x onerror=hacked=1>"
LIVE = f"""
import json, sys
sys.path.append({str(Path(__file__).parents[1])!r})
from card_samples import envelope
from lg_magics.widgets.view import ViewWidget
view = json.loads(json.dumps(envelope("hostile")).replace("alert(", "window.hacked=("))
view["tree"] += [["img", {{"src": "x", "onerror": "hacked=1"}}], ["script", {{}}, "hacked=2"], ["b", {{"onclick": "hacked=3"}}]]
live = ViewWidget(view, print)
live
"""
SAVED = "from IPython.display import HTML\nfrom lg_magics.views.saved import saved_html\nHTML(saved_html(view['tree']))"


def assert_that_nothing_ran(opened: Notebook, cell: int) -> None:
    card = opened.card(cell)
    expect(card).to_be_visible()
    assert card.locator("img, script, iframe, [onerror], [onclick], a[href^='javascript']").count() == 0
    assert opened.page.evaluate("window.hacked") is None


def test_a_hostile_message_is_text(notebook: Opener) -> None:
    opened = notebook(
        f"%lg_run -a task_maistro --wait Add a ToDo to {HOSTILE} [x](javascript:hacked=2)", "%lg_messages"
    )
    opened.run(1, 2)
    expect(opened.card(1).locator(".lg-title")).to_contain_text(HOSTILE)
    expect(opened.card(1).locator(".lg-text")).to_contain_text(HOSTILE)
    assert_that_nothing_ran(opened, 1)
    assert opened.output(2).locator("img, script, a[href^='javascript']").count() == 0
    expect(opened.output(2)).to_contain_text(HOSTILE)


def test_hostile_nodes_questions_and_errors_are_text(notebook: Opener) -> None:
    opened = notebook(LIVE, SAVED)
    opened.run(1, 2)
    assert_that_nothing_ran(opened, 1)
    assert_that_nothing_ran(opened, 2)


def test_a_failed_run_says_why_in_one_line_and_folds_the_rest(notebook: Opener) -> None:
    opened = notebook('order = {"fail_at": 2}\n%lg_run -a workbench --wait -i $order')
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-pill")).to_have_text("error")
    expect(card.locator(".lg-error")).to_have_text("ValueError: asked to fail at step 2")
    expect(card.locator(".lg-failed")).to_contain_text("work")
    assert opened.outputs(1)[-1]["traceback"] == ["RunFailed: r1 failed in work: ValueError: asked to fail at step 2"]


def test_the_whole_of_a_long_error_is_folded_as_text(notebook: Opener) -> None:
    message = {"role": HOSTILE, "content": "hello"}
    opened = notebook(f"order = {{'messages': [{message!r}]}}\n%lg_run -a agent --wait -i $order")
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-pill")).to_have_text("error")
    whole = card.locator("details", has_text="Full error").locator("pre")
    expect(whole).to_be_hidden()
    card.get_by_text("Full error").click()
    expect(whole).to_contain_text(HOSTILE)
    assert len(whole.inner_text().splitlines()) > 1
    assert_that_nothing_ran(opened, 1)

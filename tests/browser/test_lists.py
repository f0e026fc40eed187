"""Open lists of threads, runs and crons in JupyterLab: a row is chosen, and what the panel can do is done there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]


def rows(opened: Notebook, cell: int) -> Locator:
    return opened.output(cell).locator(".lg-grid tbody tr")


def test_a_thread_is_used_and_deleted_after_a_question_that_names_it(notebook: Opener) -> None:
    made = "a = lg.thread.new()\nb = lg.thread.new()"
    opened = notebook(made, "%lg_threads --open --limit 2", "lg.status()['thread']", "lg.wait(timeout=1)")
    opened.run(1, 2)
    shown = opened.output(2)
    row = rows(opened, 2).filter(has_text="t1 ·")
    row.click()
    side = shown.get_by_role("region", name="t1 ·")
    expect(side).to_contain_text("idle")
    side.get_by_role("button", name="Use").click()
    expect(shown.get_by_role("status")).to_contain_text("t1")
    expect(side.get_by_role("button", name="Use")).to_have_count(0)
    opened.run(3)
    assert "t1" in opened.text(3)
    side.get_by_role("button", name="Delete").click()
    question = side.get_by_role("group", name="Delete?")
    expect(question).to_contain_text("Delete thread t1 with all it holds")
    question.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    side = shown.locator(".lg-side")
    expect(side).to_contain_text("This row is not in the list any more.")


def test_runs_follow_their_runs_and_one_is_cancelled(notebook: Opener) -> None:
    order = 'order = {"steps": 2, "seconds": 60}\nrun = %lg_run -a workbench -t new -i $order --no-card'
    opened = notebook("%lg_thread new", "%lg_runs --mine --open", order, "1")
    opened.run(1, 2)
    expect(rows(opened, 2)).to_have_count(0)
    opened.run(3)
    expect(rows(opened, 2)).to_have_count(1)
    expect(rows(opened, 2)).to_contain_text("running")
    rows(opened, 2).click()
    side = opened.output(2).get_by_role("region", name="r1 ·")
    side.get_by_role("button", name="Wait +").click()
    expect(side.get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(3) == "%lg_wait r1"
    side.get_by_role("button", name="Cancel").click()
    expect(rows(opened, 2)).to_contain_text("cancelled")
    expect(side.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_cron_is_paused_and_the_closed_list_stays_as_a_table(notebook: Opener) -> None:
    made = '%lg_cron create -a agent "0 9 * * *" hello'
    opened = notebook(made, "%lg_crons --mine --open", "%lg_cron delete c1")
    opened.run(1, 2)
    shown = opened.output(2)
    rows(opened, 2).first.click()
    side = shown.get_by_role("region", name="c1")
    side.get_by_role("button", name="Pause").click()
    expect(rows(opened, 2).first).to_contain_text("paused")
    expect(side.get_by_role("button", name="Resume")).to_be_visible()
    shown.get_by_role("button", name="Close").click()
    opened.wait_until(lambda: opened.kinds(2) == [{"text/html", "text/plain"}], "the table")
    expect(shown.locator(".lg-result table")).to_contain_text("paused")
    opened.run(3)

"""A batch in JupyterLab, on the real server: its card lives, asks back before it cancels, does again what failed, and stays."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Lab, Notebook
from .watching import seen, watch

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

LIVE = "application/vnd.jupyter.widget-view+json"
KEPT = [{LIVE, "application/vnd.lg-magics.view+json", "text/html", "text/plain"}]
BATCH = "batch = %lg_batch $rows --input order -a workbench"
SLEEP = "import time\nprint('begun')\ntime.sleep(20)"


def rows(seconds: float, count: int, failing: int = 0) -> str:
    """A line that makes rows of the workbench, the last ones failing."""
    return (
        f"rows = [{{'order': {{'steps': 1, 'seconds': {seconds}, "
        f"'fail_at': 1 if n >= {count - failing} else None}}}} for n in range({count})]"
    )


def counts(card: Locator) -> Locator:
    return card.get_by_role("list", name="runs by status")


def test_a_batch_lives_on_one_card_and_becomes_a_picture(notebook: Opener) -> None:
    opened = notebook(f"{rows(0.3, 12)}\n{BATCH} --concurrency 3", "%lg_wait $batch", "batch.df.status.tolist()")
    watch(opened)
    opened.run(1)
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    expect(counts(card)).to_contain_text("not started")
    expect(card.get_by_role("img")).to_have_attribute("aria-label", re.compile("^[1-9] of 12 ended"), timeout=20_000)
    expect(card).to_contain_text("a second")
    opened.run(2)
    opened.wait_until(lambda: opened.text(1).startswith("success"), "the end")
    expect(card.locator(".lg-pill")).to_have_text("success")
    expect(counts(card)).to_have_text("12 success")
    expect(card.locator(".lg-progress i")).to_have_attribute("class", "lg-is-success")
    assert seen(opened).updates_a_second <= 20
    assert opened.text(1).startswith("success · batch of 12 runs · workbench")
    opened.run(3)
    assert opened.text(3).count("success") == 12


def test_cancel_all_asks_back_and_works_while_a_cell_is_running(notebook: Opener) -> None:
    opened = notebook(f"{rows(60, 5)}\n{BATCH} --concurrency 2", SLEEP)
    opened.run(1)
    card = opened.card(1)
    expect(counts(card)).to_contain_text("2 live")
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    card.get_by_role("button", name="Cancel all").click()
    question = card.get_by_role("group", name="Cancel all?")
    expect(question).to_contain_text("Cancel the 2 live runs, and launch no more?")
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(question).to_have_count(0)
    expect(counts(card)).to_contain_text("2 live")
    card.get_by_role("button", name="Cancel all").click()
    question.get_by_role("button", name="Cancel all").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled", timeout=8_000)
    expect(counts(card)).to_contain_text("2 cancelled")
    expect(counts(card)).to_contain_text("3 not started")
    assert opened.is_running(2)
    opened.interrupt()
    opened.finish()


def test_retry_failed_does_them_again_while_a_cell_is_running(notebook: Opener) -> None:
    opened = notebook(f"{rows(0.2, 4, failing=2)}\n{BATCH}", SLEEP, "[entry.attempt for entry in batch.entries]")
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-pill")).to_have_text("error", timeout=20_000)
    expect(card.get_by_role("list", name="failed runs")).to_contain_text("ValueError: asked to fail at step 1")
    opened.begin(2)
    expect(opened.output(2)).to_contain_text("begun")
    card.get_by_role("button", name="Retry 2 failed").click()
    expect(card.get_by_role("status")).to_have_text("running")
    expect(card.locator(".lg-pill")).to_have_text("error", timeout=20_000)
    assert opened.is_running(2)
    opened.interrupt()
    opened.finish()
    opened.run(3)
    assert opened.text(3) == "[1, 1, 2, 2]"


def test_a_thread_that_a_card_names_can_be_read(notebook: Opener) -> None:
    opened = notebook(f"{rows(0, 2, failing=1)}\n{BATCH} --wait", "%lg_state -t t1")
    opened.run(1)
    expect(opened.card(1).get_by_role("list", name="failed runs")).to_contain_text("t1 ·")
    opened.run(2)
    assert "asked to fail" in opened.text(2)


def test_a_saved_batch_shows_its_end_without_a_kernel(notebook: Opener, lab: Lab) -> None:
    opened = notebook(f"{rows(0, 3)}\n{BATCH} --wait")
    opened.run(1)
    opened.wait_until(lambda: opened.text(1).startswith("success"), "the end")
    saved = opened.save()
    assert [set(output["data"]) for output in saved["cells"][1]["outputs"]] == KEPT
    alone = lab.open_without_kernel(opened)
    expect(alone.card(1).locator(".lg-pill")).to_have_text("success")
    part = alone.card(1).locator(".lg-progress i")
    assert part.evaluate("part => [part.offsetHeight, part.offsetWidth > 500]") == [8, True]
    alone.close()


def test_hostile_words_are_text_on_a_batch(notebook: Opener) -> None:
    hostile = "<img src=x onerror=hacked=1>"
    opened = notebook(f"batch = lg.batch({{'city': [None]}}, input='{hostile} {{city}}', assistant='agent')\nbatch")
    opened.run(1)
    card = opened.card(1)
    expect(card.locator(".lg-pill")).to_have_text("error")
    expect(card).to_contain_text(hostile)
    assert card.locator("img, script").count() == 0
    assert opened.page.evaluate("window.hacked") is None


def test_a_row_opens_its_run_in_place_and_rows_are_filtered(notebook: Opener) -> None:
    cells = (
        "rows = [{'q': f'weather in {city}'} for city in ('Paris', 'Tokyo', 'Rome')]",
        "batch = %lg_batch $rows --input q -a agent --score $named",
    )
    opened = notebook("def named(output, row): return 'Tokyo' in output\n" + "\n".join(cells), "%lg_wait $batch")
    opened.run(1)
    opened.run(2)
    card = opened.card(1)
    expect(card.locator(".lg-title").first).to_have_text("weather in Paris, and 2 more")
    expect(card.locator(".lg-runs > li")).to_have_count(3)
    card.get_by_role("searchbox", name="filter the rows").fill("tokyo")
    expect(card.locator(".lg-runs > li")).to_have_count(1)
    row = card.locator(".lg-runs > li")
    expect(row).to_contain_text("named yes")
    row.locator("summary").first.click()
    inside = row.get_by_role("group", name=re.compile("^run r"))
    expect(inside).to_contain_text("It is 21°C", timeout=15_000)
    expect(inside.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_search_finds_runs_that_the_card_does_not_list(notebook: Opener) -> None:
    cells = (
        "rows = [{'q': f'weather in {city}'} for city in ('Paris', 'Tokyo', 'Rome')] + [{'q': None}] * 110",
        "batch = %lg_batch $rows --input q -a agent",
    )
    opened = notebook("\n".join(cells), "%lg_wait $batch")
    opened.run(1)
    opened.run(2)
    card = opened.card(1)
    rows = card.locator(".lg-runs > li")
    expect(rows).to_have_count(100)
    find = card.get_by_role("searchbox", name="filter the rows")
    find.fill("tokyo")
    expect(rows).to_have_count(0)
    search = card.get_by_role("button", name="Search all 113")
    search.focus()
    search.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("It is 21°C")
    expect(card).to_contain_text("found 1 of 113 runs")
    find.fill("")
    search.click()
    expect(rows).to_have_count(100)

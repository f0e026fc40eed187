"""Views on an exported page, as documentation and mailed HTML have them: html-manager, with no kernel and no JupyterLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from card_samples import PROJECT, RUN, envelope
from ipywidgets import Widget
from playwright.sync_api import Browser, Page, expect
from unit import batch_samples, history_samples, panel_samples, store_samples

from lg_magics.views.batch_tree import batch_tree
from lg_magics.widgets.view import ViewWidget

from .exported_page import exported

pytestmark = pytest.mark.shared_kernel

ITS_OWN = "strict mode: "  # what html-manager's validator says of ipywidgets' schema
ALONE = "Its kernel is not here. This is the last that was seen."

Opener = Callable[..., Page]


def nothing(*_: object) -> None:
    """Nobody is asked."""


def card(name: str) -> ViewWidget:
    return ViewWidget(envelope(name), nothing)


@pytest.fixture
def page_of(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens the page of some widgets. Whatever its console says, and whatever it asks elsewhere for, fails the test."""
    page = browser.new_page(viewport={"width": 1000, "height": 1400})
    page.set_default_timeout(60_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: asked.append(request.url))
    with ExitStack() as served:

        def opened(*widgets: Widget) -> Page:
            page.goto(served.enter_context(exported(tmp_path, widgets)))
            return page

        yield opened
        address = page.url
        page.close()
    assert asked
    assert [url for url in asked if not url.startswith((address, "blob:", "data:"))] == []
    assert [line for line in said if not line.startswith(ITS_OWN)] == []


def test_a_run_that_went_on_is_shown_as_it_was_last_seen_and_nothing_can_be_asked_for(page_of: Opener) -> None:
    page = page_of(card("running"))
    shown = page.locator(".lg-card")
    expect(shown.locator(".lg-pill")).to_have_text("running")
    expect(page.get_by_text(ALONE)).to_be_visible()
    expect(shown.get_by_role("button", name="Cancel")).to_have_count(0)
    time = shown.locator(".lg-time")
    before = time.inner_text()
    page.wait_for_timeout(400)  # a clock that goes on moves within 100 ms
    assert time.inner_text() == before


def test_a_question_is_shown_and_no_form(page_of: Opener) -> None:
    page = page_of(card("waiting"))
    shown = page.locator(".lg-card")
    expect(shown.locator(".lg-ask").first).to_be_visible()
    expect(page.get_by_text(ALONE)).to_be_visible()
    expect(shown.locator("textarea, .lg-way, .lg-resume")).to_have_count(0)


def test_a_run_that_has_ended_lost_nothing(page_of: Opener) -> None:
    page = page_of(card("success"))
    shown = page.locator(".lg-card")
    expect(shown.locator(".lg-pill")).to_have_text("success")
    expect(shown.locator(".lg-text")).to_be_visible()
    expect(page.get_by_text(ALONE)).to_have_count(0)
    shown.get_by_text("As SDK code").click()
    expect(shown.get_by_text("client.runs.create")).to_be_visible()
    expect(shown.get_by_role("button")).to_have_count(0)


def test_a_traced_run_links_to_its_trace(page_of: Opener) -> None:
    link = page_of(card("traced")).locator(".lg-meta a")
    expect(link).to_have_text("LangSmith")
    expect(link).to_have_attribute("href", f"{PROJECT}/r/{RUN}?poll=true")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")


def test_a_history_and_a_store_show_their_rows_which_cannot_be_chosen(page_of: Opener) -> None:
    trees = {"history": history_samples.samples()["forked"], "items": store_samples.samples()["todos"]}
    page = page_of(*(ViewWidget({**envelope("running"), "tree": tree}, nothing) for tree in trees.values()))
    for name, count in (("history of", 5), ("items in", 2)):
        shown = page.locator(f".lg-card[aria-label^='{name}']")
        expect(shown.locator("tbody tr")).to_have_count(count)
        shown.locator("tbody tr").first.click()
        expect(shown.locator(".lg-side, button, [tabindex]")).to_have_count(0)
    expect(page.get_by_text(ALONE)).to_have_count(2)


def test_a_batch_shows_its_counts_and_no_button(page_of: Opener) -> None:
    tree = batch_tree(batch_samples.card("running"))
    page = page_of(ViewWidget({**envelope("running"), "tree": tree}, nothing))
    shown = page.locator(".lg-card")
    expect(shown.get_by_role("list", name="runs by status")).to_contain_text("10 live")
    expect(page.get_by_text(ALONE)).to_be_visible()
    expect(shown.get_by_role("button", name="Cancel all")).to_have_count(0)


def test_the_panel_says_that_it_has_no_kernel(page_of: Opener) -> None:
    page = page_of(ViewWidget({**envelope("running"), "tree": panel_samples.panel()}, nothing))
    shown = page.locator(".lg-panel")
    expect(shown.get_by_role("region", name="Runs")).to_contain_text("Plan a trip")
    expect(page.get_by_text(ALONE)).to_be_visible()
    expect(shown.get_by_role("button")).to_have_count(0)

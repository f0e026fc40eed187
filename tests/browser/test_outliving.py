"""Outputs that outlive their kernel, in JupyterLab on the real server: live while they can be, else the last view."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Lab, Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

WIDGET = "application/vnd.jupyter.widget-view+json"
CARD = "application/vnd.lg-magics.view+json"
LIVE = {WIDGET, CARD, "text/html", "text/plain"}
PICTURE = {"text/html", "text/plain"}
SLOW = 'order = {"steps": 3, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
STEPS = 'order = {"steps": 60, "seconds": 0.5}\nrun = %lg_run -a workbench -i $order'
ASK = "run = %lg_run -a approval Plan a trip to Hong Kong"
ALIVE = re.compile("running|pending")  # the server works on some at a time
BROKEN = ("Error displaying widget", "Loading widget", "model not found")


def running(opened: Notebook, cell: int = 1) -> Locator:
    """Run a cell; its card, which is at work."""
    opened.run(cell)
    card = opened.card(cell)
    expect(card.get_by_role("status")).to_have_text("running")
    expect(card.locator(".lg-step.lg-running")).to_contain_text("work")
    return card


def lost(opened: Notebook, cell: int = 1) -> Locator:
    """What is said below the picture of a cell's output."""
    return opened.output(cell).get_by_role("note")


def is_picture(opened: Notebook, cell: int = 1, status: str = "running") -> None:
    """The last view is there, nothing can be pressed on it, and nothing is broken."""
    card = opened.card(cell)
    expect(card.locator(".lg-pill")).to_have_text(status)
    expect(card.get_by_role("button")).to_have_count(0)
    for words in BROKEN:
        expect(opened.output(cell)).not_to_contain_text(words)


def data(saved: dict[str, Any], cell: int = 1) -> dict[str, Any]:
    """What a saved notebook holds of a cell's one output that is shown."""
    (found,) = [output["data"] for output in saved["cells"][cell]["outputs"] if "data" in output]
    return dict(found)


def sent_to_somebody(opened: Notebook) -> Notebook:
    """The saved notebook as another person opens it: with a kernel, and not trusted since nothing in it was made here."""
    opened.close()
    node = json.loads(opened.path.read_text("utf-8"))
    node["cells"][0]["source"] = "# sent"
    copy = opened.path.with_stem(f"{opened.path.stem}-sent")
    copy.write_text(json.dumps(node), "utf-8")
    return opened.lab.open(copy)


def test_a_run_in_mid_run_is_live_after_a_reload_and_its_end_reaches_the_file(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    began = time.monotonic()
    opened.save()
    opened.reload()
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    passed, clock = time.monotonic() - began, card.locator(".lg-time")
    opened.wait_until(
        lambda: float(clock.inner_text().removesuffix(" s")) >= passed,
        "the time since the launch",
        seconds=passed / 4,  # a new clock would need all of it
    )
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    opened.page.wait_for_timeout(1_000)  # longer than the page waits for the kernel's own update
    opened.reload()  # before it was saved
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture, once more")
    kept = data(opened.save())
    assert set(kept) == PICTURE
    assert "cancelled" in "".join(kept["text/html"])
    assert "client.runs.create" in "".join(kept["text/html"])
    assert "".join(kept["text/plain"]).startswith("cancelled · workbench")


def test_what_is_saved_in_mid_run_is_the_last_view_and_a_run_alone_changes_nothing(notebook: Opener) -> None:
    opened = notebook(STEPS, "run.cancel()")
    running(opened)
    opened.save()
    assert not opened.is_dirty
    expect(opened.card(1).locator(".lg-step.lg-done").nth(1)).to_contain_text("×2")
    assert not opened.is_dirty
    kept = data(opened.save())
    assert set(kept) == LIVE
    assert "lg-running" in kept[CARD]["tree"][1]["class"]
    assert "work ×" in json.dumps(kept[CARD]["tree"], ensure_ascii=False)
    assert json.dumps(kept).count("client.runs.create") == 1
    assert not opened.is_dirty
    opened.run(2)


def test_a_tab_that_is_opened_again_is_live(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.leave()
    opened.come_back()
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")


def test_a_run_that_ended_while_its_tab_was_closed_is_written_when_it_is_opened(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.leave()
    opened.tell_kernel("run.cancel()")
    opened.come_back()
    expect(opened.card(1).locator(".lg-pill")).to_have_text("cancelled")
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    assert opened.is_dirty
    assert set(data(opened.save())) == PICTURE


def test_after_a_kernel_restart_the_card_says_that_the_run_goes_on_and_how_to_follow_it(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.restart()
    is_picture(opened)
    expect(opened.card(1).locator(".lg-step")).to_have_count(2)
    expect(lost(opened)).to_contain_text("kernel that followed this run is gone; the run goes on without it")
    lost(opened).get_by_role("button", name="Reattach").click()
    alert = lost(opened).get_by_role("alert")
    expect(alert).to_have_text("lg_magics is not loaded in this kernel. %load_ext lg_magics Inserted below, not run.")
    load, connect, attach = opened.source(2).splitlines()
    assert load == "%load_ext lg_magics"
    assert connect.startswith("%lg_connect http://127.0.0.1:")
    assert attach.startswith("%lg_attach -t ")
    assert opened.executed(2) is None
    kept = data(opened.save())
    assert set(kept) == LIVE - {WIDGET}
    assert "lg-step lg-running" in json.dumps(kept[CARD]["tree"])
    opened.run(2)  # alone, in a kernel that has just begun
    card = opened.card(2)
    expect(card.get_by_role("status")).to_have_text("running")
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")


def test_reattach_makes_the_card_live_again_where_it_is(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.restart()
    is_picture(opened)
    opened.run(0)
    lost(opened).get_by_role("button", name="Reattach").click()
    card = opened.card(1)
    expect(card.get_by_role("status")).to_have_text("running")
    expect(lost(opened)).to_have_count(0)
    assert opened.count == 2
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE], "the picture")
    assert "cancelled · workbench" in opened.text(1)


def test_what_reattach_cannot_do_is_shown(notebook: Opener) -> None:
    opened = notebook(SLOW, "%load_ext lg_magics")
    running(opened)
    opened.restart()
    opened.run(2)
    lost(opened).get_by_role("button", name="Reattach").click()
    expect(lost(opened).get_by_role("alert")).to_contain_text("%lg_connect")
    is_picture(opened)


def test_without_a_kernel_the_last_view_is_shown_and_nothing_can_be_done(notebook: Opener, lab: Lab) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.save()
    alone = lab.open_without_kernel(opened)
    is_picture(alone)
    expect(lost(alone)).to_contain_text("not trusted")
    alone.trust()
    expect(lost(alone)).to_contain_text("No kernel is here")
    is_picture(alone)
    expect(alone.output(1).get_by_role("button")).to_have_count(0)
    assert alone.card(1).evaluate("card => getComputedStyle(card).borderRadius") == "6px"
    alone.close()


def test_what_somebody_sent_shows_its_last_view_and_acts_only_when_it_is_trusted(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    opened.save()
    sent = sent_to_somebody(opened)
    is_picture(sent)
    expect(lost(sent)).to_contain_text("This notebook is not trusted")
    expect(sent.output(1).get_by_role("button")).to_have_text(["Trust this notebook"])
    sent.trust()
    expect(lost(sent).get_by_role("button", name="Reattach")).to_be_visible()
    is_picture(sent)
    sent.close()


def test_a_shipped_notebook_that_is_loaded_again_offers_to_trust_it_and_its_card_is_live_again(
    notebook: Opener,
) -> None:
    opened = notebook(SLOW, "'an output that was not made here'")
    opened.run(2)
    shipped = opened.path.with_stem(f"{opened.path.stem}-shipped")
    node = opened.save()
    node["cells"][2]["outputs"][0]["data"]["text/plain"] = ["'stored by somebody else'"]
    shipped.write_text(json.dumps(node), "utf-8")
    opened.close()
    opened = opened.lab.open(shipped)
    opened.run(0)
    running(opened)
    opened.save()
    opened.reload()
    is_picture(opened)
    expect(lost(opened)).to_contain_text("This notebook is not trusted, so its buttons are off.")
    lost(opened).get_by_role("button", name="Trust this notebook").click()
    opened.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
    card = opened.card(1)
    card.get_by_role("button", name="Cancel").click()
    expect(card.locator(".lg-pill")).to_have_text("cancelled")
    opened.close()


def test_an_untrusted_output_does_not_take_up_a_widget_that_lives(notebook: Opener) -> None:
    opened = notebook(SLOW)
    running(opened)
    saved = opened.save()
    forged = saved["cells"][1]["outputs"][0]
    forged["data"][CARD]["tree"] += ["<img src=x onerror=hacked=1>", ["img", {"src": "x", "onerror": "hacked=2"}]]
    opened.page.evaluate(
        """forged => {
          const outputs = window.panel.content.model.cells.get(1).outputs;
          outputs.trusted = false;
          outputs.clear();
          outputs.add(forged);
        }""",
        forged,
    )
    is_picture(opened)
    expect(lost(opened)).to_contain_text("not trusted")
    expect(opened.card(1)).to_contain_text("<img src=x onerror=hacked=1>")
    assert opened.output(1).locator("img").count() == 0
    assert opened.page.evaluate("window.hacked") is None


def test_ten_cards_in_mid_run_live_again_after_a_reload(notebook: Opener) -> None:
    launch = 'order = {"steps": 3, "seconds": 60}\nfor _ in range(10):\n    %lg_run -a workbench -t new -i $order'
    opened = notebook(launch, "%lg_cancel --mine")
    opened.run(1)
    alive = opened.output(1).get_by_role("status")
    expect(alive).to_have_text([ALIVE] * 10)
    opened.save()
    opened.reload()
    expect(alive).to_have_text([ALIVE] * 10)
    expect(alive.filter(has_text="running").first).to_be_visible()
    for words in BROKEN:
        expect(opened.output(1)).not_to_contain_text(words)
    opened.run(2)
    opened.wait_until(lambda: opened.kinds(1) == [PICTURE] * 10, "ten pictures")


def test_a_form_whose_kernel_is_gone_is_a_picture_of_the_question(notebook: Opener) -> None:
    opened = notebook(ASK)
    opened.run(1)
    expect(opened.card(1).get_by_role("button", name="approve")).to_be_visible()
    opened.restart()
    is_picture(opened, status="waiting for you")
    expect(opened.card(1)).to_contain_text("book_flight(")
    expect(lost(opened)).to_contain_text("its thread still waits")
    expect(lost(opened).get_by_role("button", name="Reattach")).to_be_visible()


def test_a_history_lives_after_a_reload_and_is_a_picture_after_a_restart(notebook: Opener) -> None:
    opened = notebook("run = %lg_run -a agent --wait weather in Paris", "%lg_history --open")
    opened.run(1, 2)
    shown = opened.output(2).locator(".lg-card[aria-label^='history of']")
    expect(shown.get_by_role("grid")).to_be_visible()
    opened.save()
    opened.reload()
    expect(
        shown.get_by_role("grid")
    ).to_be_visible()  # until it is live again, it is a picture that nobody can choose from
    shown.locator("tbody tr").first.click()
    expect(shown.get_by_role("region").get_by_text("State")).to_be_visible()
    opened.restart()
    expect(lost(opened, 2)).to_contain_text("The kernel that kept this history open is gone.")
    expect(shown.locator("tbody tr").first).to_contain_text("agent")
    expect(shown.get_by_role("button")).to_have_count(0)
    lost(opened, 2).get_by_role("button", name="Insert cell").click()
    expect(lost(opened, 2).get_by_role("status")).to_have_text("Inserted below, not run.")
    assert opened.source(3).splitlines()[-1].startswith("%lg_history --open ")

"""A notebook that was saved and closed: what the file holds, and what it shows where there is no kernel."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .notebook_page import Lab, Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

PICTURE = [{"text/html", "text/plain"}]


def test_a_saved_run_shows_its_end_without_a_kernel(notebook: Opener, lab: Lab) -> None:
    opened = notebook("%lg_run -a task_maistro --wait Add a ToDo to book a table.")
    opened.run(1)
    opened.wait_until(lambda: opened.kinds(1) == PICTURE, "the picture")
    saved = opened.save()
    data = [output["data"] for output in saved["cells"][1]["outputs"]]
    assert [set(each) for each in data] == PICTURE
    assert "widgets" not in saved["metadata"]
    assert "widget-view" not in json.dumps(saved)
    alone = lab.open_without_kernel(opened)
    assert not alone.has_kernel
    card = alone.card(1)
    expect(card.locator(".lg-pill")).to_have_text("success")
    expect(card.locator(".lg-text")).to_contain_text("Book a table")
    expect(alone.output(1)).not_to_contain_text("widget")
    assert card.evaluate("card => getComputedStyle(card).borderRadius") == "6px"
    alone.close()


def test_a_note_of_a_cell_is_not_saved_when_it_has_ended(notebook: Opener) -> None:
    launch = "%lg_run -a workbench --quiet -t new -i $order"
    lines = ['order = {"steps": 1, "seconds": 4}', f"a = {launch}", f"b = {launch}", "%lg_wait $a $b"]
    opened = notebook("\n".join([*lines, 'long = {"steps": 1, "seconds": 60}', "%lg_run -a workbench -t new -i $long"]))
    opened.begin(1)
    opened.wait_until(lambda: "0 of 2 runs have ended · 1 s" in opened.text(1), "the note")
    assert "0 of 2 runs have ended" in str(opened.save()["cells"][1])
    opened.wait_until(lambda: "0 of 2 runs have ended · 3 s" in opened.text(1), "the same note")
    opened.finish()
    assert opened.kinds(1)[0] == set()
    expect(opened.output(1).locator(".jp-OutputArea-child")).to_have_count(2)  # the note is no more drawn
    shown = [output["data"] for output in opened.save()["cells"][1]["outputs"]]
    assert ["success" in str(each) for each in shown] == [True, False]
    opened.card(1).get_by_role("button", name="Cancel").click()
    opened.wait_until(lambda: opened.kinds(1)[1:] == PICTURE, "the picture in its place")
    assert "cancelled" in opened.text(1)

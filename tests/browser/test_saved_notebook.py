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

"""A graph in JupyterLab: drawn in the theme's colors, saved as a small picture, following a run that goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .notebook_page import Lab, Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

ORDER = 'order = {"steps": 2, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
EVIL = '<img src=x onerror="window.hacked=1">'
VIEW, PICTURE = "application/vnd.lg-magics.view+json", {"image/svg+xml", "text/plain"}
HOSTILE = f"""from dataclasses import replace
from lg_magics.model.graph import shape_from_payload
evil = {EVIL!r}
nodes = [{{"id": each}} for each in ("__start__", evil, 'x"] --> y["', "end")]
edges = [{{"source": evil, "target": each["id"], "data": evil, "conditional": True}} for each in nodes]
replace(lg.graph("agent"), assistant=evil, shape=shape_from_payload({{"nodes": nodes, "edges": edges}}))"""


def drawing(opened: Notebook, cell: int) -> Locator:
    return opened.output(cell).locator(".lg-graph svg")


def test_a_graph_is_drawn_and_saved_as_a_small_picture_also_without_a_kernel(notebook: Opener, lab: Lab) -> None:
    opened = notebook("%lg_graph agent")
    opened.run(1)
    shown = drawing(opened, 1)
    expect(shown).to_contain_text("tools")
    assert shown.evaluate("svg => svg.getBoundingClientRect().width < 600")
    saved = opened.save()["cells"][1]["outputs"][0]["data"]
    assert set(saved) == {VIEW, *PICTURE}
    assert "agent  ┄→ end, tools" in "".join(saved["text/plain"])
    assert len("".join(saved["image/svg+xml"])) < 5_000
    alone = lab.open_without_kernel(opened)
    expect(drawing(alone, 1)).to_contain_text("tools")
    alone.close()


def test_a_drawing_has_the_colors_of_the_theme(notebook: Opener, lab: Lab) -> None:
    opened = notebook("%lg_graph agent")
    opened.run(1)
    color = "text => getComputedStyle(text).fill"
    name = drawing(opened, 1).locator("text", has_text="tools")
    light = name.evaluate(color)
    body = opened.page.locator("body")
    try:
        lab.command("apputils:change-theme", theme="JupyterLab Dark")
        expect(body).to_have_attribute("data-jp-theme-light", "false")
        opened.wait_until(lambda: name.evaluate(color) != light, "the dark theme")
    finally:
        # JupyterLab takes its splash away a moment after a change, and fails if another change has done so.
        expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
        opened.page.wait_for_timeout(500)
        lab.command("apputils:change-theme", theme="JupyterLab Light")
        expect(body).to_have_attribute("data-jp-theme-light", "true")


def test_a_drawing_follows_its_run_to_the_end(notebook: Opener) -> None:
    opened = notebook(ORDER, "%lg_graph --run last", "run.cancel().status")
    opened.run(1)
    expect(opened.card(1).get_by_role("list", name="steps")).to_contain_text("work")
    opened.run(2)
    work = drawing(opened, 2).locator("g.lg-node", has_text="work")
    expect(work).to_contain_text("running")
    opened.run(3)
    expect(work).to_contain_text("cancelled")
    opened.wait_until(lambda: opened.kinds(2) == [{VIEW, *PICTURE}], "the drawing alone")
    assert "r1 cancelled" in opened.text(2)


def test_the_end_of_a_drawing_reaches_a_page_that_was_away(notebook: Opener) -> None:
    opened = notebook(ORDER, "%lg_graph --run last")
    opened.run(1)
    expect(opened.card(1).get_by_role("list", name="steps")).to_contain_text("work")
    opened.run(2)
    work = drawing(opened, 2).locator("g.lg-node", has_text="work")
    expect(work).to_contain_text("running")
    opened.leave()
    opened.tell_kernel("run.cancel()")
    opened.come_back()
    expect(work).to_contain_text("cancelled")
    opened.wait_until(lambda: opened.kinds(2) == [{VIEW, *PICTURE}], "the drawing alone")
    assert "r1 cancelled" in opened.text(2)
    saved = opened.save()["cells"][2]["outputs"][0]["data"]
    assert "cancelled" in "".join(saved["image/svg+xml"])


def test_a_hostile_name_is_text_in_the_drawing(notebook: Opener) -> None:
    opened = notebook(HOSTILE)
    opened.run(1)
    shown = drawing(opened, 1)
    expect(shown).to_contain_text("<img src=x")
    assert opened.output(1).locator("img").count() == 0
    assert opened.page.evaluate("window.hacked") is None

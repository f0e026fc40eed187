"""A graph in JupyterLab: drawn by its own Mermaid, following a run that goes on, whatever a node is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from playwright.sync_api import Locator, expect

from .notebook_page import Notebook

Opener = Callable[..., Notebook]

ORDER = 'order = {"steps": 2, "seconds": 60}\nrun = %lg_run -a workbench -i $order'
EVIL = '<img src=x onerror="window.hacked=1">'
HOSTILE = f"""from dataclasses import replace
from lg_magics.model.graph import shape_from_payload
evil = {EVIL!r}
nodes = [{{"id": each}} for each in ("__start__", evil, 'x"] --> y["', "end")]
edges = [{{"source": evil, "target": each["id"], "data": evil, "conditional": True}} for each in nodes]
replace(lg.graph("agent"), assistant=evil, shape=shape_from_payload({{"nodes": nodes, "edges": edges}}))"""


def drawing(opened: Notebook, cell: int) -> Locator:
    return opened.output(cell).locator(".jp-RenderedMermaid img")


def picture(shown: Locator) -> str:
    """What Mermaid has drawn, as SVG."""
    source = shown.get_attribute("src") or ""
    return unquote(source.partition(",")[2])


def test_a_graph_is_drawn_by_mermaid_and_saved_for_pages_without_it(notebook: Opener) -> None:
    opened = notebook("%lg_graph agent")
    opened.run(1)
    shown = drawing(opened, 1)
    expect(shown).to_have_attribute("alt", "Graph of agent")
    assert ">tools</p>" in picture(shown)
    saved = opened.save()["cells"][1]["outputs"][0]["data"]
    assert set(saved) == {"text/vnd.mermaid", "image/svg+xml", "text/plain"}
    assert "agent  ┄→ end, tools" in "".join(saved["text/plain"])


def test_a_drawing_follows_its_run_to_the_end(notebook: Opener) -> None:
    opened = notebook(ORDER, "%lg_graph --run last", "run.cancel().status")
    opened.run(1)
    expect(opened.card(1).get_by_role("list", name="steps")).to_contain_text("work")
    opened.run(2)
    source = opened.output(2).locator(".jp-RenderedMermaid code")
    expect(source).to_contain_text(re.compile(r'work\\nrunning"'))
    opened.run(3)
    expect(source).to_contain_text(re.compile(r"work\\ncancelled"))
    assert "r1 cancelled" in opened.text(2)


def test_a_hostile_name_is_text_in_the_drawing(notebook: Opener) -> None:
    opened = notebook(HOSTILE)
    opened.run(1)
    shown = drawing(opened, 1)
    expect(shown).to_be_visible()
    drawn = picture(shown)
    assert "&lt;img src=x" in drawn or "&#60;img src" in drawn
    assert "<img" not in drawn
    assert opened.page.evaluate("window.hacked") is None
    assert opened.output(1).locator("img").count() == 1

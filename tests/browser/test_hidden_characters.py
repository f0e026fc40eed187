"""In Chromium: no view draws a hidden character, a forged approval is seen for what it is, and a long text freezes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hidden_texts import LINES, hostile_deployment
from langgraph_sdk import get_sync_client
from playwright.sync_api import expect

from lg_magics.model.visible_text import visible_text

from .notebook_page import Lab, Notebook
from .side_panel import SidePanel

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

PATHS = f"import sys\nsys.path.append({str(Path(__file__).parents[1])!r})"
PATH = "/srv/\u202efdp.troper\u2066 \u2069\u2066"
FORGED = 'delete(path="/srv/\u202efdp.troper\u2066 \u2069\u2066")'
SEEN = 'delete(path="/srv/\\u202efdp.troper\\u2066 \\u2069\\u2066")'
LIVE = f"""
{PATHS}
from card_samples import TRIP, WAITED, view
from lg_magics.model.interrupts import Interrupt
from lg_magics.views.frame_tree import card, pre
from lg_magics.views.node import node
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html
from lg_magics.widgets.view import ViewWidget
request = {{"action": "delete", "args": {{"path": {PATH!a}}}}}
asked = Interrupt({{"action_request": request, "description": {FORGED!a}, "config": {{"allow_accept": True}}}}, "1", "ask")
tree = run_tree(CardMaker(TRIP).card(view("waiting", 2, *WAITED, interrupts=(asked,)), settled=True, can_resume=True))
def shown(tree):
    return ViewWidget({{"protocol": 1, "name": "n", "version": 1, "at": 0, "tree": tree, "lost": None}}, print)
shown(tree)
"""
SAVED = "from IPython.display import HTML\nHTML(saved_html(tree))"
LONG = 'shown(card("waiting", "long", node("div", pre("x" * 60_000), class_="lg-ask")))'
LAYOUT = """node => {
  const text = node.textContent;
  const copy = node.cloneNode(true);
  node.replaceChildren();
  node.getBoundingClientRect();
  const began = performance.now();
  node.replaceChildren(...copy.childNodes);
  const height = node.getBoundingClientRect().height;
  return {took: performance.now() - began, height, same: node.textContent === text, length: text.length};
}"""
CELLS = 15  # a notebook: JupyterLab lays out all of its cells for each that runs
VIEWS = {
    "open history": "%lg_history --open -t {thread}",
    "open store": "%lg_store search hidden --open",
    "card": "lg.run({name!r}, assistant='agent', thread='new')",
    "open batch": "lg.batch([{{'q': {name!r}}}], input='q', assistant='agent')",
    "asking": "lg.run({name!r}, assistant='approval', thread='new')",
}
# What is read below a node, and what a tooltip or a screen reader says.
DRAWN = """node => {
  const found = [node.textContent];
  for (const each of node.querySelectorAll('*'))
    for (const {name, value} of each.attributes)
      if (/^(aria-|title|alt|placeholder)/.test(name)) found.push(value);
  return found.join(' ');
}"""


def hidden(drawn: str) -> set[str]:
    """The characters that `visible_text` would have written out."""
    return {hex(ord(each)) for each in set(drawn) - set(visible_text(drawn))}


@pytest.mark.slow
def test_no_view_draws_a_hidden_character(notebook: Opener, lab: Lab, tmp_path: Path) -> None:
    first = notebook("lg.current().connection.url")
    first.run(1)
    url = first.text(1).strip("'")
    first.close()  # the deployment goes on
    with get_sync_client(url=url, api_key=None) as sdk, hostile_deployment(sdk, tmp_path) as words:
        lines = {name: line for name, line in LINES.items() if name not in ("connect 1", "disconnect 1")} | VIEWS
        found = {}
        for start in range(0, len(lines), CELLS):
            names = list(lines)[start : start + CELLS]
            opened = notebook(*(lines[name].format(**words) for name in names))
            for cell, name in enumerate(names, 1):
                opened.run(cell)
                expect(opened.output(cell)).to_contain_text(re.compile(r"\S"))
                found[name] = hidden(opened.output(cell).evaluate(DRAWN))
            opened.close()
        notebook()  # for the panel
        panel = SidePanel(lab)
        for name in ("Store", "Crons"):
            panel.unfold(name)
            expect(panel.section(name).locator(".lg-row").first).to_be_visible()
        found["panel"] = hidden(panel.node.evaluate(DRAWN))
        panel.hide()
    assert {name: letters for name, letters in found.items() if letters} == {}


def test_a_forged_call_is_seen_on_its_card_and_a_long_one_freezes_nothing(notebook: Opener) -> None:
    opened = notebook(LIVE, SAVED, LONG)
    opened.run(1, 2, 3)
    for cell in (1, 2):
        expect(opened.card(cell).locator(".lg-ask .lg-call")).to_have_text(SEEN)
        assert "\u202e" not in opened.card(cell).inner_html()
    drawn = opened.card(3).locator(".lg-ask pre").evaluate(LAYOUT)
    assert (drawn["length"], drawn["same"]) == (60_000, True)
    assert drawn["took"] < 1_000
    assert drawn["height"] > 0

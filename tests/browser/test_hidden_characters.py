"""In Chromium: a forged approval card is seen for what it is, live and saved, and a long text is drawn without a freeze."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from browser.notebook_page import Notebook

Opener = Callable[..., Notebook]

PATH = "/srv/\u202efdp.troper\u2066 \u2069\u2066"
FORGED = 'delete(path="/srv/\u202efdp.troper\u2066 \u2069\u2066")'
SEEN = 'delete(path="/srv/\\u202efdp.troper\\u2066 \\u2069\\u2066")'
LIVE = f"""
import sys
sys.path.append({str(Path(__file__).parents[1])!r})
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


def test_a_forged_call_is_seen_on_its_card_and_a_long_one_freezes_nothing(notebook: Opener) -> None:
    opened = notebook(LIVE, SAVED, LONG)
    opened.run(1, 2, 3)
    for cell in (1, 2):
        expect(opened.card(cell).locator(".lg-ask pre")).to_have_text(SEEN)
        assert "\u202e" not in opened.card(cell).inner_html()
    drawn = opened.card(3).locator(".lg-ask pre").evaluate(LAYOUT)
    assert (drawn["length"], drawn["same"]) == (60_000, True)
    assert drawn["took"] < 1_000
    assert drawn["height"] > 0

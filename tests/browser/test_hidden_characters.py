"""In Chromium: a forged approval card is seen for what it is, live and saved, and a long text is drawn without a freeze."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from browser.notebook_page import Notebook

Opener = Callable[..., Notebook]

FORGED = 'delete(path="/srv/\u202efdp.troper\u2066 \u2069\u2066")'
SEEN = 'delete(path="/srv/\\u202efdp.troper\\u2066 \\u2069\\u2066")'
FIXTURE = Path(__file__).parents[1] / "card_fixtures/waiting.json"
LIVE = f"""
import json
from lg_magics.widgets.card import CardWidget
card = json.loads(open({str(FIXTURE)!r}).read())
asked = {{"id": "1", "node": "ask", "question": {FORGED!a}, "detail": {FORGED!a}, "ways": ["accept", "edit"], "args": ""}}
card = {{**card, "interrupts": [asked], "can_resume": True, "settled": True, "status": "waiting", "note": ""}}
CardWidget(card, print)
"""
SAVED = "from IPython.display import HTML\nfrom lg_magics.views.card_html import card_html\nHTML(card_html(card))"
LONG = """
long = {**card, "interrupts": [{**asked, "detail": "x" * 60_000}]}
CardWidget(long, print)
"""
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

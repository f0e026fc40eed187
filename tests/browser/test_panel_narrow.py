"""The built style of the panel where it is narrow: what stands in a row does not lie over its button."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

import lg_magics

STYLE = Path(lg_magics.__file__).parent / "widgets/static/panel.css"
ROW = """<div class="lg-panel" style="width: 250px; padding: 0 10px"><ul><li class="lg-row"><div class="lg-line">
<button class="lg-rowhead"><i class="lg-dot"></i><b class="lg-number">·d77d46</b><span class="lg-text">May I call it</span>
<span class="lg-aside">approval</span></button><button class="lg-do">Answer</button></div></li></ul></div>"""


def test_the_words_of_a_row_end_before_its_button(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(ROW)
    page.add_style_tag(path=STYLE)
    aside, button = (page.locator(each).bounding_box() for each in (".lg-aside", ".lg-do"))
    page.close()
    assert aside is not None
    assert button is not None
    assert aside["x"] + aside["width"] <= button["x"]

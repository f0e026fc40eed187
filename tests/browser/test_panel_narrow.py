"""The built style of the panel where it is narrow: nothing lies over a row's button, and its last word can be read."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

import lg_magics

STYLE = Path(lg_magics.__file__).parent / "widgets/static/panel.css"
ROW = """<div class="lg-panel" style="width: 250px; padding: 0 10px"><ul class="lg-list"><li class="lg-row"><div class="lg-line">
<button class="lg-rowhead"><i class="lg-dot"></i><b class="lg-number">{number}</b><span class="lg-text">{text}</span>
<span class="lg-aside">{aside}</span></button><button class="lg-do">{button}</button></div></li></ul></div>"""


def opened(browser: Browser, **row: str) -> Page:
    page = browser.new_page()
    page.set_content(ROW.format(**row))
    page.add_style_tag(path=STYLE)
    return page


def test_the_words_of_a_row_end_before_its_button(browser: Browser) -> None:
    page = opened(browser, number="·d77d46", text="May I call it", aside="approval", button="Answer")
    aside, button = (page.locator(each).bounding_box() for each in (".lg-aside", ".lg-do"))
    page.close()
    assert aside is not None
    assert button is not None
    assert aside["x"] + aside["width"] <= button["x"]


def test_the_time_of_a_run_is_read_whole_and_the_name_gives_way(browser: Browser) -> None:
    page = opened(browser, number="r1", text="an_assistant_with_a_long_name", aside="running · 15.1 s", button="Cancel")
    cut = page.locator(".lg-aside").evaluate("aside => aside.scrollWidth - aside.clientWidth")
    text = page.locator(".lg-text").bounding_box()
    page.close()
    assert cut <= 0
    assert text is not None
    assert text["width"] > 10

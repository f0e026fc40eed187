"""The built style of the panel where it is narrow: nothing lies over a row's button, and its second line can be read."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

import lg_magics

STYLE = Path(lg_magics.__file__).parent / "widgets/static/view.css"
ROW = """<div style="width: 250px"><div class="lg-card lg-view lg-panel"><section class="lg-sec"><ul class="lg-list">
<li class="lg-row"><button class="lg-rowhead"><i class="lg-dot"></i><b>{title}</b><span>{about}</span></button>
<button class="quick">{button}</button></li></ul></section></div></div>"""


def opened(browser: Browser, **row: str) -> Page:
    page = browser.new_page()
    page.set_content(ROW.format(**row))
    page.add_style_tag(path=STYLE)
    return page


def test_the_lines_of_a_row_end_before_its_button_one_below_the_other(browser: Browser) -> None:
    page = opened(browser, title="May I call it? " * 9, about="approval · d77d46 · 2 min ago", button="Answer")
    title, about, button = (page.locator(each).bounding_box() for each in ("b", ".lg-rowhead span", ".quick"))
    page.close()
    assert title is not None
    assert about is not None
    assert button is not None
    assert title["x"] + title["width"] <= button["x"]
    assert about["x"] + about["width"] <= button["x"]
    assert about["y"] >= title["y"] + title["height"]
    assert about["x"] == title["x"]


def test_the_time_of_a_run_is_read_whole_and_the_assistant_behind_it_gives_way(browser: Browser) -> None:
    about = "r1 · running · <em>15.1 s</em> · an_assistant_with_a_long_name"
    page = opened(browser, title="x" * 300, about=about, button="Cancel")
    line, time = (page.locator(f".lg-rowhead {each}").bounding_box() for each in ("span", "em"))
    page.close()
    assert line is not None
    assert time is not None
    assert time["x"] + time["width"] <= line["x"] + line["width"]

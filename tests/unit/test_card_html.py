"""The saved picture of a run says what the live card says, needs no script and lets nothing in."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from lg_magics.views.built import built_style
from lg_magics.views.card_html import card_html
from lg_magics.views.escape import Html, element, fragment, text
from lg_magics.views.words import duration, short_id

from .card_texts import FOLDER, NAMES, card, texts

OURS = {"div", "span", "b", "i", "code", "pre", "details", "summary", "ol", "ul", "li", "p", "a", "br", "hr"} | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "strong", "em", "s"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"class", "role", "aria-label", "aria-hidden", "title", "tabindex", "href", "target", "rel", "data-saved"}


class Tags(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.still_open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.still_open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.still_open.pop() == tag


def drawn(name: str) -> Tags:
    return Tags(card_html(card(name), style=False))


@pytest.mark.parametrize("name", NAMES)
def test_the_texts_of_every_card_are_fresh(name: str) -> None:
    """`python tests/unit/card_texts.py` writes them anew."""
    assert (FOLDER / f"{name}.txt").read_text("utf-8") == texts(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_made_of_our_own_elements_alone(name: str) -> None:
    tags = drawn(name)
    assert not tags.still_open
    for tag, attributes in tags.opened:
        assert tag in OURS
        assert set(attributes) <= ATTRIBUTES


def test_hostile_words_lead_nowhere() -> None:
    links = [attributes["href"] for tag, attributes in drawn("hostile").opened if tag == "a"]
    assert links == ["https://example.org/?q=%22%3E%3Cscript%3E"]


def test_the_whole_ids_are_there_to_be_copied() -> None:
    titles = [attributes["title"] for tag, attributes in drawn("running").opened if tag == "code" and attributes]
    thread = card("running")["thread"]
    assert thread is not None
    assert titles == [thread["id"], card("running")["run"]["id"]]


def test_a_picture_of_a_live_run_says_that_it_is_one() -> None:
    assert "A picture of a run that had not ended." in card_html(card("running"))
    assert "A picture of a run that had not ended." not in card_html(card("success"))


def test_a_settled_picture_has_no_control_that_needs_a_kernel() -> None:
    assert "<button" not in card_html(card("success")) + card_html(card("running"))


def test_the_style_is_written_once_per_output() -> None:
    both = card_html(card("success")) + card_html(card("error"), style=False)
    assert both.count("<style>") == 1
    assert built_style("card.css").count("<") == 2


def test_text_is_escaped_once_and_only_by_us() -> None:
    assert text("<&\"'>") == "&lt;&amp;&quot;&#x27;&gt;"
    assert text(text("<")) == "&lt;"
    assert element("p", Html("<b>x</b>"), "<", title='"') == '<p title="&quot;"><b>x</b>&lt;</p>'
    assert fragment("a", "", "b", between=" ") == "a b"


def test_text_that_no_encoding_can_say_does_not_break_a_page() -> None:
    assert text("a\ud800b\0c") == r"a\ud800b␀c"


def test_times_and_ids_read_as_on_the_page() -> None:
    assert [duration(n) for n in (0, 0.25, 59.99, 60, 3599.9, 7512.5)] == [
        *("0.0 s", "0.2 s", "59.9 s", "1 min 00 s", "59 min 59 s", "2 h 05 min"),
    ]
    assert short_id("r7", "", 5) == "r7"
    assert short_id("", "abcdefgh", 5) == "·defgh"

"""A batch's card: it says what there is to say, is made of what is allowed, and its text is the same each time."""

from __future__ import annotations

import json

import pytest

from lg_magics.views.batch_card import batch_text, begun_line
from lg_magics.views.batch_tree import batch_tree
from lg_magics.views.node import Node, fits, html, nodes_in, text_in
from lg_magics.views.saved import saved_html

from .batch_samples import EVIL, SAMPLES, card
from .html_texts import ATTRIBUTES, OURS, Tags, texts_of


def words(name: str) -> list[str]:
    return texts_of(html(batch_tree(card(name)))).splitlines()


def of_tag(name: str, tag: str) -> list[Node]:
    return [each for each in nodes_in(batch_tree(card(name))) if each[0] == tag]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_is_made_of_what_is_allowed(name: str) -> None:
    tree = batch_tree(card(name))
    assert fits(tree)
    assert json.loads(json.dumps(tree)) == tree
    tags = Tags(html(tree))
    assert not tags.still_open
    for tag, attributes in tags.opened:
        assert tag in OURS
        assert set(attributes) <= ATTRIBUTES | {"style"}


def test_a_saved_card_has_no_control_and_the_style_that_it_needs() -> None:
    page = saved_html(batch_tree(card("error")))
    style = page.partition("</style>")[0]
    assert page.count("<style>") == 1
    assert "<button" not in page
    assert len(style.encode()) <= 3_000
    assert ".lg-progress" in style
    assert ".lg-step" not in style
    assert ".lg-failures" not in saved_html(batch_tree(card("success"))).partition("</style>")[0]


def test_the_title_is_the_template_and_the_status_comes_after_it() -> None:
    assert words("error")[:6] == [
        *("Weather in {city}?", "error", "local · agent, mine", "protected", "batch k7f2-9qd4", "1 h 06 min")
    ]


def test_the_bar_is_as_wide_as_the_shares_and_says_how_far_it_is() -> None:
    (bar,) = [each for each in nodes_in(batch_tree(card("running"))) if each[1].get("role") == "img"]  # type: ignore[union-attr]
    assert bar[1]["aria-label"] == "182 of 400 ended"  # type: ignore[call-overload, index]
    assert [each[1]["data-w"] for each in nodes_in(bar) if each[0] == "i"] == ["45.0", "0.5", "2.5", "52.0"]  # type: ignore[call-overload, index]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("running", ["Cancel all", "Retry 1 failed"]),
        ("preparing", ["Cancel all"]),
        ("cancelling", []),
        ("success", []),
        ("error", ["Retry 1,210 failed"]),
    ],
)
def test_a_card_offers_what_can_be_done(name: str, labels: list[str]) -> None:
    buttons = [each for each in of_tag(name, "button") if "data-copy" not in each[1]]
    assert [text_in(each) for each in buttons] == labels


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("running", "Cancel the 10 live runs, and launch no more? What has ended stays."),
        ("preparing", "Launch no more? What has ended stays."),
    ],
)
def test_cancel_all_asks_first_and_names_what_it_cancels(name: str, question: str) -> None:
    assert [each[1]["data-confirm"] for each in of_tag(name, "button") if "data-confirm" in each[1]] == [question]  # type: ignore[call-overload, index]


def test_a_clock_goes_on_only_while_the_batch_does() -> None:
    clocks = {
        name: [each for each in nodes_in(batch_tree(card(name))) if "data-since" in each[1]]
        for name in ("running", "success")
    }
    assert [len(each) for each in clocks.values()] == [1, 0]


def test_a_picture_of_a_live_batch_says_that_it_is_one() -> None:
    says = "A picture of a batch that had not ended."
    assert says in html(batch_tree(card("running"), is_picture=True))
    assert says not in html(batch_tree(card("error")))


def test_the_text_says_how_it_ended_without_ids_and_times() -> None:
    assert batch_text(card("error")) == (
        "error · batch of 3,200 runs · agent, mine · “Weather in {city}?”\n"
        "  1,990 success · 1,207 error · 3 timeout\n\n"
        "attached: 20 had ended, 0 were live\n\n"
        "row 3 · agent: ValueError: no results\n"
        "row 7 · agent: Not sent: the cell of 'city' is empty.\n"
        "… and 1,208 more"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cancelled", "cancelled: 6 not started. batch.retry('cancelled', 'not started') goes on."),
        ("cancelling", "cancelling…"),
        ("stopped", "its 1,000 tokens are used: 8 not started"),
        ("waiting", "%lg_inbox lists what waits for an answer"),
    ],
)
def test_what_must_be_known_stands_beside_it(name: str, said: str) -> None:
    assert said in card(name).notes
    assert said in batch_text(card(name))


def test_hostile_words_are_text() -> None:
    page = html(batch_tree(card("hostile")))
    assert "<img" not in page
    assert "&lt;img" in page
    assert EVIL in batch_text(card("hostile"))


def test_one_line_says_that_it_was_begun() -> None:
    assert begun_line(2000, ["agent", "mine"]) == "batch of 2,000 runs started on agent, mine"
    assert begun_line(1, ["agent"], "k7f2-9qd4") == "batch k7f2-9qd4 of 1 run started on agent"

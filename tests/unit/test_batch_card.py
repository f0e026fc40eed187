"""A batch's card: its JSON and texts are fresh, its picture is made of our own elements, its text is the same each time."""

from __future__ import annotations

import pytest

from lg_magics.views.batch_card import begun_line
from lg_magics.views.batch_html import batch_html
from lg_magics.views.batch_text import batch_text

from .batch_samples import EVIL, FOLDER, SAMPLES, card, json_of, texts
from .html_texts import ATTRIBUTES, OURS, Tags


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_fresh(name: str) -> None:
    """`python -m unit.batch_samples`, in tests/, writes them anew."""
    assert (FOLDER / f"{name}.json").read_text("utf-8") == json_of(name)
    assert (FOLDER / f"{name}.txt").read_text("utf-8") == texts(name)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_picture_is_made_of_our_own_elements_alone(name: str) -> None:
    tags = Tags(batch_html(card(name), style=False))
    assert not tags.still_open
    for tag, attributes in tags.opened:
        assert tag in OURS
        assert set(attributes) <= ATTRIBUTES


def test_a_picture_has_the_style_once_and_no_control() -> None:
    page = batch_html(card("success"))
    assert page.count("<style>") == 1
    assert "<button" not in page


def test_a_picture_of_a_live_batch_says_that_it_is_one() -> None:
    assert "A picture of a batch that had not ended." in batch_html(card("running"))
    assert "A picture of a batch that had not ended." not in batch_html(card("error"))


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
    assert said in card(name)["notes"]
    assert said in batch_text(card(name))


def test_hostile_words_are_text() -> None:
    page = batch_html(card("hostile"), style=False)
    assert "<img" not in page
    assert "&lt;img" in page
    assert EVIL in batch_text(card("hostile"))


def test_one_line_says_that_it_was_begun() -> None:
    assert begun_line(2000, ["agent", "mine"]) == "batch of 2,000 runs started on agent, mine"
    assert begun_line(1, ["agent"], "k7f2-9qd4") == "batch k7f2-9qd4 of 1 run started on agent"

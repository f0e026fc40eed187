"""A run's card as a tree, and as the HTML that is saved: it says what there is to say, and lets nothing in."""

from __future__ import annotations

import json
import re

import pytest
from card_samples import NAMES, card

from lg_magics.views.node import Node, attributes_of, fits, html, nodes_in, text_in
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html

from .html_texts import ATTRIBUTES, OURS, Tags, texts_of

STATEFUL = ("details", "button", "input", "textarea", "select")


def drawn(name: str) -> Tags:
    return Tags(html(run_tree(card(name))))


def words(name: str) -> list[str]:
    return texts_of(html(run_tree(card(name)))).splitlines()


def with_class(tree: Node, name: str) -> list[Node]:
    return [each for each in nodes_in(tree) if name in attributes_of(each).get("class", "").split()]


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_made_of_what_is_allowed(name: str) -> None:
    tree = run_tree(card(name))
    assert fits(tree)
    assert json.loads(json.dumps(tree)) == tree
    tags = drawn(name)
    assert not tags.still_open
    for tag, attributes in tags.opened:
        assert tag in OURS
        assert set(attributes) <= ATTRIBUTES
        assert re.fullmatch(r"(--[aw]:[0-9.]+%;?)*", attributes.get("style") or "")


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_keeps_state_of_has_a_name_of_its_own(name: str) -> None:
    def paths(tree: Node, path: str) -> list[str]:
        key = attributes_of(tree).get("key", "")
        own = f"{path}/{key or tree[0]}"
        below = own if key else path
        inside = [found for child in tree[2:] if isinstance(child, list) for found in paths(child, below)]
        return [own, *inside] if tree[0] in STATEFUL else inside

    found = paths(run_tree(card(name)), "")
    assert len(found) == len(set(found))
    for each in nodes_in(run_tree(card(name))):
        assert each[0] not in STATEFUL or "key" in each[1], each


def test_the_title_is_what_was_asked() -> None:
    assert words("success")[0] == "Add a ToDo to finish booking travel to Hong Kong."
    assert words("waiting")[0] == "Plan a trip"


def test_a_success_reads_from_the_status_to_the_answer() -> None:
    assert words("success")[1:9] == [
        *("success", "local · task_maistro", "t1 ·0e7caf", "r7 ·bff07", "user_id=Test", "5.1 s"),
        *("3 steps · 837 in, 124 out tokens", "task_mAIstro"),
    ]
    assert "As SDK code" in words("success")


def test_the_status_is_emphasized_and_words_are_apart_without_style() -> None:
    said = html(run_tree(card("success")))
    assert '<strong class="lg-pill" role="status"><i aria-hidden="true"></i>success</strong> <span' in said
    assert "</code> <code" in said


def test_hostile_words_lead_nowhere() -> None:
    links = [attributes["href"] for tag, attributes in drawn("hostile").opened if tag == "a"]
    assert links == ["https://example.org/?q=%22%3E%3Cscript%3E"]


def test_the_whole_ids_are_there_to_be_copied() -> None:
    titles = [attributes["title"] for tag, attributes in drawn("running").opened if tag == "code" and attributes]
    assert titles == [card("running").info.thread.id, card("running").info.id]


def test_a_picture_of_a_live_run_says_that_it_is_one() -> None:
    assert "A picture of a run that had not ended." in html(run_tree(card("running"), is_picture=True))
    assert "A picture of a run that had not ended." not in html(run_tree(card("success")))


def test_a_saved_card_has_no_control_and_a_style_of_three_kilobytes() -> None:
    for name in NAMES:
        assert not {"button", "textarea", "input"} & {tag for tag, _ in drawn(name).opened}
    styled = saved_html(run_tree(card("success")))
    assert styled.count("<style>") == 1
    assert len(styled.partition("</style>")[0].encode()) <= 3_000


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("running", ["Cancel"]),
        ("cancelling", ["Cancelling…"]),
        ("success", []),
        ("breakpoint", ["Go on", "+ cell"]),
        ("waiting", ["Accept", "Edit", "Respond", "Ignore", "Copy the arguments into the box", "Resume", "+ cell"]),
        ("rewound", ["‹", "›"]),
    ],
)
def test_a_card_offers_what_can_be_done(name: str, labels: list[str]) -> None:
    buttons = [each for each in nodes_in(run_tree(card(name), with_code=False)) if each[0] == "button"]
    assert [text_in(each) for each in buttons if "data-copy" not in each[1]] == labels


def test_a_clock_goes_on_only_while_the_run_does() -> None:
    assert len([each for each in nodes_in(run_tree(card("running"))) if "data-since" in each[1]]) == 2
    assert [each for each in nodes_in(run_tree(card("success"))) if "data-since" in each[1]] == []


def test_the_caret_stands_in_the_last_paragraph_and_changes_no_node() -> None:
    shown = card("running")
    before = json.dumps(shown.answer)
    (caret,) = with_class(run_tree(shown), "lg-caret")
    assert caret[0] == "i"
    assert json.dumps(shown.answer) == before


def test_a_long_answer_is_folded_and_all_of_it_is_there() -> None:
    assert "Show all" in [text_in(each) for each in nodes_in(run_tree(card("long"))) if each[0] == "summary"]
    assert "Paragraph 59" in html(run_tree(card("long")))
    assert '1234 characters are not shown: lg.attach("r7") has all' in words("long")

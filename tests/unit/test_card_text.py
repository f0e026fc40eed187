"""A card in plain text is the same each time: no ids, no times."""

from __future__ import annotations

import re

import pytest
from card_samples import FLIGHT, HOTEL, NAMES, PROJECT, RUN, TRIP, WAITED, card, view

from lg_magics.views.card_text import card_text, text_from_nodes
from lg_magics.views.markdown import markdown
from lg_magics.views.run_card import CardMaker, RunCard


def test_a_success_shows_where_the_steps_and_the_answer() -> None:
    assert card_text(card("success")) == (
        "success · task_maistro · “Add a ToDo to finish…”\n"
        "  task_mAIstro\n  update_todos\n  task_mAIstro\n\n"
        "I've added two ToDos to your list:\n\n"
        "1. Finish booking travel to Hong Kong (due Friday)\n"
        "2. Call parents back about Thanksgiving plans"
    )


def test_a_traced_run_has_the_address_of_its_trace() -> None:
    shown = card_text(card("traced"))
    assert shown.endswith(f"Thanksgiving plans\n\nLangSmith: {PROJECT}/r/{RUN}?poll=true")


def test_a_question_is_shown_with_its_detail() -> None:
    assert 'approve asks: Book the flight for 640 USD?\nbook_flight(price=640, to="HKG")' in card_text(card("waiting"))


INBOX, PLAIN = (
    CardMaker(TRIP).card(view("waiting", 2, *WAITED, interrupts=(asked,)), settled=True) for asked in (FLIGHT, HOTEL)
)


@pytest.mark.parametrize(
    ("waiting", "line"),
    [
        (card("waiting"), "%lg_resume --interrupt N ANSWER"),
        (INBOX, "%lg_resume --accept | --edit JSON | --respond TEXT | --ignore"),
        (PLAIN, "%lg_resume ANSWER"),
        (card("breakpoint"), "stopped at a breakpoint: %lg_resume goes on"),
    ],
)
def test_a_run_that_waits_says_what_to_type(waiting: RunCard, line: str) -> None:
    assert card_text(waiting).endswith(f"\n\n{line}")


def test_a_run_that_was_answered_says_so_and_what_was_said_before() -> None:
    assert "%lg_resume" not in card_text(card("answered"))
    assert card_text(card("answered")).startswith("waiting · approval · “Plan a trip” · answered")
    assert card_text(card("breakpoint")).startswith("approve asked: Which hotel? Answered: the small one\n\n")


def test_an_error_shows_its_one_line() -> None:
    shown = card_text(card("error"))
    assert shown.endswith("  plan\n  search (failed)\n\nValueError: no results")
    assert "at all" not in shown


def test_what_was_left_out_is_said() -> None:
    assert "  … 28 earlier steps\n  node_16\n" in card_text(card("long"))
    assert '(1234 characters are not shown: lg.attach("r7") has all)' in card_text(card("long"))


@pytest.mark.parametrize("name", sorted({*NAMES} - {"hostile", "long"}))
def test_a_text_has_no_ids_and_no_times(name: str) -> None:
    shown = card_text(card(name))
    assert not re.search(r"\b[rt]\d+\b(?<!r6)|·\w|\d s\b", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\n\nc", "a\nb\n\nc"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c"),
        ("1. a\n2. b", "1. a\n2. b"),
        ("> a\n> b", "> a\n> b"),
        ("```\nx\n  y\n```", "x\n  y"),
        ("|a|b|\n|-|-|\n|1|2|", "a | b\n1 | 2"),
        ("a\n\n---\n\n**b** `c` [d](https://x.org)", "a\n\n---\n\nb c d"),
    ],
)
def test_an_answer_reads_well_as_text(text: str, shown: str) -> None:
    assert text_from_nodes(markdown(text)) == shown

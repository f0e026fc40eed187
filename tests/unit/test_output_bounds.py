"""A saved output is at most 150 kB, a saved cell with its error 200 kB, whatever a server holds; it states what has the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from card_samples import TRIP, WAITED, view
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lg_magics.errors import LgError, show_whole_tracebacks
from lg_magics.model.batch import BatchView, Failure
from lg_magics.model.bounds import fair_share, fitting, saved_size
from lg_magics.model.changes import changes
from lg_magics.model.checkpoints import branches
from lg_magics.model.history import HistoryBuilder
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import messages_from_values
from lg_magics.model.result import Result
from lg_magics.tables.conversation import conversation
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.history import History
from lg_magics.tables.state import state_from_payload
from lg_magics.tables.store import Item, Items
from lg_magics.tables.table import Column, Table
from lg_magics.views.batch_card import batch_card, batch_text
from lg_magics.views.batch_tree import batch_tree
from lg_magics.views.bundle import bundle
from lg_magics.views.card_text import card_text
from lg_magics.views.history_tree import history_tree
from lg_magics.views.output import LARGEST, PICTURE, output
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html
from lg_magics.views.store import items_tree

CELL = 200_000
PIECES = ("x", "word ", "<&\"'>", "\u202e", "日本", "\n", "😀", "a|b\n", "*a* ")
TEXTS = st.builds(lambda piece, times: piece * times, st.sampled_from(PIECES), st.sampled_from((1, 50, 3_000, 9_000)))
COUNTS = st.sampled_from((1, 12, 40))


def values(text: str, count: int) -> dict[str, Any]:
    said = [
        {
            "type": "ai",
            "id": str(place),
            "content": text[:20_000],
            "tool_calls": [{"name": text[:50], "args": {"a": text}, "id": "1"}],
        }
        for place in range(min(count, 100))
    ]
    return {text: text, **{f"{place}{text[:300]}": text[:9_000] for place in range(count)}, "messages": said}


def a_state(text: str, count: int) -> Result:
    task = {"name": text, "error": text, "interrupts": [{"value": text, "id": "1"}] * min(count, 20)}
    payload = {"values": values(text, count), "next": [text], "tasks": [task], "checkpoint": {"checkpoint_id": "1"}}
    return state_from_payload(payload, thread="t1 title", note=text)


def a_history(text: str, count: int) -> History:
    builder = HistoryBuilder()
    for step in range(count, 0, -1):
        builder.add(
            {
                "checkpoint": {"checkpoint_id": str(step)},
                "parent_checkpoint": {"checkpoint_id": str(step - 1)} if step > 1 else None,
                "values": {"a": step, text: text[:100]},
                "next": [text],
                "metadata": {"step": step, "source": text},
                "created_at": "2026-11-28T12:00:00+00:00",
            }
        )
    named = branches([step.checkpoint for step in builder.steps])
    return History(tuple(builder.steps), named, thread=text, thread_id=text, note=text)


def some_items(text: str, count: int) -> Items:
    return Items(
        tuple({"namespace": [text[:500]], "key": f"{n}{text}", "value": {text: text, "b": text}} for n in range(count))
    )


def a_diff(text: str, count: int) -> Result:
    return Diff(text, text, changes({"a": 1, text: 2}, values(text, count)))


RESULTS: dict[str, Callable[[str, int], Result]] = {
    "state": a_state,
    "messages": lambda text, count: conversation(messages_from_values(values(text, count)), thread="t1", note=text),
    "history": a_history,
    "diff": a_diff,
    "items": some_items,
    "item": lambda text, count: Item({"namespace": [text], "key": text, "value": values(text, count)}),
    "facts": lambda text, count: Facts(text, ((text, text),) * count, ((text, text),), text, chip=text),
    "table": lambda text, count: Table(
        text, (Column(text), Column("b", "id")), ((text, text),) * (10 * count), note=text, more=text
    ),
}


class Balanced(HTMLParser):
    """Fails where an element is closed that is not open, or is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("br", "hr", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_is_bounded(parts: Mapping[str, str], largest: int = LARGEST) -> None:
    assert saved_size(dict(parts)) <= largest + 200
    page = Balanced()
    page.feed(parts.get("text/html", ""))
    assert page.open == []


@pytest.mark.parametrize("kind", RESULTS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, count=COUNTS)
def test_a_result_of_any_size_is_bounded(kind: str, text: str, count: int) -> None:
    assert_is_bounded(bundle(RESULTS[kind](text, count)))


@pytest.mark.parametrize("kind", ["state", "messages", "diff", "facts", "table"])
def test_what_is_shown_in_part_states_what_has_the_rest(kind: str) -> None:
    shown = bundle(RESULTS[kind]("word " * 4_000, 400 if kind == "table" else 12))
    assert re.search(r"Shown in part\. .* has all\.", shown["text/plain"].splitlines()[-1])
    assert "Shown in part." in shown["text/html"]


def test_a_small_result_is_whole_and_says_nothing_of_it() -> None:
    shown = bundle(a_state("short", 1))
    assert "Shown in part" not in "".join(shown.values())


def test_a_large_part_hides_no_small_one() -> None:
    shown = bundle(
        state_from_payload({"values": {"huge": "x" * 1_000_000, "last": "seen"}, "checkpoint": {"checkpoint_id": "1"}})
    )
    assert "last: seen" in shown["text/plain"]
    assert "seen" in shown["text/html"]


def test_one_draft_of_a_megabyte_makes_a_card_that_is_bounded_and_says_how_to_have_it() -> None:
    draft = {"action": "send", "args": {"body": "word " * 280_000}}
    asked = Interrupt({"action_request": draft, "description": "why " * 50_000, "config": {}}, "i1", "ask")
    seen = view("waiting", 2, *WAITED, interrupts=(asked,), text="long " * 6_000)
    shown = CardMaker(TRIP).card(seen, settled=True, can_resume=True)
    tree = run_tree(shown)
    assert saved_size(tree) < 110_000
    assert 'more characters: lg.attach("r8")' in shown.questions[0].question
    assert shown.questions[0].actions[0].args == ""
    picture = {"text/html": saved_html(tree), "text/plain": card_text(shown)}
    assert_is_bounded(output(picture, largest=PICTURE), PICTURE)


@settings(max_examples=6, deadline=None)
@given(text=TEXTS, count=COUNTS)
def test_a_card_and_its_picture_are_bounded(text: str, count: int) -> None:
    asked = tuple(Interrupt(text, f"i{place}", text[:100]) for place in range(count))
    seen = view("error", 2, *WAITED, text=text, error=text, error_message=text, interrupts=asked)
    shown = CardMaker(replace(TRIP, defaults=(text, text), assistant=text[:200])).card(
        seen, note=text, answered=[text] * count
    )
    picture = {"text/html": saved_html(run_tree(shown, with_code=False)), "text/plain": card_text(shown)}
    assert saved_size(run_tree(shown)) + saved_size(output(picture, shown.rest, PICTURE)) <= CELL


@settings(max_examples=4, deadline=None)
@given(text=TEXTS, count=COUNTS)
def test_a_batch_and_its_picture_are_bounded(text: str, count: int) -> None:
    failures = [Failure(n, text, text[:500], "t1", text[:100]) for n in range(min(count, 20))]
    seen = BatchView({"error": count}, "ended", notes=[text] * count, stopped=text, failures=failures)
    shown = batch_card(seen, id=text, deployment=text, assistants=[text] * count, source=text, now=1.0)
    tree = batch_tree(shown)
    picture = output({"text/html": saved_html(tree), "text/plain": batch_text(shown)}, largest=PICTURE)
    assert_is_bounded(picture, PICTURE)
    assert saved_size(tree) + saved_size(picture) <= CELL


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, count=COUNTS)
def test_an_open_history_and_an_open_store_are_bounded_with_their_pictures(text: str, count: int) -> None:
    history, items = a_history(text[:5_000], count), some_items(text[:5_000], count)
    rows = history_tree(history)
    assert saved_size(rows) + saved_size(bundle(history, PICTURE)) <= CELL
    found = items_tree(items)
    assert saved_size(found) + saved_size(bundle(items, PICTURE)) <= CELL


@given(st.lists(st.integers(0, 10_000)), st.integers(0, 100_000))
def test_a_fair_share_keeps_to_its_budget_and_wastes_none(sizes: list[int], budget: int) -> None:
    share = fair_share(sizes, budget)
    used = sum(min(size, share) for size in sizes)
    assert used <= budget
    assert used == sum(sizes) or budget - used < len(sizes)


def test_as_many_items_as_fit_are_counted() -> None:
    assert fitting([{"a": "x" * 100}] * 50, 1_000) == 9
    assert fitting([], 10) == 0


def test_an_error_of_any_length_is_bounded_and_says_how_to_have_it() -> None:
    problem = LgError("why " * 100_000, hint="how " * 100_000)
    assert len(str(problem)) < 10_000
    assert "sys.last_value.message has all" in str(problem)
    assert problem.message == "why " * 100_000
    show_whole_tracebacks(True)
    try:
        assert len(json.dumps(problem._render_traceback_())) < 60_000
    finally:
        show_whole_tracebacks(False)

"""Recorded streams of every shape fold to the rows that a card and a terminal show, and so does each prefix of them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from lg_magics.model.events import Event, events_from_part
from lg_magics.model.kept_values import kept_from_writes
from lg_magics.model.run_info import CardStyle, RunInfo, ThreadInfo
from lg_magics.model.run_view import RunView, fold, settle, status_word, without_tasks
from lg_magics.views.card_text import card_text
from lg_magics.views.node import attributes_of, fits, nodes_in, text_in
from lg_magics.views.run_card import CardMaker, RunCard
from lg_magics.views.run_steps import CardStep, card_steps
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html

FIXTURES = Path(__file__).parents[1] / "stream_fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))


def parts(name: str) -> list[list[Any]]:
    found: list[list[Any]] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["parts"]
    return found


def events(name: str) -> list[Event]:
    return [event for part in parts(name) for event in events_from_part(*part)]


def folded(name: str) -> RunView:
    word = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["row"]["status"]
    view = reduce(fold, events(name), RunView())
    return settle(view, status_word(word, is_paused=view.is_paused))


def card(view: RunView, *, settled: bool = True, style: CardStyle = "rows") -> RunCard:
    maker = CardMaker(RunInfo("r1", "", ThreadInfo("t1", ""), "local", "graph", card=style))
    return maker.card(view, settled=settled, now=2e9)


def lines(name: str) -> list[str]:
    """The rows in a terminal: what stands between the head and the first empty line."""
    return card_text(card(folded(name))).partition("\n\n")[0].split("\n")[1:]


SHAPES = {
    "weather": [
        '  agent  weather_search(query="weather in San Francisco")',
        '  tools  weather_search → {"city": "San Francisco", "temp_c": 18, "temp_f": 64, "sky": "partly cloudy", '
        '"humidity": 59, "wind_kph": 19}',
        "  agent  It is 18°C (64°F) and partly cloudy in San Francisco now, with 59% humidity and a wind of 19 km/h.",
    ],
    "fails": ["  plan  wrote step", "  work  wrote step, messages", "  work (failed)"],
    "fails_tool": [
        '  ask  lookup(day="Friday")',
        "  tools  lookup failed no calendar for Friday …",
        "  answer  It did not work.",
    ],
    "fails_nested": ["  mail (failed)", "    write  wrote draft", "    fail (failed)"],
    "parallel": ["  left  wrote found", "  right  wrote found", "  choose  wrote best"],
    "fanned": ["  worker ×50  wrote found", "  choose  wrote best"],
    "functional": ['  functional  → {"sum": 14}', "  double  → 6", "  double  → 8"],
    "nested": ["  office (waiting)", "    letter (waiting)", "      write  wrote draft", "      review (waiting)"],
    "sub_agent": [
        '  model  task(agent="calendar", description="Friday?")',
        "  tools  task → The picnic is at noon.",
        '    calendar / model  find_events(day="Friday")',
        "    calendar / tools  find_events → Friday: picnic at noon …",
        "    calendar / model  The picnic is at noon.",
        "  model  Keep the picnic on Friday.",
    ],
    "deep_agent": [
        "  PatchToolCallsMiddleware.before_agent",
        '  model  write_todos(todos=[{"content": "ask the calendar", "status": "completed"}, {"content": "answer", '
        '"status": "in_progress"}])',
        "  TodoListMiddleware.after_model",
        "  tools  write_todos → Updated todo list to [{'content': 'ask the calendar', 'status': 'completed'}, "
        "{'content': 'answer', 'status': 'in_progress'}] · wrote todos",
        '  model  write_file(file_path="/notes.md", content="# Picnic\\nFriday")',
        "  TodoListMiddleware.after_model",
        "  tools  write_file → Updated file /notes.md · wrote files",
        '  model  task(description="What is on Friday?", subagent_type="calendar")',
        "  TodoListMiddleware.after_model",
        "  tools  task → The picnic is at noon.",
        "    calendar / PatchToolCallsMiddleware.before_agent",
        '    calendar / model  find_events(day="Friday")',
        "    calendar / tools  find_events → Friday: picnic at noon …",
        "    calendar / model  The picnic is at noon.",
        "  model  Keep the picnic on Friday.",
        "  TodoListMiddleware.after_model",
        "  _ParentNotifierMiddleware.after_agent",
    ],
    "updates_only": ["  plan  wrote step", "  work ×3  wrote step, messages"],
    "values": ["  do  wrote todos, files"],
    "cancelled": ["  plan  wrote step", "  work (cancelled)"],
    "cancelled_pending": [],
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_has_its_rows(name: str) -> None:
    assert lines(name) == SHAPES[name]


@pytest.mark.parametrize("name", NAMES)
def test_any_prefix_of_a_stream_gives_a_card(name: str) -> None:
    view = RunView()
    for event in events(name):
        view = fold(view, event)
        tree = run_tree(card(view, settled=False))
        assert fits(tree)
        assert sum(step.times for step in card_steps(view)) == view.step_number


@pytest.mark.parametrize("name", ["sub_agent", "deep_agent", "weather", "parallel", "nested", "fanned"])
def test_wherever_tasks_are_left_out_the_rows_that_ended_well_are_the_same(name: str) -> None:
    def done(view: RunView) -> list[tuple[tuple[str, ...], list[str]]]:
        return sorted((step.path, [str(each) for each in step.effects]) for step in view.steps if step.state == "done")

    whole, stream = done(folded(name)), parts(name)
    for cut in range(0, len(stream), 3):
        before = [event for part in stream[:cut] for event in events_from_part(*part)]
        view = without_tasks(reduce(fold, before, RunView()))
        rest = [event for part in stream[cut:] if not part[0].startswith("tasks") for event in events_from_part(*part)]
        ended = done(settle(reduce(fold, rest, view), "success"))
        assert [each for each in whole if each[1]] == [each for each in ended if each in whole and each[1]], cut


def bars(name: str) -> dict[str, CardStep]:
    return {row.name: row for row in card_steps(folded(name))}


def test_bars_of_parallel_nodes_overlap_and_the_next_one_is_behind_them() -> None:
    row = bars("parallel")
    assert row["left"].start == 0
    assert row["right"].start is not None
    assert row["right"].start < 5
    assert row["left"].width > 90
    assert row["choose"].start is not None
    assert row["choose"].start >= row["left"].width - 1


def test_a_row_inside_lies_within_the_bar_of_the_row_that_it_runs_in() -> None:
    rows = card_steps(folded("sub_agent"))
    outer = next(row for row in rows if row.name == "tools")
    for row in rows:
        if row.depth:
            assert outer.start is not None
            assert row.start is not None
            assert outer.start <= row.start <= row.start + row.width <= outer.start + outer.width + 0.2


def test_the_tokens_of_each_step_are_its_own_and_those_inside_count_for_the_run() -> None:
    view = folded("sub_agent")
    assert sum(row.usage.output for row in card_steps(view)) == view.usage.output == 76
    assert [row.usage.output for row in card_steps(view) if row.name.endswith("tools")] == [0, 0]


def test_what_a_sub_agent_says_is_shown_until_the_graph_itself_speaks() -> None:
    view, texts = RunView(), []
    for event in events("sub_agent"):
        view = fold(view, event)
        texts.append(view.text)
    assert "The picnic is at noon." in texts
    assert view.text == "Keep the picnic on Friday."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parallel", 'best: "right"'),
        ("fanned", 'best: "n9"'),
        ("functional", '{\n "sum": 14\n}'),
        ("sub_agent", ""),
        ("deep_agent", ""),
        ("values", ""),
        ("nested", ""),
        ("fails", ""),
        ("custom", ""),  # its nodes write messages
    ],
)
def test_a_result_that_is_no_conversation_is_shown_as_a_value(name: str, value: str) -> None:
    shown = card(folded(name))
    assert shown.view.value == value
    assert value in card_text(shown)
    pages = ["".join(text_in(each)) for each in nodes_in(run_tree(shown)) if each[0] == "pre"]
    assert [each for each in pages if each == value] == ([value] if value else [])


def test_of_a_conversation_a_structured_response_is_a_value() -> None:
    said = {"type": "ai", "content": "", "tool_calls": [{"name": "Plan", "args": {}, "id": "1"}]}
    writes = {"messages": [said], "structured_response": {"steps": ["a"]}, "calls": 3}
    kept = kept_from_writes(writes)
    assert (kept.result, kept.written) == ('{\n "steps": [\n  "a"\n ]\n}', "")
    assert kept_from_writes({"calls": 3}).then(kept_from_writes({"chat_history": [said], "calls": 3})).written == ""
    assert len(kept_from_writes({str(n): "x" * 10_000 for n in range(99)}).written) < 3_000


def test_the_todos_and_files_of_a_deep_agent_are_on_its_card() -> None:
    shown = card_text(card(folded("deep_agent")))
    assert "☑ ask the calendar\n☐ answer" in shown
    assert "files: /notes.md" in shown
    assert [row.usage.output > 0 for row in card_steps(folded("deep_agent")) if row.name == "calendar / model"] == [
        True,
        True,
    ]


def test_a_failed_tool_is_marked_and_counted() -> None:
    tree = run_tree(card(folded("fails_tool")))
    marked = [each for each in nodes_in(tree) if "lg-bad" in attributes_of(each).get("class", "")]
    assert [text_in(each) for each in marked] == ["failed"]
    summaries = [text_in(each) for each in nodes_in(tree) if each[0] == "summary"]
    assert summaries[0].startswith("3 steps · 1 tool call · 1 failed · ")


def test_a_live_row_asks_for_what_its_step_read_and_wrote_and_a_saved_one_does_not() -> None:
    view = folded("sub_agent")
    live = run_tree(card(replace(view, status="running", ended_at=None), settled=False))
    asked = [
        json.loads(attributes_of(each)["data-args"]) for each in nodes_in(live) if "data-lazy" in attributes_of(each)
    ]
    assert [each["place"] for each in asked] == [0, 1, 2, 3, 4, 5]
    assert "data-lazy" not in json.dumps(run_tree(card(view)))


def test_a_compact_card_has_the_chips_and_the_graphs_own_steps_alone() -> None:
    text = card_text(card(folded("sub_agent"), style="compact"))
    assert "  model → tools → model\n" in text
    tree = run_tree(card(folded("sub_agent"), style="compact"))
    assert "lg-trace" not in json.dumps(tree)
    assert "lg-steps" in json.dumps(tree)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_notebook_saves_of_a_card_is_at_most_20_kilobytes(name: str) -> None:
    shown = card(folded(name))
    assert len(json.dumps([saved_html(run_tree(shown)), card_text(shown)])) <= 20_000

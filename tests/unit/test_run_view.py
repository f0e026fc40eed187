"""Recorded streams of the real server fold to the views that a person should see."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial, reduce
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.events import Event, MessageStreamed, NodeEnded, NodeStarted, NodeUpdated, events_from_part
from lg_magics.model.run_steps import ends_with_failure, is_step_running
from lg_magics.model.run_view import STEPS, TEXT, RunView, fold, settle, status_word, without_tasks

FIXTURES = Path(__file__).parents[1] / "stream_fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))


def recorded(name: str) -> tuple[list[Event], str]:
    stream = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    events = [event for part in stream["parts"] for event in events_from_part(*part)]
    return events, stream["row"]["status"]


def folded(name: str) -> RunView:
    events, word = recorded(name)
    view = reduce(fold, events, RunView())
    return settle(view, status_word(word, is_paused=view.is_paused))


def steps(view: RunView) -> list[tuple[str, str]]:
    return [(step.node, step.state) for step in view.steps]


def test_a_successful_run_has_its_steps_its_answer_and_its_tokens() -> None:
    view = folded("todo")
    assert view.status == "success"
    assert steps(view) == [("task_mAIstro", "done"), ("update_todos", "done"), ("task_mAIstro", "done")]
    assert view.text.startswith("Your ToDo list is up to date: 'Call parents back about Thanksgiving plans'")
    assert (view.usage.input, view.usage.output) == (384, 142)
    assert all(step.seconds is not None and step.seconds >= 0 for step in view.steps)


def test_an_answer_in_content_blocks_is_read_and_the_tool_call_before_it_is_not_the_answer() -> None:
    view = folded("weather")
    assert (
        view.text
        == "It is 18°C (64°F) and partly cloudy in San Francisco now, with 59% humidity and a wind of 19 km/h."
    )
    assert view.text_node == "agent"


@pytest.mark.parametrize(("name", "questions"), [("asks_inbox", 1), ("asks_two", 2), ("breakpoint", 0)])
def test_a_run_that_the_server_calls_success_waits_when_the_graph_paused(name: str, questions: int) -> None:
    view = folded(name)
    assert view.status == "waiting"
    assert len(view.interrupts) == questions
    assert all(interrupt.node for interrupt in view.interrupts)


def test_a_failed_run_names_the_step_and_the_error() -> None:
    view = folded("fails")
    assert view.status == "error"
    assert steps(view)[-1] == ("work", "failed")
    assert (view.error, view.error_message) == ("ValueError", "asked to fail at step 2")


@pytest.mark.parametrize(
    ("name", "last"), [("cancelled", [("plan", "done"), ("work", "cancelled")]), ("cancelled_pending", [])]
)
def test_a_cancelled_run_is_cancelled_whether_it_had_begun_or_not(name: str, last: list[tuple[str, str]]) -> None:
    view = folded(name)
    assert view.status == "cancelled"
    assert steps(view) == last


def test_updates_alone_give_the_same_steps_with_times() -> None:
    view = folded("updates_only")
    assert steps(view) == [("plan", "done"), ("work", "done"), ("work", "done"), ("work", "done")]
    assert all(step.seconds is not None for step in view.steps)


def test_custom_events_are_counted() -> None:
    assert folded("custom").customs == 6


@pytest.mark.parametrize("name", NAMES)
def test_any_prefix_of_a_stream_folds(name: str) -> None:
    events, _ = recorded(name)
    view = RunView()
    for event in events:
        before, view = view, fold(view, event)
        assert view.step_number >= before.step_number
        assert view.status in ("pending", "running")
    for status in ("success", "error", "cancelled", "timeout", "rolled back", "deleted", "unknown", "waiting"):
        assert all(step.state != "running" for step in settle(view, status).steps)


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_step_is_not_doubled(name: str) -> None:
    events, _ = recorded(name)
    tasks = [event for event in events if type(event).__name__ in ("NodeStarted", "NodeEnded")]
    once = reduce(fold, tasks, RunView())
    assert steps(reduce(fold, tasks, once)) == steps(once)


def test_an_error_that_the_graph_got_over_is_no_error_of_the_run() -> None:
    events, _ = recorded("fails")
    view = settle(reduce(fold, events, RunView()), "success")
    assert view.error == ""


@pytest.mark.parametrize(
    ("handler", "beside"),
    [*itertools.product(["__error_handler__work", "__default_error_handler__"], [False, True]), ("later", False)],
)
def test_the_error_of_a_run_is_the_one_that_nothing_handled(handler: str, beside: bool) -> None:
    """Seen from `tasks` only: the stream of a run that was joined late may lack its `error`."""
    events: list[Event] = [NodeStarted(1, "1", "work")]
    events += [NodeStarted(1, "2", "beside")] if beside else []
    events += [NodeEnded(2, "1", "work", "ValueError", "handled"), NodeStarted(2, "3", handler)]
    handled = reduce(fold, events, RunView())
    assert not ends_with_failure(handled.steps)
    failed = fold(handled, NodeEnded(3, "3", handler, "KeyError", "not handled"))
    assert ends_with_failure(failed.steps)
    assert failed.whole_error == "KeyError: not handled"


def test_of_two_nodes_that_fail_side_by_side_the_first_gives_the_error() -> None:
    events: list[Event] = [NodeStarted(1, "1", "a"), NodeStarted(1, "2", "b")]
    events += [NodeEnded(2, "1", "a", "ValueError", "first"), NodeEnded(2, "2", "b", "KeyError", "next")]
    assert reduce(fold, events, RunView()).whole_error == "ValueError: first"


def test_a_long_text_is_kept_up_to_its_limit_and_counted_whole() -> None:
    piece = MessageStreamed(None, "m1", "agent", "x" * 150_000)
    view = fold(fold(RunView(), piece), piece)
    assert (len(view.text), view.text_length) == (TEXT, 300_000)


def test_messages_that_stream_side_by_side_keep_their_own_texts() -> None:
    def piece(message_id: str, text: str, **more: Any) -> Event:
        return MessageStreamed(None, message_id, f"node of {message_id}", text, **more)

    first = [piece("m1", "The weather in "), piece("m2", "I have "), piece("m1", "SF is ")]
    view = reduce(fold, first, RunView())
    assert (view.text, view.text_length, view.text_node) == ("The weather in SF is ", 21, "node of m1")
    view = reduce(fold, [piece("m2", "none."), NodeUpdated(None, "node of m1", message_id="m1")], view)
    assert (view.text, "m1" in view.side_texts) == ("I have none.", False)
    inner = [
        piece("i1", "in", namespace=("a",)),
        piece("i2", "out", namespace=("b",)),
        piece("i1", "side", namespace=("a",)),
    ]
    assert reduce(fold, inner, RunView()).text == "inside"
    assert dict(reduce(fold, [*inner, piece("m3", "Done.")], RunView()).side_texts) == {}


def test_few_texts_are_kept_beside_the_newest() -> None:
    many: list[Event] = [MessageStreamed(None, f"m{n}", "a", "x") for n in range(100)]
    view = reduce(fold, many, RunView())
    assert len(view.side_texts) == 8
    then: list[Event] = [NodeUpdated(None, "a", message_id="m99"), MessageStreamed(None, "m100", "a", "y")]
    assert "m99" not in reduce(fold, then, view).side_texts
    assert not settle(view, "success").side_texts


def test_many_steps_are_kept_up_to_their_limit_and_counted_whole() -> None:
    view = reduce(fold, [NodeUpdated(float(n), "work") for n in range(STEPS + 50)], RunView())
    assert (len(view.steps), view.steps_dropped, view.step_number) == (STEPS, 50, STEPS + 50)


def stream_of(steps: int, parallel: int) -> Iterator[tuple[str, Any]]:
    """So many steps one after the other, each with a token; then so many at once."""
    for number in range(steps):
        place = {"langgraph_node": "work", "langgraph_checkpoint_ns": f"work:s{number}", "langgraph_step": number}
        yield "tasks", {"id": f"s{number}", "name": "work", "input": {}, "triggers": []}
        yield "messages", [{"type": "AIMessageChunk", "id": f"m{number}", "content": "word "}, place]
        yield "tasks", {"id": f"s{number}", "name": "work", "error": None, "result": [["n", number]], "interrupts": []}
        yield "updates", {"work": {"n": number}}
    kinds: list[dict[str, Any]] = [{"input": {}}, {"error": None, "result": [["n", 1]], "interrupts": []}]
    for kind in kinds:
        for number in range(parallel):
            yield "tasks", {"id": f"p{number}", "name": "side", **kind}


def lines_of(do: Callable[[], RunView]) -> tuple[RunView, int]:
    """What a function returns, and how many lines of Python run for it: a measure of its work on any machine."""
    count = 0

    def counted(frame: FrameType, event: str, given: object) -> Any:
        nonlocal count
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        made = do()
    finally:
        sys.settrace(before)
    return made, count


def test_an_event_costs_little_after_300_steps_and_50_side_by_side() -> None:
    view, counts = RunView(), list[int]()
    for mode, data in stream_of(300, 50):
        events = events_from_part(mode, data, None)
        view, count = lines_of(partial(reduce, fold, events, view))
        counts.append(count)
    assert (len(view.steps), {step.superstep for step in view.steps[300:]}) == (350, {300})
    assert {step.state for step in view.steps} == {"done"}
    assert max(counts) <= 1.2 * max(counts[:40])  # those of the first ten steps


def test_after_the_stream_was_narrowed_an_update_ends_the_step_that_had_begun() -> None:
    events, _ = recorded("cancelled")
    view = reduce(fold, events, RunView())
    view = fold(RunView(steps=view.steps, status="running"), NodeUpdated(9e9, "work"))
    assert steps(view) == [("plan", "done"), ("work", "done")]


def test_a_step_runs_at_the_end_of_the_stream_of_a_cancelled_run_and_of_no_other() -> None:
    views = {name: (reduce(fold, events, RunView()), word) for name in NAMES for events, word in [recorded(name)]}
    running = {name for name, (view, _) in views.items() if is_step_running(without_tasks(view).steps)}
    paused = {name for name, (view, _) in views.items() if view.is_paused}
    assert {views[name][1] for name in running - paused} == {"interrupted"}


def test_a_step_whose_result_the_graph_had_cached_ends_with_its_update() -> None:
    view = fold(fold(RunView(), NodeStarted(1.0, "a", "work")), NodeUpdated(None, "work"))
    assert is_step_running(view.steps)
    assert not is_step_running(without_tasks(view).steps)


@pytest.mark.parametrize("name", ["todo", "weather", "custom", "fails"])
def test_wherever_the_stream_goes_on_without_tasks_the_steps_are_the_same(name: str) -> None:
    stream = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))["parts"]
    whole = steps(folded(name))
    for cut in range(len(stream)):
        events = [event for part in stream[:cut] for event in events_from_part(*part)]
        view = without_tasks(reduce(fold, events, RunView()))
        rest = [event for part in stream[cut:] if part[0] != "tasks" for event in events_from_part(*part)]
        view = settle(reduce(fold, rest, view), "success")
        ended_well = [step for step in whole if step[1] == "done"]
        assert [step for step in steps(view) if step[1] == "done"][: len(ended_well)] == ended_well, cut


def test_a_whole_message_replaces_its_pieces_and_its_tokens_count_once() -> None:
    from lg_magics.model.messages import Usage

    pieces = [MessageStreamed(None, "m1", "a", part, usage=Usage(5, 1)) for part in ("Hel", "lo")]
    whole = MessageStreamed(None, "m1", "a", "Hello.", whole=True, usage=Usage(10, 2))
    view = reduce(fold, [*pieces, whole], RunView())
    assert (view.text, view.usage) == ("Hello.", Usage(10, 2))


@pytest.mark.parametrize(
    ("word", "is_paused", "status"),
    [
        ("success", True, "waiting"),
        ("interrupted", True, "waiting"),
        ("interrupted", False, "cancelled"),
        ("timeout", False, "timeout"),
        ("error", True, "error"),
        ("paused by the moon", False, "unknown"),
    ],
)
def test_one_word_for_every_word_of_a_server(word: str, is_paused: bool, status: str) -> None:
    assert status_word(word, is_paused=is_paused) == status


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "error", "result", "interrupts", "content", "type", "value", "__interrupt__", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["metadata", "tasks", "updates", "messages", "custom", "error", "values", "updates|sub:1", "?"]
            ),
            ANY_JSON,
            st.none() | st.text(max_size=20) | st.just("1795198214867-0"),
        ),
        max_size=12,
    )
)
def test_whatever_a_server_sends_it_folds(parts: list[tuple[str, Any, str | None]]) -> None:
    view = RunView()
    for part in parts:
        for event in events_from_part(*part):
            view = fold(view, event)
    assert view.is_live


@pytest.mark.parametrize("message", ["execution failed", "ValidationError: execution failed"])
def test_an_errors_type_stands_once_before_its_text(message: str) -> None:
    """aegra sends the type in the message too."""
    assert RunView(error="ValidationError", error_message=message).whole_error == "ValidationError: execution failed"
    assert RunView(error="ValidationError").whole_error == "ValidationError"
    assert RunView().whole_error == ""

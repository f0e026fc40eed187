"""What can be said of a batch at one moment: one word, how fast, how long still; and of one run's result."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.batch import ALPHABET, STATUSES, BatchView, batch_id_from, output_of, tokens_of, tools_of
from lg_magics.views.batch_card import roughly


@pytest.mark.parametrize(
    ("counts", "more", "word"),
    [
        ({"not started": 2}, {"phase": "preparing"}, "preparing"),
        ({"live": 2, "error": 1}, {"phase": "running"}, "running"),
        ({"success": 2}, {}, "success"),
        ({"success": 2, "waiting": 1}, {}, "waiting"),
        ({"success": 2, "waiting": 1, "error": 1}, {}, "error"),
        ({"timeout": 1}, {}, "error"),
        ({"success": 1, "cancelled": 1}, {}, "cancelled"),
        ({"success": 1, "not started": 1}, {"is_cancelled": True}, "cancelled"),
        ({"error": 1, "not started": 1}, {}, "stopped"),
    ],
)
def test_one_word_says_what_matters_most(counts: Any, more: dict[str, Any], word: str) -> None:
    assert BatchView(counts, **{"phase": "ended", **more}).status == word


def running(**more: Any) -> BatchView:
    counts: Any = {"success": 20, "live": 10, "not started": 70}
    return BatchView(**{"counts": counts, "phase": "running", "began_at": 100.0, "ended_here": 20, **more})


def test_the_rate_is_of_what_ended_here_and_the_rest_takes_as_long_at_that_rate() -> None:
    view = running()
    assert (view.total, view.ended, view.rate(110.0), view.seconds_left(110.0)) == (100, 20, 2.0, 40.0)
    attached = running(ended_here=5)
    assert (attached.rate(110.0), attached.seconds_left(110.0)) == (0.5, 160.0)


@pytest.mark.parametrize(
    "view",
    [running(ended_here=0), running(began_at=None), running(phase="ended", ended_at=110.0), running(is_cancelled=True)],
)
def test_where_there_is_no_rate_or_nothing_to_come_no_time_is_made_up(view: BatchView) -> None:
    assert view.seconds_left(110.0) is None


def test_the_time_stands_still_when_all_is_over() -> None:
    assert running(phase="ended", ended_at=105.0).elapsed(999.0) == 5.0
    assert running().elapsed(99.0) == 0.0


counts = st.dictionaries(st.sampled_from(STATUSES), st.integers(1, 100_000), min_size=1)


@given(st.integers(0, 2**64))
def test_an_id_can_be_read_and_typed(number: int) -> None:
    found = batch_id_from(number)
    assert len(found) == 9
    assert set(found) <= {*ALPHABET, "-"}


@given(st.floats(0, 1e6))
def test_a_guess_never_says_more_than_it_knows(seconds: float) -> None:
    assert roughly(seconds) != "about 60 s"
    assert roughly(seconds).startswith(("a few", "about"))


AI = {
    "type": "ai",
    "content": [{"type": "text", "text": "sunny"}],
    "usage_metadata": {"input_tokens": 10, "output_tokens": 4},
}
HUMAN = {"type": "human", "content": "hi"}


def test_the_output_is_the_last_words_of_a_model_or_the_values() -> None:
    assert output_of({"messages": [HUMAN, AI, {"type": "tool", "content": "x"}]}) == "sunny"
    others: tuple[object, ...] = ({"messages": [HUMAN]}, {"messages": []}, {"step": 1}, [1], None)
    for values in others:
        assert output_of(values) is values


def test_the_output_is_no_message_that_was_sent_or_there_before() -> None:
    values = {"messages": [HUMAN, AI, HUMAN], "route": "billing"}
    assert output_of(values, values) is values
    assert output_of(values, {"messages": [HUMAN]}, {"messages": [HUMAN, AI]}) is values
    assert output_of({"messages": [AI, HUMAN, AI]}, {"messages": [AI, HUMAN]}) == "sunny"


def test_tokens_are_counted_without_those_of_what_was_sent() -> None:
    assert tokens_of({"messages": [AI, HUMAN, AI]}, {"messages": [AI, HUMAN]}) == 14
    assert tokens_of({"messages": [HUMAN]}, {"messages": [HUMAN]}) is None
    assert tokens_of({"step": 1}, {"step": 1}) is None


def test_what_a_graph_removed_of_the_conversation_is_not_taken_off_what_it_did() -> None:
    call = {"name": "f", "args": {}, "id": "1"}
    before = [{**AI, "id": "a"}, {**AI, "id": "b", "tool_calls": [call]}]
    after = [before[1], HUMAN, {**AI, "id": "c", "tool_calls": [call]}]
    assert tokens_of({"messages": after}, {"messages": [HUMAN]}, {"messages": before}) == 14
    assert tools_of({"messages": after}, {"messages": [HUMAN]}, {"messages": before}) == ("f",)

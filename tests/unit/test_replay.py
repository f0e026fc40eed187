"""A stream tells each part once, wherever it is dropped and whatever a join delivers twice."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.follow.replay import ASKS, TASKS, Replay, TaskBytes

Part = tuple[str, object, str | None]


class Join(NamedTuple):
    """One connection, in counts of parts: stored before it subscribed, meanwhile, afterwards; and where it was cut off."""

    before: int
    meanwhile: int
    after: int
    cut: int


# Ids have the grain of a millisecond: neighbours may share one, and be equal in all else.
STREAM = st.lists(
    st.tuples(st.sampled_from(["tasks", "updates", "messages"]), st.integers(0, 2), st.booleans()), max_size=30
).map(
    lambda marks: [
        (event, {"text": text}, f"{1795198214000 + sum(later for *_, later in marks[: n + 1])}-0")
        for n, (event, text, _) in enumerate(marks)
    ]
)
JOINS = st.lists(
    st.builds(Join, st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 60)), max_size=8
)


def sent(stream: list[Part], known: int, join: Join) -> list[Part]:
    """What the server delivers on one connection: what was known came before it."""
    k = min(len(stream), known + join.before)
    n = min(len(stream), k + join.meanwhile)
    return [*stream[:n], *stream[k:n], *stream[n : n + join.after]][: join.cut]


class Reader:
    """Reads connections as the follower does: when unsure it joins again."""

    def __init__(self) -> None:
        self.replay = Replay()
        self.message: list[Part] = []
        self.questions = 0

    @property
    def trusts(self) -> bool:
        """Whether it still asks: the stream has not repeated itself within one millisecond so often."""
        return self.replay._needless < ASKS

    def read(self, parts: list[Part], *, without: str = "") -> bool:
        """Whether it came to the end."""
        self.replay.restart(without=without)
        for part in parts:
            place = self.replay.place(*part)
            if place == "unsure":
                self.questions += 1
                return False
            if place == "new":
                self.message.append(part)
        return True

    def read_to_the_end(self, stream: list[Part]) -> None:
        """The run is over: the server replays all and says no more."""
        while not self.read(stream):
            assert self.questions < 100


@given(STREAM, JOINS)
def test_wherever_it_is_dropped_and_whatever_comes_twice_every_part_is_reported_once_and_in_order(
    stream: list[Part], joins: list[Join]
) -> None:
    reader = Reader()
    for join in joins:
        reader.read(sent(stream, len(reader.message), join))
    reader.read_to_the_end(stream)
    if reader.trusts:
        assert reader.message == stream


@given(STREAM, JOINS, st.integers(0, 8))
def test_a_stream_that_goes_on_without_one_mode_tells_the_rest_once(
    stream: list[Part], joins: list[Join], narrowed_at: int
) -> None:
    reader = Reader()
    for join in joins[:narrowed_at]:
        reader.read(sent(stream, len(reader.message), join))
    read = len(reader.message)
    rest = [part for part in stream if part[0] != "tasks"]
    whole = [*stream[:read], *(part for part in stream[read:] if part[0] != "tasks")]
    reader.read([], without="tasks")
    for join in joins[narrowed_at:]:
        reader.read(sent(rest, sum(part[0] != "tasks" for part in reader.message), join))
    reader.read_to_the_end(rest)
    if reader.trusts:
        assert reader.message == whole


@given(st.lists(st.integers(0, 3), max_size=30), JOINS)
def test_parts_of_one_content_are_never_confused_while_each_has_an_id_of_its_own(
    gaps: list[int], joins: list[Join]
) -> None:
    stream: list[Part] = [("custom", "tick", f"{1795198214000 + n}-{gap}") for n, gap in enumerate(gaps)]
    reader = Reader()
    for join in joins:
        reader.read(sent(stream, len(reader.message), join))
    reader.read_to_the_end(stream)
    assert reader.message == stream


TICK: Part = ("custom", "tick", "1795198214000-0")
TOCK: Part = ("custom", "tock", "1795198214000-0")


def test_what_a_join_delivers_twice_over_some_milliseconds_is_passed_over_without_a_question() -> None:
    stream: list[Part] = [("messages", n, f"{1795198214000 + n // 3}-0") for n in range(30)]
    reader = Reader()
    assert reader.read([*stream[:20], *stream[11:20], *stream[20:]])
    assert reader.message == stream


def test_what_a_join_delivers_twice_within_one_millisecond_is_asked_about_and_not_reported_again() -> None:
    reader = Reader()
    assert not reader.read([TICK, TOCK, TOCK])
    reader.read([TICK, TOCK])
    assert reader.message == [TICK, TOCK]


def test_two_equal_parts_of_one_millisecond_are_both_told() -> None:
    reader = Reader()
    reader.read_to_the_end([TICK, TICK, TOCK])
    assert reader.message == [TICK, TICK, TOCK]


def test_a_graph_that_repeats_itself_is_not_asked_about_for_ever() -> None:
    reader = Reader()
    reader.read_to_the_end([TICK] * 1000)
    assert reader.message == [TICK] * 1000
    assert reader.questions == ASKS


def test_a_stream_whose_beginning_the_server_has_forgotten_goes_on_where_it_was() -> None:
    stream: list[Part] = [("updates", n, f"{1795198214000 + n}-0") for n in range(10)]
    reader = Reader()
    reader.read(stream[:6])
    reader.read(stream[4:])
    assert reader.message == stream


def test_a_server_whose_clock_is_set_back_loses_nothing() -> None:
    stream: list[Part] = [("updates", n, f"{1795198214000 + n * 7 % 10}-0") for n in range(10)]
    reader = Reader()
    reader.read(stream[:6])
    reader.read(stream)
    assert reader.message[:6] == stream[:6]
    assert reader.message == stream


@pytest.mark.parametrize(
    ("part", "times"), [(("updates", 1, None), 2), (("error", {"error": "ValueError"}, "1795198214000-0"), 1)]
)
def test_a_part_without_an_id_is_always_new_and_the_error_of_a_run_once(part: Part, times: int) -> None:
    reader = Reader()
    reader.read([part, TICK])
    reader.read([TICK, part])
    assert reader.message.count(part) == times
    assert reader.message.count(TICK) == 1
    assert reader.replay.has_error is (part[0] == "error")
    assert reader.replay.has_output


def test_a_small_task_is_not_counted_with_what_came_in_the_same_read() -> None:
    count, read = TaskBytes(), 3 * TASKS
    parts = [("tasks", {"id": "1"}), *[("messages", "x" * 300)] * 300, ("tasks|a:1", {"id": "1", "result": {}})]
    assert not any(count.too_many_with(event, data, read) for event, data in parts)


@pytest.mark.parametrize("reads", [[40_000] * 40, [1_000 * n for n in range(1, 41)]], ids=["in one", "one by one"])
def test_large_tasks_are_too_many_in_whatever_reads_they_come(reads: list[int]) -> None:
    count = TaskBytes()
    found = [count.too_many_with("tasks", {"text": "é" * 500}, read) for read in reads]
    assert found.index(True) == TASKS // 1011
    count.join()
    assert not count.too_many_with("messages", "x", 5 * 40_000)

"""A replayed stream tells each part once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lg_magics.follow.replay import Replay

# Ids have the grain of a millisecond: neighbours may share one.
STREAM = st.lists(st.tuples(st.sampled_from(["tasks", "updates", "messages"]), st.booleans()), max_size=40).map(
    lambda marks: [
        (event, f"{1795198214000 + sum(later for _, later in marks[: n + 1])}-0") for n, (event, _) in enumerate(marks)
    ]
)


@given(STREAM, st.lists(st.integers(0, 40), max_size=5))
def test_whatever_is_dropped_every_part_is_told_once_and_in_order(
    stream: list[tuple[str, str]], drops: list[int]
) -> None:
    replay, told = Replay(), []
    for read in [*drops, len(stream)]:
        told += [part for part in stream[:read] if replay.is_new(*part)]
        replay.restart()
    assert told == stream


@given(STREAM, st.integers(0, 40))
def test_a_stream_that_goes_on_without_one_mode_tells_the_rest_once(stream: list[tuple[str, str]], read: int) -> None:
    replay = Replay()
    told = [part for part in stream[:read] if replay.is_new(*part)]
    replay.restart(without="tasks")
    told += [part for part in stream if part[0] != "tasks" and replay.is_new(*part)]
    assert told == [*stream[:read], *(part for part in stream[read:] if part[0] != "tasks")]


def test_a_replay_whose_beginning_the_server_has_forgotten_is_laid_at_the_first_part_that_both_know() -> None:
    stream = [("updates", f"{1795198214000 + n}-0") for n in range(10)]
    replay = Replay()
    assert all(replay.is_new(*part) for part in stream[:6])
    replay.restart()
    assert [part for part in stream[4:] if replay.is_new(*part)] == stream[6:]


def test_a_replay_that_has_nothing_in_common_is_all_new() -> None:
    replay = Replay()
    assert replay.is_new("updates", "1795198214000-0")
    replay.restart()
    assert replay.is_new("updates", "1795198215000-0")


def test_parts_without_an_id_are_always_new() -> None:
    replay = Replay()
    assert replay.is_new("updates", None)
    replay.restart()
    assert replay.is_new("updates", None)

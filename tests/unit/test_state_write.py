"""Which message of a state a reference names, and what a write left of the messages, the keys and the next nodes."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.errors import CommandError, UnknownReference
from lg_magics.model.state_write import Rewritten, dropped_keys, next_warning, rewritten_message


def talk(*ids: str | None) -> dict[str, Any]:
    return {"messages": [{"type": "human", "content": f"said {each}", "id": each} for each in ids]}


def rewritten(reference: str, *ids: str | None) -> Rewritten:
    return rewritten_message(talk(*ids), reference, "new", "at that checkpoint of t1")


@pytest.mark.parametrize(
    ("reference", "ids", "place"),
    [
        ("1", ("1", "2", "3"), 0),  # an id of digits is an id
        ("3", ("1", "2", "3"), 2),
        ("m1", ("m1", "m10"), 0),  # a whole id is not a part of another
        ("m 1 ", ("m 1 ", "m 2"), 0),
        ("10", ("m1", "m10"), None),  # digits that are no id are a place
        ("0", (None, "a"), None),  # without an id, it cannot be replaced
        ("1", (None, "a"), 1),  # a place counts all messages
        ("-1", ("a", "b", None, "c"), 3),
        ("-4", ("a", "b", None, "c"), 0),
        ("7af", ("lc-7af3", "lc-8b"), 0),
        ("lc", ("lc-7af3", "lc-8b"), None),
        ("4", ("a", "b", None, "c"), None),
    ],
)
def test_a_message_is_named_by_its_id_then_its_place_then_a_part_of_its_id(
    reference: str, ids: tuple[str | None, ...], place: int | None
) -> None:
    if place is None:
        with pytest.raises((UnknownReference, CommandError), match="at that checkpoint of t1"):
            rewritten(reference, *ids)
    else:
        found = rewritten(reference, *ids)
        assert (found.place, found.message["id"]) == (place, ids[place])
        assert found.values == {"messages": [{"type": "human", "content": "new", "id": ids[place]}]}


def test_a_message_without_an_id_is_refused_with_what_writes_other_values() -> None:
    with pytest.raises(CommandError, match=r"Message 0 .* has no id: .* --values \$values writes other values"):
        rewritten("0", None, "a")


def test_a_message_that_was_appended_or_moved_is_not_rewritten() -> None:
    wanted = rewritten("0", "a", "b")
    assert wanted.problem(talk("a", "b")) == ""
    for left, count in ((talk("a", "b", "a"), 3), (talk("a"), 1), ({}, 0), (None, 0)):
        assert f"the number of messages was 2, and is {count} now" in wanted.problem(left)
    assert "another is in its place now" in wanted.problem(talk("b", "a"))


def test_a_write_that_changes_what_runs_next_is_reported() -> None:
    assert next_warning(["a", "b"], ["b", "a"]) == ""
    assert next_warning(["hold"], []).startswith("Before this write, hold would run next; now nothing would.")
    assert next_warning([], ["w"] * 3).startswith("Before this write, nothing would run next; now w ×3 would.")
    assert "a, b, c, d, e and 2 more would" in next_warning([], list("abcdefg"))


def test_a_key_is_dropped_only_if_the_state_has_it_neither_before_nor_after() -> None:
    assert dropped_keys({"x": 1}, {"n": 1}, {"n": 1, "x": 1}) == ""
    assert dropped_keys({"n": 1}, {"n": 1}, {}) == ""
    assert dropped_keys({"x": 1, "zzz": 2}, {"n": 1}, {"n": 1, "x": 1}).startswith("The state has no zzz now")
    assert dropped_keys([1], {}, {}) == dropped_keys({"x": 1}, 5, 5) == ""

"""Flat history becomes a tree, and a history keeps what each step changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from later_states import apply

from lg_magics.model.checkpoints import Checkpoint, branches, checkpoint_from_payload, lanes
from lg_magics.model.history import HistoryBuilder


@st.composite
def trees(draw: st.DrawFn) -> list[Checkpoint]:
    """Any relation to earlier parents, to unknown ones and to none; newest first, as the server sends it."""
    count = draw(st.integers(0, 12))
    made = []
    for n in range(count):
        parent = draw(st.sampled_from(["", "0-unknown", *(f"{k:03d}" for k in range(n))]))
        made.append(Checkpoint(f"{n:03d}", parent))
    return made[::-1]


@given(trees())
def test_every_checkpoint_has_a_branch_and_each_branch_is_one_line_of_descent(tree: list[Checkpoint]) -> None:
    named = branches(tree)
    assert set(named) >= {each.id for each in tree}
    for name in set(named.values()):
        members = [each for each in tree if named[each.id] == name]
        inside = {each.id for each in members}
        assert sum(each.parent_id not in inside for each in members) == 1
        assert len({each.parent_id for each in members}) == len(members)


def test_parts_of_one_branch_that_were_read_apart_become_one() -> None:
    line = [Checkpoint(f"{n:03d}", f"{n - 1:03d}" if n else "") for n in range(9)][::-1]
    read_first = branches(line[6:])
    read_apart = branches(line[:3], read_first)
    assert set(read_apart.values()) == {"b1", "b2"}
    assert set(branches(line, read_apart).values()) == {"b1"}


def test_a_new_branch_never_gets_a_name_that_is_in_use() -> None:
    tree = [Checkpoint("3", "1"), Checkpoint("2", "1"), Checkpoint("1")]
    assert branches(tree, {"1": "b1", "2": "b3"}) == {"1": "b1", "2": "b1", "3": "b4"}


@given(trees(), st.integers(0, 12))
def test_branches_that_were_named_keep_their_names(tree: list[Checkpoint], seen: int) -> None:
    first = branches(tree[:seen])
    after = branches(tree, first)
    assert {key: after[key] for key in first} == first
    assert len(set(after.values())) == len(set(branches(tree).values()))


@given(trees())
def test_the_picture_has_a_line_for_each_checkpoint_with_one_dot(tree: list[Checkpoint]) -> None:
    picture = lanes(tree, branches(tree))
    assert len(picture) == len(tree)
    assert all(line.count("●") == 1 for line in picture)


def test_a_fork_is_drawn_from_where_it_left() -> None:
    tree = [Checkpoint("5", "4"), Checkpoint("4", "2"), Checkpoint("3", "2"), Checkpoint("2", "1"), Checkpoint("1")]
    named = branches(tree)
    assert [named[each.id] for each in tree] == ["b2", "b2", "b1", "b1", "b1"]
    assert lanes(tree, named) == ["  ●", "  ●", "● │", "●─┘", "●"]


@pytest.mark.parametrize(
    "payload", [{}, {"checkpoint": None}, {"metadata": 3, "next": None, "checkpoint": {"checkpoint_id": None}}]
)
def test_an_entry_without_the_usual_keys_is_read(payload: dict[str, Any]) -> None:
    assert checkpoint_from_payload(payload).id == ""


def entry(identity: str, parent: str, values: Any, **more: Any) -> dict[str, Any]:
    return {
        "checkpoint": {"checkpoint_id": identity},
        "parent_checkpoint": {"checkpoint_id": parent} if parent else None,
        "values": values,
        "metadata": {"step": int(identity), "source": more.pop("source", "loop")},
        **more,
    }


def human(identity: str, text: str) -> dict[str, str]:
    return {"type": "human", "id": identity, "content": text}


def test_each_step_keeps_what_it_changed_and_names_the_nodes_that_ran() -> None:
    one, two = human("1", "a"), human("2", "b")
    builder = HistoryBuilder()
    for payload in (
        entry("4", "2", {"messages": [{**one, "content": "z"}]}, source="update", next=["agent"]),
        entry("3", "2", {"messages": [one, two]}, next=[]),
        entry("2", "1", {"messages": [one]}, next=["agent"]),
        entry("1", "", {"messages": []}, source="input", next=["__start__"]),
    ):
        builder.add(payload)
    words = [(step.changes.words if step.changes else None, step.checkpoint.nodes) for step in builder.steps]
    assert words == [
        ("1 rewritten", ()),
        ("+1 human message", ("agent",)),
        ("+1 human message", ("__start__",)),
        ("messages", ()),
    ]


def test_a_step_whose_parent_was_not_fetched_says_so() -> None:
    builder = HistoryBuilder()
    builder.add(entry("3", "2", {"messages": []}))
    assert builder.steps[0].changes is None


def test_no_snapshot_is_kept() -> None:
    builder = HistoryBuilder()
    ballast = ["x" * 1000] * 1000
    for n in range(50, 0, -1):
        builder.add(entry(str(n), str(n - 1) if n > 1 else "", {"ballast": [*ballast, str(n)], "messages": []}))
    kept = [change.after for step in builder.steps for change in (step.changes.keys if step.changes else ())]
    assert set(map(type, kept)) == {str}
    assert builder._waiting == {}


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), min_size=1, max_size=6))
def test_conversations_can_be_rebuilt_from_the_steps(texts: list[list[str]]) -> None:
    states = [{"messages": [human(str(n), text) for n, text in enumerate(talk)]} for talk in texts]
    builder = HistoryBuilder()
    for n in range(len(states), 0, -1):
        builder.add(entry(str(n), str(n - 1) if n > 1 else "", states[n - 1]))
    state: Any = {"messages": []}
    for step, expected in zip(reversed(builder.steps), states, strict=True):
        assert step.changes is not None
        messages_only = type(step.changes)(step.changes.messages)
        state = apply(state, messages_only)
        assert state["messages"] == expected["messages"]

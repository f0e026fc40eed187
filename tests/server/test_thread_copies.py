"""A copy of a thread on another deployment runs on as the thread would; where it cannot, the warning states how they differ."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from lg_magics.commands import people, runs, state, threads
from lg_magics.errors import NotFound
from lg_magics.session import Session

from .lines import typed


def copied(session: Session) -> tuple[str, str]:
    """A copy of the current thread, by the way that another deployment is reached: its id, and the warning."""
    done = typed(session, "thread copy", f"--to {session.connection.url.replace('127.0.0.1', 'localhost')}")
    return done["thread_id"], done.warning


def same(session: Session, thread_id: str) -> bool:
    here, there = state.state(session), state.state(session, thread=thread_id)
    return (here.values, here.next) == (there.values, there.next)


def ran(session: Session, graph: str, given: dict[str, Any]) -> None:
    runs.run(session, input=given, assistant=graph, thread="new", card=False).wait()


def test_a_copy_waits_for_the_node_that_a_command_named_and_asks_again(forking: Session) -> None:
    ran(forking, "goes", {"n": 5})
    there, warning = copied(forking)
    assert (same(forking, there), warning) == (True, "")
    again = runs.run(forking, thread=there).wait()
    assert [each.question for each in again.interrupts] == ["How many?"]
    assert people.resume(forking, "7", thread=there).wait().result == {"n": 7, "log": ["first"]}


def test_a_copy_that_waits_at_an_edge_runs_its_node_once(forking: Session) -> None:
    ran(forking, "counts", {"n": 5})
    state.fork(forking, "step:1")
    there, warning = copied(forking)
    assert (same(forking, there), warning) == (True, "")
    assert runs.run(forking, thread=there).wait().result == {"n": 6, "log": ["adds", "ends"]}


@pytest.mark.parametrize(
    "line", ["step:2", "step:1", "--run --wait step:1", "--run --wait step:0", "--run --wait step:-1"]
)
def test_a_copy_of_a_forked_thread_has_each_write_once(line: str, forking: Session) -> None:
    ran(forking, "ends_fanned", {"n": 5})
    typed(forking, "fork", line)
    there, warning = copied(forking)
    assert (same(forking, there), warning) == (True, "")


def test_a_warning_states_how_a_copy_differs(forking: Session) -> None:
    ran(forking, "joined", {"n": 5})
    assert copied(forking)[1] == (
        "The values of the copy differ: the history names no node for values that were written by hand, and for a node "
        "behind an edge from several nodes, so these were not copied."
    )
    ran(forking, "goes", {"n": 5})
    state.update(forking, {"n": 9}, as_node="first")
    assert "The values of the copy differ" in copied(forking)[1]
    ran(forking, "counts", {"n": 5})
    state.fork(forking, "step:-1")
    assert copied(forking)[1] == "Next on the thread is __start__, and on the copy adds."


def test_a_conversation_under_another_key_is_compared_without_the_ids_that_servers_give(forking: Session) -> None:
    for graph, key in (("talks", "talk"), ("echoes", "messages")):
        ran(forking, graph, {key: [{"type": "human", "content": "hi"}]})
        assert copied(forking)[1] == ""


def test_a_history_may_have_commands_in_place_of_values(forking: Session) -> None:
    steps = [
        {"updates": [{"values": {"n": 1}, "as_node": "__start__"}]},
        {"updates": [{"command": {"goto": "asks"}, "as_node": "first"}]},
    ]
    typed(forking, "thread new", "--graph goes --supersteps $steps", steps=steps)
    assert state.state(forking).next == ("asks",)


def test_a_copy_of_a_thread_that_is_gone_is_refused_as_such(forking: Session) -> None:
    ran(forking, "counts", {"n": 5})
    number = forking.selection.thread.number if forking.selection.thread else ""
    threads.delete(forking)
    with pytest.raises(NotFound, match=rf"No thread {number} .* %lg_threads lists them"):
        threads.copy(forking, number)
    with pytest.raises(NotFound):
        threads.copy(forking, str(uuid.uuid4()))

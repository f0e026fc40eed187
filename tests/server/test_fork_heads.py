"""A fork without a change makes a head that is that checkpoint; a write reports what it changes of the nodes that run next."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from lg_magics import local
from lg_magics.actions.history import fork_at
from lg_magics.commands import deployment, people, runs, state, threads
from lg_magics.errors import CommandError, DeploymentError, LgError, RunFailed, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .lacking import lacking_server
from .lines import typed

INPUTS: dict[str, Any] = {
    "counts": {"n": 5, "x": "in"},
    "goes": {"n": 5},
    "ends_fanned": {"n": 5},
    "joined": {"n": 5},
    "doubles": {"n": 4},
    "echoes": {"messages": [{"type": "human", "content": "hi", "id": "h"}]},
    "shop": {"messages": [{"type": "human", "content": "buy", "id": "h"}]},
}


def ran(session: Session, graph: str, given: Any = None) -> Run:
    return runs.run(session, input=given or INPUTS[graph], assistant=graph, thread="new", card=False).wait()


@pytest.mark.parametrize("graph", INPUTS)
def test_the_head_of_a_fork_has_the_values_and_the_next_nodes_of_its_checkpoint(graph: str, forking: Session) -> None:
    ran(forking, graph)
    for step in state.history(forking, all=True):
        base = state.state(forking, step.checkpoint.id)
        said = state.fork(forking, step.checkpoint.id)
        head = state.state(forking)
        assert (head.values, head.next) == (base.values, base.next)
        assert (said.warning, head.checkpoint_id != base.checkpoint_id) == ("", True)


def test_a_run_goes_on_from_the_head_of_a_fork_as_it_did_from_its_checkpoint(forking: Session) -> None:
    ran(forking, "counts")
    for reference in ("step:-1", "b1:1"):
        state.fork(forking, reference)
        assert runs.run(forking, wait=True).result == {"n": 6, "x": "in", "log": ["adds", "ends"]}


def test_a_thread_that_waits_asks_again_after_a_fork_where_it_waits(forking: Session) -> None:
    ran(forking, "goes")
    said = state.fork(forking, "step:1")
    assert (said.data["step"], said.data["next"]) == (2, ["asks"])
    again = runs.run(forking, wait=True)
    assert [each.question for each in again.interrupts] == ["How many?"]
    assert people.resume(forking, "7").wait().result == {"n": 7, "log": ["first"]}
    rows = state.history(forking, all=True).df
    assert list(rows["branch"]) == ["b2", "b2", "b1", "b1", "b1"]
    assert list(rows["step"]) == [3, 2, 1, 0, -1]
    assert list(rows["source"]) == ["loop", "fork", "loop", "loop", "input"]
    assert list(rows["change"])[1:3] == ["log", "log"]


def test_a_step_that_a_fork_left_is_named_on_its_own_branch(forking: Session) -> None:
    ran(forking, "counts")
    state.fork(forking, "step:1")
    with pytest.raises(
        UnknownReference, match=r"No step 1 on the current branch of t1 .* b1:1 names one on another branch"
    ):
        state.fork(forking, "step:1")
    assert state.fork(forking, "b1:1").data["next"] == ["ends"]
    with pytest.raises(UnknownReference, match=r"No step 9 on b2 of t1 .*\. %lg_history --all lists them"):
        state.fork(forking, "b2:9")


# -- rewritten messages ---------------------------------------------------------------------------------------------


def asked(session: Session, graph: str, *ids: str) -> None:
    """A thread with a question of each id, and its answer."""
    for number, identity in enumerate(ids):
        given = {"messages": [{"type": "human", "content": f"question {identity}", "id": identity}]}
        runs.run(session, input=given, assistant=graph, thread=None if number else "new", card=False).wait()


def texts(session: Session) -> list[str]:
    return [each.text for each in state.messages(session)]


@pytest.mark.parametrize("run", ["", "--run --wait "])
def test_a_message_is_rewritten_by_an_id_of_digits_or_one_that_is_a_part_of_another(run: str, forking: Session) -> None:
    asked(forking, "echoes", "1", "11", "2")
    typed(forking, "fork", f"{run}--message 2 step:6 new")
    assert texts(forking)[:5] == ["question 1", "echo question 1", "question 11", "echo question 11", "new"]
    typed(forking, "fork", f"{run}--message 1 b1:6 new")
    assert texts(forking)[:3] == ["new", "echo question 1", "question 11"]


def test_the_page_rewrites_the_message_of_its_row(forking: Session) -> None:
    asked(forking, "echoes", "1", "2", "3")
    opened = state.history(forking, all=True)
    row = next(each for each in opened if each.checkpoint.step == 6)
    assert fork_at(forking, opened, row.checkpoint.id, message="3", text="new").endswith("the old branch stays.")
    assert texts(forking)[4:] == ["new"]


def test_a_message_that_the_graph_appends_is_not_reported_as_rewritten(forking: Session) -> None:
    asked(forking, "appends", "a", "b")
    opened = state.history(forking, all=True)
    said = "Message 0 was not rewritten: the number of messages was 1, and is 2 now. Only a reducer"
    assert said in typed(forking, "fork", "--message 0 step:0 new").warning
    assert said in fork_at(forking, opened, opened[-2].checkpoint.id, message="a", text="new")
    count = len(runs.runs(forking))
    with pytest.raises(LgError, match=rf"Nothing was run\. {said}"):
        typed(forking, "fork", "--run --message a b1:0 new")
    assert len(runs.runs(forking)) == count
    runs.run(
        forking, input={"messages": [{"type": "human", "content": "hi"}]}, assistant="appends", thread="new"
    ).wait()
    with pytest.raises(CommandError, match="has no id"):
        typed(forking, "fork", "--message 0 step:0 new")


# -- what runs next after a write ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("state update", '{"n": 9}'),
        ("state update", '{"n": 9} --at step:1'),
        ("fork", '--values {"n": 9} step:1'),
    ],
)
def test_a_write_that_loses_what_would_run_next_is_reported(command: str, line: str, forking: Session) -> None:
    ran(forking, "goes")
    said = typed(forking, command, line)
    assert said.warning == "Before this write, asks would run next; now nothing would. --as-node NODE decides that."
    with pytest.raises(LgError, match=r"Nothing was run\. Before this write, asks would run next"):
        typed(forking, "fork", '--run --values {"n": 9} b1:1')
    assert typed(forking, "fork", '--values {"n": 9} b1:0').warning == ""


def test_a_write_that_starts_old_work_again_is_reported(forking: Session) -> None:
    ran(forking, "ends_fanned")
    moved = "Before this write, nothing would run next; now worker ×3 would. --as-node NODE decides that."
    assert state.update(forking, {"n": 9}).warning == moved
    assert typed(forking, "fork", '--run --values {"n": 9} step:2').wait().info.choice.endswith(moved)
    assert state.update(forking, {"n": 9}, as_node="worker").warning == ""
    threads.new(forking, graph="counts")
    assert state.update(forking, {"n": 9}).warning == ""


@pytest.mark.parametrize(
    ("graph", "command", "line"),
    [
        ("shop", "fork", '--values {"messages": []} step:2'),
        ("shop", "fork", "--message 0 step:2 sell"),
        ("shop", "state update", '{"messages": []} --at step:2'),
        ("joined", "fork", '--values {"log": ["z"]} step:1'),
    ],
)
def test_a_write_that_needs_a_node_is_refused_with_the_option_that_names_it(
    graph: str, command: str, line: str, forking: Session
) -> None:
    ran(forking, graph)
    with pytest.raises(DeploymentError, match="--as-node NODE names the node that writes"):
        typed(forking, command, line)


# -- what is written ----------------------------------------------------------------------------------------------


def test_a_key_that_was_written_for_the_first_time_is_not_reported_as_dropped(forking: Session) -> None:
    ran(forking, "counts", {"n": 5})
    assert state.update(forking, {"x": 1}).warning == ""
    assert state.state(forking).values["x"] == 1
    assert state.update(forking, {"x": 2, "zzz": 1}).warning.startswith("The state has no zzz now")


def test_values_that_a_state_cannot_hold_are_not_written(forking: Session) -> None:
    ran(forking, "counts")
    count = len(state.history(forking, all=True))
    with pytest.raises(CommandError, match='n must be integer, got "text"'):
        typed(forking, "state update", '{"n": "text"}')
    for line in ("$v", "null"):
        with pytest.raises(CommandError, match="values are needed, got None"):
            typed(forking, "state update", line, v=None)
    with pytest.raises(CommandError, match=r"\$v is None"):
        typed(forking, "fork", "--values $v step:1", v=None)
    assert len(state.history(forking, all=True)) == count
    typed(forking, "state update", '--no-check {"n": "text"}')
    assert state.state(forking).values["n"] == "text"


# -- inside of a graph, and elsewhere ------------------------------------------------------------------------------


def test_the_head_of_a_fork_inside_a_subgraph_is_its_checkpoint_too_and_asks_again(forking: Session) -> None:
    ran(forking, "goes_inside", {"n": 5})
    for step in state.history(forking, all=True, subgraph="inside"):
        base = state.state(forking, step.checkpoint.id, subgraph="inside")
        state.fork(forking, step.checkpoint.id, subgraph="inside")
        head = state.state(forking, subgraph="inside")
        assert (head.values, head.next) == (base.values, base.next)
    again = state.fork(forking, "b1:1", subgraph="inside", run=True, wait=True)
    assert isinstance(again, Run)
    assert [each.question for each in again.interrupts] == ["How many?"]
    assert people.resume(forking, "7").wait().result == {"n": 7, "log": ["first"]}


def test_a_deployment_that_cannot_copy_is_written_to_and_what_runs_next_is_compared(
    forking_server: local.LocalServer,
) -> None:
    def judges(call: str, sent: Any) -> tuple[int, str] | None:
        is_copy = call.endswith("/state") and isinstance(sent, dict) and sent.get("as_node") == "__copy__"
        return (400, "Node __copy__ does not exist") if is_copy else None

    with lacking_server(forking_server.url) as older, closing(Session()) as session:
        older.judges = judges
        deployment.connect(session, older.url)
        ran(session, "goes")
        assert state.fork(session, "step:1").warning.startswith("Before this write, asks would run next; now nothing")
        assert state.fork(session, "step:0").warning == ""
        assert state.state(session).next == ("first",)


@pytest.mark.parametrize(("command", "line"), [("fork", "step:1"), ("state update", '{"x": 1}')])
def test_a_bad_answer_after_a_write_can_be_answered_again_and_no_other_node_runs_again(
    command: str, line: str, forking: Session
) -> None:
    ran(forking, "asks_twice", {"n": 5})
    typed(forking, command, line)
    assert runs.run(forking, wait=True).interrupts
    for answer in ("dozens", "some"):
        with pytest.raises(RunFailed):
            people.resume(forking, answer).wait()
    nodes = [node for row in state.history(forking, all=True) for node in row.checkpoint.nodes]
    result = people.resume(forking, "7").wait().result
    assert (result["n"], result["log"]) == (7, ["first"])
    again = [node for row in state.history(forking, all=True) for node in row.checkpoint.nodes]
    assert again.count("first") == nodes.count("first") == 1

"""The subgraphs that a thread waits in: read, edited, and run on from."""

from __future__ import annotations

import json

import pytest

from lg_magics import local
from lg_magics.commands import deployment, people, runs, state, threads
from lg_magics.errors import CommandError, NotFound, UnknownReference, Unsupported
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .lacking import lacking_server
from .lines import typed


def waiting(session: Session, graph: str, value: object = None) -> None:
    runs.run(session, input=value or {}, assistant=graph, thread="new", card=False).wait(120)


def questions(session: Session) -> list[object]:
    return [each.value for each in state.state(session).interrupts]


def test_the_states_of_waiting_subgraphs_are_read_at_any_depth(stepping: Session) -> None:
    waiting(stepping, "asks_deep")
    assert state.state(stepping).subgraphs == {}
    found = state.state(stepping, subgraphs=True).subgraphs
    assert list(found) == ["office", "office:letter"]
    letter = found["office:letter"]
    assert (letter.values, letter.next, letter.step) == ({"draft": "Dear team, …"}, ("review",), 1)
    shown = bundle(state.state(stepping, subgraphs=True))
    for text in (shown["text/plain"], shown["text/html"]):
        assert f"office:letter of {letter.thread}: step 1, next review" in text
        assert "Dear team, …" in text
    alone = state.state(stepping, "step:0", subgraph="office › letter")
    assert (alone.subgraph, alone.values, alone.next) == ("office:letter", {}, ("write",))


def test_a_subgraph_has_a_history_of_its_own_and_a_diff(stepping: Session) -> None:
    waiting(stepping, "asks_inside")
    rows = state.history(stepping, subgraph="mail")
    assert [(row["step"], row["nodes"], row["next"]) for row in rows.table] == [
        (1, ["write"], ["review"]),
        (0, ["__start__"], ["write"]),
        (-1, [], ["__start__"]),
    ]
    assert rows.df.attrs["subgraph"] == "mail"
    assert "3 checkpoints of mail" in bundle(rows)["text/plain"]
    assert [row.checkpoint.step for row in state.history(stepping, subgraph="mail", before="step:1")] == [0, -1]
    assert state.diff(stepping, "step:0", "step:1", subgraph="mail").changes.names == ("draft",)
    assert [row["step"] for row in state.history(stepping).table] == [0, -1]
    people.resume(stepping, "yes").wait(120)
    assert [row["step"] for row in state.history(stepping, subgraph="mail").table] == [2, 1, 0, -1]


def test_a_deployment_that_ignores_the_subgraph_says_so(stepping: Session, stepping_server: local.LocalServer) -> None:
    waiting(stepping, "asks_inside")
    thread = stepping.selection.thread
    assert thread is not None
    own = json.dumps(dict(stepping.connection.states.get(thread.id))).encode()
    with lacking_server(stepping_server.url) as poor:
        session = Session()
        deployment.connect(session, poor.url)
        threads.use(session, thread.id)
        poor.ignored = {"POST /threads/[^/]+/history": ["checkpoint"]}
        poor.instead = lambda call: (200, "application/json", own) if call.endswith("/state/checkpoint") else None
        with pytest.raises(Unsupported, match=f"^{poor.url} gives no history of subgraphs"):
            state.history(session, subgraph="mail")
        with pytest.raises(Unsupported, match=f"^{poor.url} gives no state of subgraphs"):
            state.state(session, subgraph="mail")
        session.close()


def test_an_agent_that_a_tool_calls_is_read_like_a_subgraph(stepping: Session) -> None:
    """No server lists it: only its checkpoints are there. While it waits, the server has its values for the thread's."""
    asked = "Should I move the picnic?"
    run = runs.run(stepping, asked, assistant="careful", thread="new").wait(120)
    assert run.status == "waiting"
    found = state.state(stepping, subgraphs=True).subgraphs
    assert [(path, each.messages[0].text) for path, each in found.items()] == [("tools", "Friday?")]
    assert state.state(stepping, subgraph="tools").messages[0].text == "Friday?"
    assert [row["step"] for row in state.history(stepping, subgraph="tools").table] == [1, 0, -1]
    listed = next(row for row in people.inbox(stepping, all=True) if row["thread_id"] == run.thread_id)
    assert (listed["title"], people.resume(stepping, approve=True).wait(120).info.title) == (asked, asked)
    assert state.history(stepping, subgraph="tools").table[0]["step"] > 1
    with pytest.raises(UnknownReference, match="No subgraph 'model'"):
        state.history(stepping, subgraph="model")


def test_an_edit_inside_of_a_waiting_subgraph_is_what_the_next_run_reads(stepping: Session) -> None:
    waiting(stepping, "asks_deep")
    done = state.update(stepping, {"draft": "Hello"}, subgraph="office:letter")
    assert done["next"] == ["review"]
    assert state.state(stepping, subgraph="office:letter").values == {"draft": "Hello"}
    assert state.state(stepping).step == 0
    run = state.fork(stepping, "step:2", subgraph="office:letter", run=True, card=False).wait(120)
    assert run.status == "waiting"
    assert questions(stepping) == ["Good? Hello"]
    people.resume(stepping, "yes").wait(120)
    assert state.state(stepping).values == {"draft": "Hello", "verdict": "yes"}


def test_a_subgraph_runs_on_from_any_of_its_steps(stepping: Session) -> None:
    waiting(stepping, "asks_inside")
    run = state.fork(stepping, "step:1", subgraph="mail", values={"draft": "Hello"}, run=True, card=False)
    run.wait(120)
    assert questions(stepping) == ["Good? Hello"]
    done = state.fork(stepping, "step:0", subgraph="mail")
    assert done["next"] == ["write"]
    branches = state.history(stepping, subgraph="mail")
    assert set(branches.branch_of.values()) == {"b1", "b2"}
    state.fork(stepping, "step:1", subgraph="mail", run=True, card=False).wait(120)
    assert questions(stepping) == ["Good? Dear team, …"]
    before = len(state.history(stepping, subgraph="mail", all=True))
    state.fork(stepping, "step:2", subgraph="mail", run=True, card=False).wait(120)
    assert len(state.history(stepping, subgraph="mail", all=True)) == before  # a replay of its head writes nothing


def test_several_of_one_node_are_distinguished(stepping: Session) -> None:
    waiting(stepping, "asks_each", {"count": 3})
    assert list(state.state(stepping, subgraphs=True).subgraphs) == ["letter#1", "letter#2", "letter#3"]
    with pytest.raises(UnknownReference, match="letter#1, letter#2, letter#3"):
        state.state(stepping, subgraph="letter")
    state.fork(stepping, "step:1", subgraph="letter#2", values={"draft": "Hello"}, run=True, card=False).wait(120)
    assert sorted(map(str, questions(stepping))) == ["Good? Dear team, …", "Good? Dear team, …", "Good? Hello"]


def test_a_subgraph_that_keeps_its_state_is_edited_too(stepping: Session) -> None:
    waiting(stepping, "asks_kept")
    state.fork(stepping, "step:1", subgraph="mail", values={"draft": "Hello"}, run=True, card=False).wait(120)
    assert questions(stepping) == ["Good? Hello"]


def test_where_no_thread_waits_nothing_is_written(stepping: Session) -> None:
    waiting(stepping, "asks_inside")
    with pytest.raises(UnknownReference, match=r"No subgraph 'mial' on t\d+.*It waits in: mail\."):
        state.history(stepping, subgraph="mial")
    with pytest.raises(NotFound, match="in mail of"):
        state.state(stepping, state.state(stepping).checkpoint_id, subgraph="mail")
    with pytest.raises(UnknownReference, match="No step 9 on the current branch of mail of"):
        state.fork(stepping, "step:9", subgraph="mail")
    people.resume(stepping, "yes").wait(120)
    left = len(state.history(stepping, subgraph="mail"))
    for write in (
        lambda: state.fork(stepping, "step:1", subgraph="mail"),
        lambda: state.fork(stepping, "step:1", subgraph="mail", run=True),
        lambda: state.update(stepping, {"draft": "no"}, subgraph="mail"),
    ):
        with pytest.raises(CommandError, match="does not wait in mail"):
            write()
    assert len(state.history(stepping, subgraph="mail")) == left


def test_a_subgraph_that_failed_is_edited_and_run_again(stepping: Session) -> None:
    runs.run(stepping, input={}, assistant="fails_deep", thread="new", card=False).wait_quietly(120)
    assert state.state(stepping, subgraphs=True).subgraphs["mail"].errors[0][0] == "fail"
    done = state.fork(
        stepping, "step:1", subgraph="mail", as_node="fail", values={"verdict": "skipped"}, run=True, card=False
    )
    assert done.wait(120).status == "success"
    assert state.state(stepping).values["verdict"] == "skipped"


def test_an_edit_leaves_the_question_open_everywhere(stepping: Session) -> None:
    waiting(stepping, "asks_inside")
    thread = stepping.selection.thread
    assert thread is not None
    state.update(stepping, {"draft": "Hello"}, subgraph="mail")
    assert questions(stepping) == ["Good? Dear team, …"]
    assert thread.id in [row["thread_id"] for row in people.inbox(stepping, all=True)]
    assert threads.show(stepping).data["status"] in ("interrupted", "waiting")
    assert people.resume(stepping, "yes").wait(120).status == "waiting"  # that was about the text before
    assert questions(stepping) == ["Good? Hello"]
    assert people.resume(stepping, "yes").wait(120).result == {"draft": "Hello", "verdict": "yes"}


def test_the_magics_take_paths(stepping: Session) -> None:
    waiting(stepping, "asks_inside")
    typed(stepping, "state", "--subgraphs")
    typed(stepping, "state update", '--subgraph mail {"draft": "Hello"}')
    typed(stepping, "fork", "--run --no-card --wait --subgraph mail step:2")
    assert questions(stepping) == ["Good? Hello"]
    assert state.messages(stepping, subgraph="mail").messages == ()

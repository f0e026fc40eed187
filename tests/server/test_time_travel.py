"""A thread's history, forks, diffs and writes on the real server."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from lg_magics.commands import assistants, runs, state, threads
from lg_magics.errors import CommandError, Conflict, InvalidRequest, LgError, NotFound, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.views.bundle import bundle

NOBODY = "01a1faa6-5475-715e-a455-20158515fd36"


@pytest.fixture
def session(session: Session) -> Session:
    """With the weather agent as the current assistant."""
    assistants.use(session, "agent")
    return session


def ask(session: Session, text: str, **options: Any) -> Run:
    return runs.run(session, text, wait=True, card=False, **options)


def texts(session: Session) -> list[str]:
    return [message.text for message in state.messages(session) if message.role == "human"]


def test_a_history_has_a_row_for_each_checkpoint_with_what_it_changed(session: Session) -> None:
    run = ask(session, "what's the weather in sf", thread="new")
    frame = state.history(session).df
    assert list(frame["change"]) == [
        "+1 ai message",
        "+1 tool message",
        "+1 ai message",
        "+1 human message",
        "messages",
    ]
    assert list(frame["step"]) == [3, 2, 1, 0, -1]
    assert list(frame["nodes"]) == [["agent"], ["tools"], ["agent"], ["__start__"], []]
    assert set(frame["branch"]) == {"b1"}
    assert set(frame["run_id"]) == {run.run_id}
    assert str(frame["created_at"].dt.tz) == "UTC"
    assert frame.attrs["truncated"] is False
    assert frame.attrs["thread_id"] == run.thread_id


def test_a_cut_history_says_so_and_its_last_row_still_knows_what_it_changed(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    cut = state.history(session, limit=2)
    assert [step.changes.words for step in cut if step.changes] == ["+1 ai message", "+1 tool message"]
    assert cut.df.attrs["truncated"] is True
    assert "the first 2 checkpoints" in bundle(cut)["text/plain"]
    older = state.history(session, limit=2, before="step:2")
    assert [step.checkpoint.step for step in older] == [1, 0]


def test_the_walkthroughs_fork_is_one_line_and_the_old_branch_stays(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    ask(session, "and in paris")
    forked = state.fork(session, "step:0", "what's the weather in tokyo", message="0", run=True, wait=True)
    assert isinstance(forked, Run)
    assert forked.status == "success"
    assert texts(session) == ["what's the weather in tokyo"]
    whole = state.history(session, all=True)
    assert whole.current_branch == "b2"
    assert [message.text for message in state.state(session, "b1:7").messages if message.role == "human"] == [
        "what's the weather in sf",
        "and in paris",
    ]
    assert "┘" in bundle(whole)["text/plain"]
    rewritten = whole.messages_df.query("change == 'rewritten'")
    assert list(rewritten["text"]) == ["what's the weather in tokyo"]


def test_a_rewritten_message_keeps_its_images_and_files(session: Session) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    file = {"type": "file", "file": {"file_id": "f1"}}
    content = [image, {"type": "text", "text": "what's "}, file, "this?"]
    runs.run(
        session, input={"messages": [{"role": "user", "content": content}]}, assistant="agent", thread="new"
    ).wait()
    state.fork(session, "step:0", "what's that?", message=0)
    thread = session.selection.thread
    assert thread is not None
    values: Any = session.connection.sync.threads.get_state(thread.id)["values"]
    assert values["messages"][0]["content"] == [image, {"type": "text", "text": "what's that?"}, file]


def test_a_fork_without_a_run_moves_the_head_and_says_what_comes_next(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    said = state.fork(session, "step:1")
    assert isinstance(said, Facts)
    assert said.data["next"] == ["tools"]
    assert len(state.messages(session)) == 2


def test_a_replay_runs_again_from_a_checkpoint_without_new_input(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    before = len(state.history(session, all=True))
    again = state.fork(session, "step:0", run=True, wait=True)
    assert isinstance(again, Run)
    assert [message.role for message in again.messages] == ["human", "ai", "tool", "ai"]
    assert len(state.history(session, all=True)) > before


def test_branches_keep_their_names_in_a_session(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    state.fork(session, "step:0", "b", message="0")
    first = state.history(session, limit=1).branch_of
    state.fork(session, "step:0", "c", message=0)
    named = state.history(session, all=True).branch_of
    assert len(set(named.values())) == 3
    assert {key: named[key] for key in first} == first


def test_writing_into_the_state_makes_a_new_head(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    said = state.update(session, {"messages": [{"role": "user", "content": "by hand"}]}, as_node="tools")
    assert said.data["next"] == ["agent"]
    assert texts(session)[-1] == "by hand"
    with pytest.raises(CommandError, match="agent has no field 'nonsense'"):
        state.update(session, {"nonsense": 1})
    assert "The state has no nonsense now" in state.update(session, {"nonsense": 1}, check=False).warning


def test_what_cannot_be_is_refused_and_changes_nothing(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    count = len(state.history(session, all=True))
    with pytest.raises(NotFound, match=f"No checkpoint '{NOBODY}'"):
        state.state(session, NOBODY)
    with pytest.raises(UnknownReference, match="No step 99 on the current branch"):
        state.fork(session, "step:99")
    with pytest.raises(UnknownReference, match="No step 1 on b7"):
        state.state(session, "b7:1")
    with pytest.raises(UnknownReference, match="No message '9' at that checkpoint"):
        state.fork(session, "step:1", "x", message="9")
    for strange in ("--1", "²", "-"):
        with pytest.raises(UnknownReference, match=f"No message '{strange}' at that checkpoint|[23] messages '-'"):
            state.fork(session, "step:1", "x", message=strange)
    with pytest.raises(CommandError, match="requires --message"):
        state.fork(session, "step:1", "x")
    with pytest.raises(CommandError, match="belongs to --run"):
        state.fork(session, "step:1", wait=True)
    with pytest.raises(InvalidRequest, match="Node nobody does not exist"):
        state.update(session, {"messages": []}, as_node="nobody")
    with pytest.raises(InvalidRequest, match="Expected dict"):
        state.update(session, [1], check=False)
    assert len(state.history(session, all=True)) == count


def test_a_busy_thread_is_not_written_to(session: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 20}, assistant="workbench", thread="new")
    with pytest.raises(LgError, match=rf"{run.number} is still (pending|running)"):
        state.update(session, {"steps": 1})
    with pytest.raises(LgError, match="cannot fork now"):
        state.fork(session, "step:0")
    run.cancel()


def test_a_thread_that_never_ran_has_an_empty_history_and_can_be_written_to_only_with_a_graph(session: Session) -> None:
    threads.new(session)
    assert len(state.history(session)) == 0
    assert state.history(session).df.empty
    assert "nothing has run here yet" in bundle(state.state(session))["text/plain"]
    with pytest.raises(InvalidRequest, match="no assigned graph ID"):
        state.update(session, {"steps": 1})
    threads.new(session, graph="workbench")
    assert state.update(session, {"steps": 2}, as_node="__start__").data["next"] == ["plan"]


def test_a_diff_compares_checkpoints_runs_threads_and_values(session: Session) -> None:
    first = ask(session, "what's the weather in sf", thread="new")
    second = ask(session, "and in paris")
    assert state.diff(session, "step:0", "step:3").changes.count("added") == 3
    assert state.diff(session, first, second.number).changes.count("added") == 4
    copied = threads.copy(session)
    assert session.selection.thread is not None
    assert not state.diff(session, session.selection.thread.number, copied.number)
    assert state.diff(session, "step:0", copied).changes.count("added") == 7
    assert state.diff(session, {"a": 1}, {"a": 2}).changes.words == "a"
    with pytest.raises(UnknownReference, match="No checkpoint 'nothing'"):
        state.diff(session, "nothing", "step:1")


def test_a_diff_compares_states_that_were_read(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    before = state.state(session, "step:0")
    found = state.diff(session, before, state.state(session))
    assert found.changes.count("added") == 3
    assert session.selection.thread is not None
    number = session.selection.thread.number
    assert found.a.startswith(f"{number} ")
    assert (found.a.split()[-1], found.b.split()[-1]) == ("step:0", "step:3")
    assert not state.diff(session, before, "step:0")


def test_a_diff_refuses_options_that_it_would_not_use(session: Session) -> None:
    run = ask(session, "what's the weather in sf", thread="new")
    with pytest.raises(CommandError, match="--thread names the thread of checkpoints"):
        state.diff(session, run, run.number, thread=run.info.thread.number)
    with pytest.raises(CommandError, match="--subgraph belongs to checkpoints"):
        state.diff(session, run, {"a": 1}, subgraph="mail")
    assert state.diff(session, run, "step:0", thread=run.info.thread.number).changes.count("removed") == 3


def test_a_copy_goes_its_own_way_and_is_not_switched_to(session: Session) -> None:
    ask(session, "what's the weather in sf", thread="new")
    original = session.selection.thread
    copied = threads.copy(session)
    assert session.selection.thread == original
    ask(session, "and in paris", thread=copied.number)
    assert len(state.messages(session, thread=copied.number)) == 8
    assert len(state.messages(session)) == 4


def test_a_thread_can_begin_with_a_history_and_an_id_of_ones_own(session: Session) -> None:
    steps = [{"updates": [{"values": {"messages": [{"role": "user", "content": "hello"}]}, "as_node": "__start__"}]}]
    identity = "11111111-2222-4333-8444-555555555555"
    made = threads.new(session, graph="agent", supersteps=steps, id=identity)
    assert made.thread_id == identity
    assert texts(session) == ["hello"]
    with pytest.raises(Conflict):
        threads.new(session, id=identity)
    with pytest.raises(InvalidRequest):
        threads.new(session, id="mine")
    threads.delete(session)


def test_threads_are_found_by_what_is_kept_beside_them(session: Session) -> None:
    made = threads.new(session, metadata={"project": "one"})
    threads.update(session, metadata={"project": "travel", "n": 3})
    found = threads.threads(session, metadata={"project": "travel"})
    assert [row["thread_id"] for row in found] == [made.thread_id]
    assert found[0]["metadata"]["n"] == 3


@pytest.mark.parametrize(
    "value", [[1, 2], "words", 7, None, {"a": {"b": [1]}}, [{"type": "ai", "content": "x", "id": "1"}]]
)
def test_a_state_of_any_shape_is_shown(value: Any) -> None:
    from lg_magics.tables.state import state_from_payload

    shown = bundle(state_from_payload({"values": value, "checkpoint": {"checkpoint_id": "x"}}, thread="t1"))
    assert shown["text/plain"].startswith("t1")


def test_a_kernel_interrupt_keeps_the_rows_so_far(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.run(session, input={"steps": 40, "grow": 20_000}, assistant="workbench", thread="new", wait=True, card=False)
    monkeypatch.setattr("lg_magics.server.history.BUDGET", 100_000)
    monkeypatch.setattr("lg_magics.actions.history.WAIT_SECONDS", 0.0)
    seen: list[str] = []

    def stop(words: str) -> None:
        seen.append(words)
        if len(seen) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    session.progress = stop
    assert threading.current_thread() is threading.main_thread()
    cut = state.history(session, all=True)
    assert 0 < len(cut) < 42
    assert cut.note.startswith(f"Stopped after {len(cut)} checkpoints")
    assert seen[-1] == ""
    assert cut.df.attrs["truncated"] is True

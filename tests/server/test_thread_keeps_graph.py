"""A thread keeps its graph: which assistant a run, a fork or an answer goes to, and what is said of it."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient
from langgraph_sdk.errors import NotFoundError

from lg_magics import local
from lg_magics.actions.answer_card import answer_card, answer_thread
from lg_magics.actions.schema_cache import read_schemas
from lg_magics.commands import assistants, deployment, people, runs, state, threads
from lg_magics.errors import NotFound, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.ipython.live_card import run_bundle
from lg_magics.model.answers import mark_of
from lg_magics.session import Session
from lg_magics.views.node import text_in
from lg_magics.views.run_card import CardMaker, launch_line
from lg_magics.views.run_tree import run_tree

from .lacking import lacking_server
from .lines import typed
from .waiting_runs import asked

TODO = "Add a ToDo to water the plants by tomorrow"
LISTED = "Give me a summary of all ToDos"
KEPT = "The thread's graph is {}; the current assistant, {}, has another."
WORK = {"steps": 1, "seconds": 0}


@pytest.fixture
def german(session: Session) -> Iterator[str]:
    """Another assistant of the graph `agent`; its id."""
    name = f"german {time.time_ns()}"
    row = assistants.create(session, "agent", name=name).data
    yield str(row["assistant_id"])
    with contextlib.suppress(NotFoundError):  # the test may have deleted it
        session.connection.sync.assistants.delete(row["assistant_id"])


def todo(session: Session) -> Run:
    """A run of another graph than the current assistant's, on a thread of its own."""
    assistants.use(session, "agent")
    run: Run = typed(session, "run", f"-a task_maistro -t new --wait {TODO}")
    assert session.selection.assistant == "agent"
    return run


def works(session: Session, assistant: str | None = None, **options: Any) -> Run:
    """A short run of the workbench, or of any graph that fails at its input."""
    return runs.run(session, input=WORK, assistant=assistant, check=False, card=False, **options).wait_quietly()


def text_of(run: Run) -> str:
    return run_bundle(run, numbered=True)["text/plain"]


# -- runs and forks -----------------------------------------------------------------------------------------------


def test_a_fork_and_a_run_go_to_the_graph_that_the_thread_has(session: Session) -> None:
    first = todo(session)
    forked = typed(session, "fork", f"--run --wait --message 0 step:0 {LISTED}")
    again = typed(session, "run", f"--wait {LISTED}")
    back = typed(session, "run", f"--checkpoint step:1 --wait {LISTED}")
    for run in (forked, again, back):
        assert (run.info.assistant, run.status, run.thread_id) == ("task_maistro", "success", first.thread_id)
        assert run.info.choice == KEPT.format("task_maistro", "agent")
        assert run.info.choice in text_of(run)
        assert run.info.choice in text_in(run_tree(CardMaker(run.info).card(run.view)))
        assert "'task_maistro'" in run.info.code
    history = typed(session, "history", "--all")
    assert {node for each in history for node in each.checkpoint.nodes} >= {"task_mAIstro", "update_todos", "__start__"}
    for text in ("one", "two"):  # what a fork writes is there, for the second one too
        written = {"messages": [{"role": "user", "content": text}]}
        typed(session, "fork", "--values $values --as-node task_mAIstro step:1", values=written)
        assert typed(session, "messages", "").df["text"].iloc[-1] == text


def test_the_functions_and_the_stream_go_there_too(session: Session) -> None:
    works(session, "workbench", thread="new")
    assistants.use(session, "workbench")
    runs.run(session, "hi", assistant="agent", thread="new", wait=True)
    streamed = typed(session, "stream", "hello")
    forked = state.fork(session, "step:0", run=True, wait=True)
    assert isinstance(forked, Run)
    assert [run.info.assistant for run in (streamed, forked)] == ["agent", "agent"]
    assert launch_line(forked.info, numbered=False).endswith("\n" + KEPT.format("agent", "workbench"))
    values = assistants.remote_graph(session).invoke({"messages": [{"role": "user", "content": "hi"}]})
    assert len(values["messages"]) > 2


def test_another_assistant_of_the_same_graph_takes_its_threads_when_it_is_current(
    session: Session, german: str
) -> None:
    first = works(session, "agent", thread="new")
    assistants.use(session, german)
    second = works(session)
    assert (second.thread_id, second.raw["assistant_id"], second.info.choice) == (first.thread_id, german, "")


def test_otherwise_it_is_the_one_that_this_session_last_used_there(
    session: Session, other: Session, german: str
) -> None:
    first = works(session, german, thread="new")
    session.select(assistant="workbench")
    assert works(session, thread=first.thread_id).raw["assistant_id"] == german
    other.select(assistant="workbench")
    elsewhere = works(other, thread=first.thread_id)  # who has not used it gets the graph's own
    assert elsewhere.info.assistant == "agent"
    assistants.delete(session, german)
    assert works(session, thread=first.thread_id).info.assistant == "agent"


def test_an_assistant_that_is_named_runs_whatever_its_graph_is_and_this_is_said(session: Session) -> None:
    first = works(session, "workbench", thread="new")
    named = runs.run(session, "hi", assistant="agent", wait=True)
    assert (named.info.assistant, named.thread_id) == ("agent", first.thread_id)
    assert named.info.choice == "The thread's graph was workbench until this run."
    assert named.info.choice in text_of(named)
    assert works(session, "agent").info.choice == ""


# -- threads without a graph, and graphs without an assistant -----------------------------------------------------


def test_a_thread_on_which_nothing_ran_goes_to_the_current_assistant(session: Session) -> None:
    assistants.use(session, "workbench")
    threads.new(session)
    run = works(session)
    assert (run.info.assistant, run.info.choice) == ("workbench", "")


def test_a_graph_that_is_gone_is_named_and_nothing_runs(session: Session, sdk: SyncLangGraphClient) -> None:
    made = sdk.threads.create(graph_id="once", metadata={"graph_id": "once"})["thread_id"]
    with pytest.raises(UnknownReference, match=r"The graph of t\d+ is once, which has no assistant .* -a NAME runs"):
        typed(session, "run", f"-t {made} hello")
    assert sdk.runs.list(made) == []
    assert typed(session, "run", f"-t {made} -a agent --wait hello").status == "success"


def test_a_current_assistant_that_is_gone_is_an_error(session: Session, german: str) -> None:
    works(session, "agent", thread="new")
    assistants.use(session, german)
    session.connection.sync.assistants.delete(german)
    with pytest.raises(NotFound, match="or assistant german"):
        works(session)


def test_where_the_thread_does_not_tell_its_graph_the_runs_on_it_do(server: local.LocalServer, other: Session) -> None:
    first = works(other, "workbench", thread="new")
    session = Session()
    with lacking_server(server.url) as poor:
        poor.dropped = ("metadata",)
        try:
            deployment.connect(session, poor.url, assistant="agent")
            assert works(session, thread=first.thread_id).info.assistant == "workbench"
            assert works(session, thread=first.thread_id).info.assistant == "workbench"
        finally:
            session.close()


# -- another assistant becomes the current one --------------------------------------------------------------------


def test_after_another_graphs_assistant_was_chosen_the_next_run_begins_a_thread(session: Session) -> None:
    assistants.use(session, "workbench")
    first = works(session, thread="new")
    said = typed(session, "assistant use", "agent")
    assert dict(said.facts)["next run"] == f"begins a new thread: the graph of {first.info.thread} is workbench"
    assert session.selection.thread is not None
    assert session.selection.thread.id == first.thread_id  # for what reads it
    assert dict(deployment.home(session).facts)["next run"] == "begins a new thread"
    forked = typed(session, "fork", "--run --wait step:-1")
    assert (forked.thread_id, forked.info.assistant) == (first.thread_id, "workbench")
    begun = typed(session, "run", "--wait hello")
    assert begun.thread_id != first.thread_id
    assert (begun.info.assistant, begun.status) == ("agent", "success")
    assert begun.info.choice == "A new thread: the current assistant has another graph than the last thread."
    assert begun.info.choice in text_of(begun)
    assert typed(session, "run", "--wait and again").thread_id == begun.thread_id
    kept = typed(session, "run", f"-t {first.info.thread.number} --no-check --no-card --json {{}}").wait_quietly()
    assert (kept.thread_id, kept.info.assistant) == (first.thread_id, "workbench")


def test_a_thread_that_is_chosen_afterwards_is_gone_on_with(session: Session) -> None:
    first = works(session, "workbench", thread="new")
    assistants.use(session, "agent")
    threads.use(session, first.thread_id)
    assert works(session).thread_id == first.thread_id
    assistants.use(session, "agent")
    assistants.use(session, "workbench")
    assert works(session).thread_id == first.thread_id
    assistants.use(session, "agent")
    assert works(session, "workbench").thread_id == first.thread_id


# -- answers and crons --------------------------------------------------------------------------------------------


def test_an_answer_goes_to_the_threads_graph_from_wherever_it_is_given(session: Session) -> None:
    assistants.use(session, "agent")
    run = asked(session, "plain")
    resumed = people.resume(session, "yes", wait=True)
    run = asked(session, "plain")
    said = {each.id: {"text": "yes"} for each in run.interrupts}
    on_card, _ = answer_card(session, run, said)
    run = asked(session, "plain")
    said = {each.id: {"text": "yes"} for each in run.interrupts}
    in_panel = answer_thread(session, run.thread_id, mark_of(run.interrupts, ()), said)
    for each in (resumed, on_card.wait(), in_panel.wait()):
        assert (each.info.assistant, each.status) == ("approval", "success")
        assert each.info.choice == KEPT.format("approval", "agent")


def test_a_cron_on_a_thread_runs_its_graph(session: Session) -> None:
    first = works(session, "workbench", thread="new")
    session.select(assistant="agent")
    made = typed(session, "cron create", f'-t {first.thread_id} --no-check "0 0 1 1 *"')
    try:
        assert dict(made.facts)["assistant"] == "workbench"
        assert KEPT.format("workbench", "agent") in made.warning
    finally:
        session.connection.sync.crons.delete(made.cron_id)


# -- what a launch costs ------------------------------------------------------------------------------------------


@pytest.fixture
def calls(server: local.LocalServer) -> Iterator[tuple[Session, list[str]]]:
    """A session, and the calls that it makes while it launches."""
    made: list[str] = []
    session = Session()
    with lacking_server(server.url) as watched:
        watched.instead = lambda call: made.append(call)
        try:
            deployment.connect(session, watched.url, assistant="workbench")
            yield session, made
        finally:
            session.close()


def launching(session: Session, made: list[str], **options: Any) -> tuple[Run, list[str]]:
    """A run that has ended, and the calls that were made until its id was known."""
    made.clear()
    run = runs.run(session, input=WORK, check=False, card=False, **options)
    before = [call for call in made if not call.endswith(("/stream", "/join"))]
    return run.wait_quietly(), [call for call in before if not re.search(r"GET .*/runs/|/state$|/history$", call)]


def test_a_run_where_this_session_ran_last_asks_for_nothing_but_the_run(
    calls: tuple[Session, list[str]], german: str
) -> None:
    session, made = calls
    first, _ = launching(session, made, thread="new")
    only = [f"POST /threads/{first.thread_id}/runs"]
    assert launching(session, made)[1] == only
    assert launching(session, made, assistant="workbench")[1] == only
    assistants.use(session, german)
    read_schemas(session, german)  # they would be read in the background
    german_run, _ = launching(session, made)  # it begins a thread
    only_german = [f"POST /threads/{german_run.thread_id}/runs"]
    assert launching(session, made)[1] == only_german
    back, cost = launching(session, made, thread=first.thread_id)
    assert (back.info.assistant, cost) == ("workbench", only)
    assert back.info.choice.startswith("The thread's graph is workbench; the current assistant, ")


def test_what_is_remembered_of_a_thread_is_right_after_other_runs_on_it(calls: tuple[Session, list[str]]) -> None:
    session, _ = calls
    first = works(session, thread="new")
    assert works(session, "agent").info.choice == "The thread's graph was workbench until this run."
    assert works(session).info.assistant == "agent"
    assert works(session, "workbench").info.choice == "The thread's graph was agent until this run."
    assert works(session).info.choice == ""
    assistants.remote_graph(session, "agent").invoke({"messages": [{"role": "user", "content": "hi"}]})
    assert works(session).info.assistant == "agent"  # the remote graph ran another one meanwhile
    deployment.connect(session, session.connection.url, assistant="workbench")
    elsewhere = session.connection.sync.runs.wait(first.thread_id, "workbench", input=WORK)
    assert elsewhere
    assert works(session, thread=first.thread_id).info.choice == ""


def test_an_assistant_whose_graph_changes_is_asked_for_again(calls: tuple[Session, list[str]], german: str) -> None:
    session, made = calls
    session.select(assistant=german)
    first, _ = launching(session, made, thread="new")
    assert works(session).info.choice == ""
    assistants.update(session, german, graph="workbench")
    changed = works(session, thread=first.thread_id)
    assert (changed.info.assistant, changed.info.choice[:28]) == ("agent", "The thread's graph is agent;")

"""Runs that wait for a person, and what became of the answers."""

from __future__ import annotations

from typing import Any

from lg_magics.commands import runs, state
from lg_magics.follow.run import Run
from lg_magics.session import Session

__all__ = ["asked", "asking", "count_runs", "given", "said", "seeing", "status", "stopped"]


def asked(session: Session, text: str, **options: Any) -> Run:
    """A run that waits: `plain`, `two`, or an Agent Inbox request."""
    run = runs.run(session, text, assistant="approval", thread="new", **options).wait()
    assert run.status == "waiting"
    return run


def stopped(session: Session, **options: Any) -> Run:
    """A run that stopped at a breakpoint."""
    options = {"interrupt_before": ["work"], **options}
    run = runs.run(session, input={"steps": 2}, assistant="workbench", thread="new", **options)
    assert run.wait().status == "waiting"
    return run


def seeing(session: Session, run: Run) -> Session:
    """The session, once it was shown what the run asks."""
    state.state(session, thread=run.thread_id)
    return session


def said(run: Run) -> str:
    return run.wait().messages[-1].text


def given(run: Run) -> list[Any]:
    """What the graph got as answers, with its actions."""
    return [answer["answer"] for answer in run.wait().result["answers"]]


def count_runs(session: Session) -> int:
    thread = session.selection.thread
    assert thread is not None
    return len(session.connection.sync.runs.list(thread.id, limit=100))


def status(session: Session) -> str:
    thread = session.selection.thread
    assert thread is not None
    return str(session.connection.sync.threads.get(thread.id)["status"])


def asking(session: Session, graph: str, text: str | None = None) -> Run:
    """A run that waits on a thread of its own."""
    what: dict[str, Any] = {"text": text} if text else {"input": {"sent": []}}
    run = runs.run(session, assistant=graph, thread="new", **what).wait()
    assert run.status == "waiting"
    return run

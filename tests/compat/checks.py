"""What is tried on a deployment: each a command as a person types it, and what must be true of its result."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lg_magics.commands import deployment
from lg_magics.errors import Conflict
from lg_magics.follow.run import Run
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.model.result import Result
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .balancer import balanced

__all__ = ["CHECKS", "TWO_PROCESSES", "Check", "Ignored"]

SF = "what's the weather in sf"
SLOW = {"steps": 40, "seconds": 0.5}


class Ignored(Exception):
    """The deployment ignores what was asked for, and lg_magics said so."""


@dataclass(frozen=True)
class Check:
    """A line of the table."""

    line: str
    run: Callable[..., object]


def typed(session: Session, name: str, line: str = "", **names: object) -> Any:
    """What a line of a magic gives; its text must be there."""
    command = command_named(name)
    call = call_from_line(command, line, None, names)
    found = call_command(command, session, call.arguments, call.options)
    assert isinstance(found, Result)
    assert bundle(found)["text/plain"]
    return found


def ran(session: Session, line: str = f"-a agent -t new {SF}", **names: object) -> Run:
    run = typed(session, "run", line, **names)
    assert isinstance(run, Run)
    return run.wait(45)


def check_run(session: Session) -> None:
    run = ran(session)
    assert run.status == "success", run.status
    assert "cloudy" in run.messages[-1].text, run.messages
    assert [message.role for message in run.messages] == ["human", "ai", "tool", "ai"]


def check_second_run(session: Session) -> None:
    first = ran(session)
    second = typed(session, "run", "and in nyc?").wait(45)
    assert second.thread_id == first.thread_id
    assert len(second.messages) == 8
    assert len(first.messages) == 4, "an earlier run's result is its own"


def check_error(session: Session) -> None:
    run = typed(session, "run", "--input $value -a workbench -t new", value={"steps": 1, "fail_at": 1}).wait_quietly(45)
    assert run.status == "error", run.status
    assert run.error


def check_cancel(session: Session) -> None:
    run = typed(session, "run", "--input $value -a workbench -t new", value=SLOW)
    until(lambda: run.status == "running")
    typed(session, "cancel", run.number)
    run.wait_quietly(30)
    assert run.status == "cancelled", run.status


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def check_stateless(session: Session) -> None:
    run = typed(session, "run", f"-a agent --stateless {SF}").wait(45)
    assert run.status == "success", run.status
    assert "cloudy" in run.messages[-1].text


def check_stream(session: Session) -> None:
    run = typed(session, "stream", f"-a agent -t new {SF}")
    assert run.status == "success", run.status


def check_events(session: Session) -> None:
    run = typed(session, "run", f"-a agent -t new {SF}")
    kinds = {type(event).__name__ for event in run.stream()}
    assert len(kinds) > 1, kinds


def check_attach(session: Session) -> None:
    run = ran(session)
    other = Session()
    try:
        deployment.connect(other, session.connection.url)
        found = typed(other, "attach", f"{run.run_id} -t {run.thread_id} --wait")
        assert found.status == "success", found.status
    finally:
        other.close()


def waiting(session: Session) -> Run:
    run: Run = typed(session, "run", "-a approval -t new Book a flight to Oslo").wait_quietly(45)
    assert run.status == "waiting", run.status
    return run


def check_inbox(session: Session) -> None:
    run = waiting(session)
    table = typed(session, "inbox", "--all")
    assert run.thread_id in list(table.df["thread_id"]), "the thread that waits is not in the inbox"


def check_resume(session: Session) -> None:
    run = waiting(session)
    assert run.interrupts
    after = typed(session, "resume", "--accept").wait(45)
    assert after.status in ("success", "waiting"), after.status


def check_multitask(session: Session) -> None:
    first = typed(session, "run", "--input $value -a workbench -t new", value=SLOW)
    until(lambda: first.status == "running")
    try:
        typed(session, "run", "--input $value --multitask reject", value={"steps": 1})
    except Conflict:
        pass
    else:
        found = typed(session, "status").data["ignores"]
        assert found == ["--multitask"], f"it is ignored, and the status says {found}"
        raise Ignored("this deployment ignores --multitask")
    finally:
        typed(session, "cancel", "--mine")


def check_before(session: Session) -> None:
    run = typed(session, "run", "--input $value -a workbench -t new --interrupt-before work", value={"steps": 1})
    run.wait_quietly(45)
    assert run.status == "waiting", run.status


def check_copy(session: Session) -> None:
    ran(session)
    made = typed(session, "thread copy")
    assert made.thread_id


def check_history(session: Session) -> None:
    ran(session)
    found = list(typed(session, "history"))
    assert len(found) >= 4, len(found)


def check_fork(session: Session) -> None:
    ran(session)
    run = typed(session, "fork", "--run --message 0 step:0 what's the weather in nyc").wait(45)
    assert "90 degrees" in run.messages[-1].text or "nyc" in run.messages[0].text.lower(), run.messages


def check_plain_fork(session: Session) -> None:
    ran(session)
    before = typed(session, "state", "step:1")
    assert before.next, before
    typed(session, "fork", "step:1")
    head = typed(session, "state")
    assert (head.values, head.next) == (before.values, before.next), (head, before)
    assert head.checkpoint_id != before.checkpoint_id


def check_state_update(session: Session) -> None:
    ran(session)
    typed(session, "state update", "$values", values={"messages": [{"role": "human", "content": "hello"}]})
    assert typed(session, "messages")


def check_item(session: Session) -> None:
    typed(session, "store put", "compat/test k a=b")
    assert typed(session, "store get", "compat/test k").value == {"a": "b"}
    assert len(typed(session, "store search", "compat/test")) == 1
    assert typed(session, "store namespaces")
    typed(session, "store delete", "compat/test k")
    assert len(typed(session, "store search", "compat/test")) == 0


def check_cron(session: Session) -> None:
    made = typed(session, "cron create", '-a agent "0 0 1 1 *" hello')
    try:
        assert made.cron_id in list(typed(session, "crons").df["cron_id"])
        typed(session, "cron show", made.cron_id)
    finally:
        typed(session, "cron delete", made.cron_id)
    assert made.cron_id not in list(typed(session, "crons").df["cron_id"])


def check_assistant(session: Session) -> None:
    name = f"compat-{uuid.uuid4().hex[:6]}"
    made = typed(session, "assistant create", f"agent --name {name} -c user_id=Test")
    try:
        assert made
        after = typed(session, "assistant update", f"{name} -c user_id=Other")
        assert after
        assert len(typed(session, "assistant versions", name)) == 2
        typed(session, "assistant use-version", f"1 {name}")
        run = ran(session, f"-a {name} -t new {SF}")
        assert run.status == "success"
    finally:
        typed(session, "assistant delete", name)


def check_threads(session: Session) -> None:
    run = ran(session)
    table = typed(session, "threads")
    assert table.df["thread_id"].iloc[0] == run.thread_id, "the newest thread is not the first"


def check_thread(session: Session) -> None:
    made = typed(session, "thread new", "--title Compat --metadata a=b")
    typed(session, "thread rename", "Other")
    typed(session, "thread update", "--metadata c=d")
    shown = typed(session, "thread show")
    assert shown.data["metadata"].get("a") == "b", shown.data["metadata"]
    assert shown.data["metadata"].get("c") == "d", shown.data["metadata"]
    assert typed(session, "threads", "--metadata c=d").df["thread_id"].tolist() == [made.thread_id]
    typed(session, "thread delete", "--yes")


def check_runs(session: Session) -> None:
    run = ran(session)
    assert run.run_id in list(typed(session, "runs").df["run_id"])


def check_batch(session: Session) -> None:
    rows = [{"order": {"steps": 1}} for _ in range(6)]
    made = typed(session, "batch", "$rows --input order -a workbench", rows=rows)
    made.wait(55)
    assert made.counts == {"success": 6}, made.counts
    assert all(made.df["output"]), made.df["output"].tolist()


def check_graph(session: Session) -> None:
    assert "call" in str(typed(session, "graph", "agent").mermaid) or typed(session, "graph", "agent").nodes


def check_schemas(session: Session) -> None:
    assert typed(session, "schemas", "agent")


CHECKS = (
    Check("%lg_status", lambda s: typed(s, "status")),
    Check("%lg_assistants", lambda s: typed(s, "assistants")),
    Check("%lg_assistant show agent", lambda s: typed(s, "assistant show", "agent")),
    Check("%lg_assistant create, update, use-version, delete", check_assistant),
    Check("%lg_schemas", check_schemas),
    Check("%lg_graph", check_graph),
    Check("%lg_graph --xray", lambda s: typed(s, "graph", "agent --xray")),
    Check("%lg_run, run.result", check_run),
    Check("%lg_run twice, each with its own result", check_second_run),
    Check("%lg_run --no-card", lambda s: ran(s, f"--no-card -a agent -t new {SF}")),
    Check("%lg_run that fails", check_error),
    Check("%lg_run --stateless", check_stateless),
    Check("%lg_run --interrupt-before NODE", check_before),
    Check("%lg_run --multitask reject", check_multitask),
    Check("%lg_run -c user_id=Test", lambda s: ran(s, f"-a agent -t new -c user_id=Test {SF}")),
    Check("%lg_stream", check_stream),
    Check("run.stream()", check_events),
    Check("%lg_cancel", check_cancel),
    Check("%lg_attach", check_attach),
    Check("%lg_runs", check_runs),
    Check("%lg_inbox", check_inbox),
    Check("%lg_resume", check_resume),
    Check("%lg_threads", check_threads),
    Check("%lg_thread new, rename, update, show, delete", check_thread),
    Check("%lg_thread copy", check_copy),
    Check("%lg_state, %lg_messages", lambda s: (ran(s), typed(s, "state"), typed(s, "messages"))),
    Check("%lg_state update", check_state_update),
    Check("%lg_history", check_history),
    Check("%lg_diff", lambda s: (ran(s), typed(s, "diff", "step:0 step:1"))),
    Check("%lg_fork", check_plain_fork),
    Check("%lg_fork --run", check_fork),
    Check("%lg_batch", check_batch),
    Check("%lg_store put, get, search, namespaces, delete", check_item),
    Check("%lg_cron create, show, delete; %lg_crons", check_cron),
)


# -- two processes on one database ----------------------------------------------------------------------------------


def elsewhere(first: Session, second: Session, *, value: dict[str, Any]) -> tuple[Run, Run]:
    """A run that was launched through one process, attached to through the other."""
    run = typed(first, "run", "--input $value -a workbench -t new", value=value)
    return run, typed(second, "attach", f"{run.run_id} -t {run.thread_id}")


def check_watched(first: Session, second: Session) -> None:
    run, other = elsewhere(first, second, value={"steps": 3, "seconds": 2})
    kinds = {type(event).__name__ for event in other.stream()}
    assert len(kinds) > 1, kinds
    assert other.wait(45).status == run.wait(45).status == "success"


def check_waited(first: Session, second: Session) -> None:
    run, other = elsewhere(first, second, value={"steps": 3, "seconds": 2})
    assert other.wait(45).result == run.wait(45).result


def check_cancelled(first: Session, second: Session) -> None:
    run, other = elsewhere(first, second, value=SLOW)
    until(lambda: other.status == "running")
    typed(second, "cancel", other.number)
    assert (run.wait_quietly(30).status, other.wait_quietly(30).status) == ("cancelled", "cancelled")


def check_batch_over_both(first: Session, second: Session) -> None:
    rows = [
        {"order": {"steps": 1, "messages": [{"role": "human", "content": f"row {number}"}]}} for number in range(100)
    ]
    over = Session()
    with balanced([first.connection.url, second.connection.url]) as url:
        try:
            deployment.connect(over, url, assistant="workbench")
            made = typed(over, "batch", "$rows --input order -a workbench", rows=rows)
            made.wait(170)
            assert made.counts == {"success": 100}, made.counts
            outputs = made.df["output"].tolist()
            assert all(isinstance(each, str) and each for each in outputs), outputs[:3]
            launched = [first.connection.runs.newest(thread_id) for thread_id in made.df["thread_id"]]
            assert [len(each) for each in launched] == [1] * 100, "a row was launched twice"
        finally:
            over.close()


TWO_PROCESSES = (
    Check("watch a run of the other process", check_watched),
    Check("wait for a run of the other process", check_waited),
    Check("cancel a run of the other process", check_cancelled),
    Check("a batch of 100 rows over both: no row twice, every output", check_batch_over_both),
)

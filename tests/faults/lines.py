"""The lines of the fault table: at least one for each command that asks a deployment. Words only.

Before a line, `before` is done while nothing goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LINES", "WITHOUT_CALLS", "Line"]


@dataclass(frozen=True)
class Line:
    """A line without its `%lg_`, and what to do before it."""

    text: str
    before: tuple[str, ...] = ()


NEW_THREAD = "thread new"
RUN = 'run -a workbench -t new --json --wait {"steps": 1, "seconds": 0}'
CRON = 'cron create -a workbench --keep "0 9 * * *" hi'
ITEM = 'store put faults k {"a": 1}'
ASSISTANT = "assistant create workbench --name mine{n}"
ASKED = "run -a approval -t new --wait a plain question"

LINES: dict[str, tuple[Line, ...]] = {
    "": (Line(""),),
    "connect": (Line("connect {url}"),),
    "status": (Line("status"),),
    "set": (Line("set user_id=Test"),),
    "assistants": (Line("assistants"),),
    "assistant use": (Line("assistant use workbench"),),
    "assistant show": (Line("assistant show workbench"),),
    "assistant create": (Line(ASSISTANT),),
    "assistant update": (Line("assistant update mine{n} --description text", (ASSISTANT,)),),
    "assistant versions": (Line("assistant versions workbench"),),
    "assistant use-version": (
        Line("assistant use-version 1 mine{n}", (ASSISTANT, "assistant update mine{n} --description text")),
    ),
    "assistant delete": (Line("assistant delete mine{n}", (ASSISTANT,)),),
    "schemas": (Line("schemas workbench"),),
    "graph": (Line("graph workbench"), Line("graph workbench --xray")),
    "remote_graph": (Line("remote_graph workbench"),),
    "threads": (Line("threads"), Line("threads --status idle --limit 3")),
    "thread new": (Line(NEW_THREAD),),
    "thread use": (Line("thread use t1"), Line("thread use name{n} --create")),
    "thread show": (Line("thread show t1"),),
    "thread copy": (Line("thread copy t1"),),
    "thread rename": (Line('thread rename -t t1 "a name"'),),
    "thread update": (Line("thread update -t t1 --metadata a=b"),),
    "thread delete": (Line("thread delete last", (NEW_THREAD,)), Line("thread delete --status error")),
    "thread prune": (Line("thread prune t1"),),
    "watch": (Line("watch t1 --timeout 1"),),
    "usage": (Line("usage t1"),),
    "run": (
        Line('run -a workbench -t new --json {"steps": 1, "seconds": 0}'),
        Line('run -a workbench --stateless --json {"steps": 1, "seconds": 0}'),
        Line('run -a workbench -t new --wait --timeout 1 --json {"steps": 1, "seconds": 0}'),
    ),
    "doctor": (Line("doctor"),),
    "stream": (Line('stream -a workbench -t new --json {"steps": 1, "seconds": 0}'),),
    "batch": (
        Line("batch $rows --input {text} -a agent --dry-run"),
        Line("batch $rows --input {text} -a agent --wait --timeout 1"),
    ),
    "wait": (Line("wait last --timeout 1"),),
    "cancel": (Line("cancel last", ('run -a workbench -t new --json {"steps": 1, "seconds": 3}',)),),
    "attach": (Line("attach --mine"), Line("attach r1")),
    "resume": (Line("resume yes", (ASKED,)),),
    "inbox": (Line("inbox"),),
    "runs": (Line("runs"),),
    "runs delete": (Line("runs delete last", ('run -a workbench -t new --wait --json {"steps": 1, "seconds": 0}',)),),
    "state": (Line("state", ("thread use t1",)), Line("state step:0", ("thread use t1",))),
    "messages": (Line("messages", ("thread use t1",)),),
    "state update": (Line('state update {"steps": 2}', ("thread use t1",)),),
    "fork": (Line('fork step:0 --values {"steps": 2}', ("thread use t1",)),),
    "history": (Line("history", ("thread use t1",)), Line("history --all", ("thread use t1",))),
    "diff": (Line("diff step:0 step:1", ("thread use t1",)),),
    "store search": (Line("store search faults"),),
    "store get": (Line("store get faults k", (ITEM,)),),
    "store put": (Line(ITEM),),
    "store delete": (Line("store delete faults k", (ITEM,)),),
    "store namespaces": (Line("store namespaces"),),
    "store load": (Line("store load faults $rows --key text"),),
    "store export": (Line("store export faults", (ITEM,)),),
    "crons": (Line("crons"),),
    "cron create": (Line(CRON),),
    "cron show": (Line("cron show last", (CRON,)),),
    "cron runs": (Line("cron runs last", (CRON,)),),
    "cron pause": (Line("cron pause last", (CRON,)),),
    "cron resume": (Line("cron resume last", (CRON,)),),
    "cron update": (Line('cron update last --schedule "0 10 * * *"', (CRON,)),),
    "cron delete": (Line("cron delete last", (CRON,)),),
}

WITHOUT_CALLS = {
    "disconnect": "it ends the session of the table",
    "serve": "it asks the embedded server's process, and by no call",
    "compare": "it compares what two batches hold; with -a it is a batch",
    "check": "it compares a run that has ended with a file",
    "debug": "it sets what errors show",
}
"""The commands that are not in the table, and why."""

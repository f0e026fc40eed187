"""A deployment that lacks one capability: each command gives a right answer, and what is ignored is reported once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from re import fullmatch
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.server import calls
from lg_magics.session import Session

from .lacking import Lacking, lacking_server
from .lines import typed
from .waiting_runs import asked

Judge = Callable[[str, Any], tuple[int, str] | None]
SF = "what's the weather in sf"
SEARCHES = "POST /(threads|assistants)/search"
JOIN = "GET /threads/[^/]+/runs/[^/]+/join"
RUNS = "POST /threads/[^/]+/runs"


def without(*names: str, of: str) -> Callable[[dict[str, Any]], object]:
    """The document without these fields of a schema."""

    def document(real: dict[str, Any]) -> object:
        made = deepcopy(real)
        for name in names:
            made["components"]["schemas"][of]["properties"].pop(name, None)
        return made

    return document


def without_tasks(real: dict[str, Any]) -> object:
    made = deepcopy(real)
    for each in made["components"]["schemas"]["RunCreateStateful"]["properties"]["stream_mode"]["anyOf"]:
        (each.get("items") or each)["enum"].remove("tasks")
    return made


def refusing(pattern: str, is_refused: Callable[[Any], bool], status: int = 422) -> Judge:
    """A deployment that refuses a call when its body is so."""

    def judge(call: str, sent: Any) -> tuple[int, str] | None:
        refused = bool(fullmatch(pattern, call)) and isinstance(sent, dict) and is_refused(sent)
        return (status, "Input should be another") if refused else None

    return judge


@dataclass(frozen=True)
class Lack:
    """What a deployment lacks, in its document and by what it does."""

    judges: Judge = lambda call, sent: None
    document: Callable[[dict[str, Any]], object] = lambda real: real
    ignored: tuple[str, tuple[str, ...]] = ("", ())
    dropped: tuple[str, ...] = ()


GRAPH_BY_NAME = refusing("GET /assistants/agent/graph", lambda sent: True)
LACKS: dict[str, Lack] = {
    "pages of 100": Lack(refusing(SEARCHES, lambda sent: sent.get("limit", 0) > 100)),
    "no select": Lack(refusing("POST /threads/search", lambda sent: bool({"select", "extract"} & set(sent)))),
    "ids ignored": Lack(document=without("ids", of="ThreadSearchRequest"), ignored=("POST /threads/search", ("ids",))),
    "no tasks mode": Lack(
        refusing(RUNS, lambda sent: "tasks" in (sent.get("stream_mode") or ())), document=without_tasks
    ),
    "no history by metadata": Lack(
        refusing("POST /threads/[^/]+/history", lambda sent: "metadata" in sent, status=500)
    ),
    "no document": Lack(document=lambda real: []),
    "rows without interrupts": Lack(dropped=("interrupts",)),
    "no graph by name": Lack(
        lambda call, sent: (422, "Invalid assistant ID") if call == "GET /assistants/agent/graph" else None
    ),
    "no run without input": Lack(
        refusing(
            RUNS, lambda sent: not any(sent.get(name) for name in ("input", "command", "checkpoint_id", "checkpoint"))
        )
    ),
    "no thread made by a run": Lack(
        refusing(RUNS, lambda sent: False),
        document=without("if_not_exists", of="RunCreateStateful"),
        ignored=(RUNS, ("if_not_exists",)),
    ),
}


@pytest.fixture(scope="module")
def running(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def poor(running: Lacking, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lacking]:
    monkeypatch.setattr(calls, "_documents", {})
    yield running
    running.judges, running.document = Lack().judges, Lack().document
    running.ignored, running.dropped = {}, ()
    running.instead = lambda call: None


@pytest.fixture
def session(poor: Lacking) -> Iterator[Session]:
    new = Session()
    yield new
    new.close()


def connected(session: Session, poor: Lacking, lack: Lack) -> Counter[str]:
    """Connect, and count the calls from then on."""

    def judge(call: str, sent: Any) -> tuple[int, str] | None:
        counted[call] += 1
        return lack.judges(call, sent)

    counted: Counter[str] = Counter()
    poor.judges, poor.document, poor.dropped = judge, lack.document, lack.dropped
    poor.ignored = dict([lack.ignored])
    deployment.connect(session, poor.url, assistant="agent")
    return counted


@pytest.mark.parametrize("name", LACKS)
def test_each_command_gives_a_right_answer(session: Session, poor: Lacking, name: str) -> None:
    connected(session, poor, LACKS[name])
    run = runs.run(session, SF, assistant="agent", thread="new", wait=True)
    assert run.status == "success"
    assert tracked(run).has_card
    assert len(run.messages) == 4
    second = runs.run(session, "and in nyc?", wait=True)
    assert (second.thread_id, len(second.messages), len(run.messages)) == (run.thread_id, 8, 4)
    assert typed(session, "threads", "").df["thread_id"].iloc[0] == run.thread_id
    assert len(typed(session, "threads", "--all")) >= 1
    assert typed(session, "thread show", "").data["thread_id"] == run.thread_id
    assert second.run_id in list(typed(session, "runs", "").df["run_id"])
    assert "agent" in {node.id for node in typed(session, "graph", "agent").shape.nodes}
    assert len(list(typed(session, "history", ""))) >= 8
    assert typed(session, "assistants", "")
    assert typed(session, "status", "")
    waiting = asked(session, "plain")
    assert waiting.status == "waiting"
    assert waiting.thread_id in list(typed(session, "inbox", "--all").df["thread_id"])
    typed(session, "thread use", waiting.thread_id)
    assert typed(session, "resume", "yes").wait(60).status == "success"


def test_a_run_without_input_is_sent_from_the_head(session: Session, poor: Lacking) -> None:
    connected(session, poor, LACKS["no run without input"])
    stopped = typed(session, "run", "--input $value -a workbench -t new --interrupt-before work", value={"steps": 1})
    assert stopped.wait_quietly(60).status == "waiting"
    after = typed(session, "resume", "")
    assert isinstance(after, Run)
    assert after.wait(60).status == "success"


def test_what_is_refused_once_is_not_sent_again(session: Session, poor: Lacking) -> None:
    sent = connected(session, poor, LACKS["no select"])
    typed(session, "threads", "")
    assert sent["POST /threads/search"] == 2
    typed(session, "threads", "")
    assert sent["POST /threads/search"] == 3
    deployment.connect(session, poor.url)  # it may have learnt that meanwhile
    typed(session, "threads", "")
    assert sent["POST /threads/search"] == 5


def test_an_option_that_the_deployment_ignores_is_reported_once_and_in_the_status(
    session: Session, poor: Lacking
) -> None:
    connected(session, poor, Lack(document=without("durability", of="RunCreateStateful")))
    line = "--input $value -a workbench -t new --durability exit"
    first = typed(session, "run", line, value={"steps": 1}).wait(60)
    second = typed(session, "run", line, value={"steps": 1}).wait(60)
    word = "this deployment ignores --durability"
    assert (word in first.info.defaults, word in second.info.defaults) == (True, False)
    status = typed(session, "status", "")
    assert status.data["ignores"] == ["--durability"]
    assert ("ignores", "--durability") in status.facts


def test_a_live_run_beside_which_reject_was_taken_shows_that_it_is_ignored(session: Session, poor: Lacking) -> None:
    connected(session, poor, Lack(ignored=(RUNS, ("multitask_strategy",))))
    first = typed(session, "run", "--input $value -a workbench -t new", value={"steps": 30, "seconds": 1})
    again = typed(session, "run", "--input $value -a workbench --multitask reject", value={"steps": 1})
    assert "this deployment ignores --multitask" in again.info.defaults
    typed(session, "cancel", f"{first.number} {again.number}")


def test_a_batch_whose_joins_say_nothing_has_its_outputs(session: Session, poor: Lacking) -> None:
    """aegra answers a join with {} where the other of its processes ran the run."""
    connected(session, poor, Lack())
    poor.instead = lambda call: (200, "application/json", b"{}") if fullmatch(JOIN, call) else None
    rows = [{"order": {"steps": 1, "messages": [{"role": "human", "content": f"row {number}"}]}} for number in range(2)]
    made = typed(session, "batch", "$rows --input order -a workbench", rows=rows).wait(60)
    assert made.df["output"].tolist() == ["Done: 1 steps."] * 2


def test_an_independent_server_gets_one_stream_at_a_time(session: Session, poor: Lacking) -> None:
    """aegra 0.6 has two connections to its database, and each joined stream holds one."""
    sent = connected(session, poor, Lack(dropped=("langgraph_py_version", "host")))
    order = {"steps": 2, "seconds": 0.5}
    made = [typed(session, "run", "--input $value -a workbench -t new", value=order) for _ in range(4)]
    assert session.tracker._pool_of(session.connection)._streams == 1
    assert [run.wait(60).status for run in made] == ["success"] * 4
    rows = [{"order": {"steps": 1}} for _ in range(4)]
    assert typed(session, "batch", "$rows --input order -a workbench", rows=rows).wait(60).counts == {"success": 4}
    assert [call for call in sent if fullmatch(JOIN, call)] == []


def test_the_document_is_read_once_for_each_version(session: Session, poor: Lacking) -> None:
    sent = connected(session, poor, Lack())
    typed(session, "threads", "")
    deployment.connect(session, poor.url)
    typed(session, "threads", "")
    assert sent["GET /openapi.json"] == 1

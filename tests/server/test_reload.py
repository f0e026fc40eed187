"""An edited file of `--graph` and `--config` is served to the next run; served graphs outlive the server's process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lg_magics import local
from lg_magics.actions.connect import connect_local
from lg_magics.commands import deployment, runs
from lg_magics.follow.run import Run
from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect
from lg_magics.local.serving import Served, serve_source
from lg_magics.session import Session

GRAPH = """
import operator, time
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph
import words_beside
class State(TypedDict, total=False):
    log: Annotated[list, operator.add]
def note(state):
    time.sleep({seconds})
    return {{"log": [words_beside.WORD, {mark!r}]}}
graph = StateGraph(State).add_node(note).add_edge(START, "note").compile()
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session that serves the graph of a file."""
    write(tmp_path, "one")
    (tmp_path / "words_beside.py").write_text("WORD = 'beside'\n")
    new = Session(is_attended=lambda: False)
    connect_local(new, graph=f"{tmp_path}/noted.py:graph")
    yield new
    deployment.disconnect(new, stop=True)
    new.close()


def write(folder: Path, mark: str, seconds: float = 0.0) -> None:
    (folder / "noted.py").write_text(GRAPH.format(mark=mark, seconds=seconds))


def start(session: Session, thread: str = "new") -> Run:
    return runs.run(session, input={"log": []}, thread=thread)


def test_an_edited_file_is_served_to_the_next_run_and_a_broken_one_is_not(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "slow", 2.0)
    live = start(session)
    assert live.info.version == "v2"
    while live.status != "running":
        time.sleep(0.05)
    time.sleep(0.3)
    write(tmp_path, "two")
    run = start(session)
    run.wait(30)
    assert run.result["log"] == ["beside", "two"]
    (tmp_path / "words_beside.py").write_text("WORD = 'edited beside'\n")
    run = start(session, thread=run.thread_id)
    run.wait(30)
    assert run.result["log"] == ["beside", "two", "edited beside", "two"]
    (tmp_path / "noted.py").write_text(GRAPH.format(mark="three", seconds=0) + "\n1 / 0\n")
    run = start(session)
    run.wait(30)
    assert run.result["log"] == ["edited beside", "two"]
    assert run.info.version == "v4"
    [problem] = [each for each in run.info.defaults if "not in use" in each]
    assert "ZeroDivisionError" in problem
    assert "noted.py, line 13)" in problem
    live.wait(30)
    assert live.result["log"] == ["beside", "slow"]


@pytest.mark.slow
def test_what_was_served_from_a_notebook_is_served_again_after_the_server_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "words_beside.py").write_text("WORD = 'beside'\n")
    new = Session()
    connect_local(new)
    assert serve(new, tmp_path, "one").number == 1
    assert serve(new, tmp_path, "two").number == 2
    run = runs.run(new, input={"log": []}, assistant="graph", thread="new")
    run.wait(30)
    before = new.local
    assert before is not None
    local.stop(before)
    connect_local(new)
    assert new.local is not None
    assert new.local.pid != before.pid
    again = runs.run(new, input={"log": []}, assistant="graph", thread=run.thread_id)
    again.wait(30)
    assert again.result["log"] == ["beside", "two"] * 2
    old = runs.run(new, input={"log": []}, assistant="graph", thread="new", version=1)
    old.wait(30)
    assert old.result["log"] == ["beside", "one"]
    assert serve(new, tmp_path, "three").number == 3
    deployment.disconnect(new, stop=True)
    new.close()


def serve(session: Session, folder: Path, mark: str) -> Served:
    """Serve the same graph as a notebook does."""
    assert session.local is not None
    found = collect([ExecutedCell(1, GRAPH.format(mark=mark, seconds=0))], "graph")
    return serve_source(
        session.local,
        "graph",
        found.source,
        owner="",
        folder=folder,
        path=[str(folder)],
        environment={},
        is_confirmed=False,
    )

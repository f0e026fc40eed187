"""Graphs of real deployments, and what real runs did in them."""

from __future__ import annotations

import re
import threading

import pytest

from lg_magics.commands import assistants, attach, graph, runs
from lg_magics.errors import CommandError, LgError, UnknownReference
from lg_magics.ipython.live_graph import LiveGraph, graph_for_page
from lg_magics.session import Session
from lg_magics.tables.graph import Graph
from lg_magics.views.bundle import bundle
from lg_magics.widgets.view import RELEASE

from .coming import until


def marks(drawn: Graph) -> dict[str, tuple[str, int]]:
    return {name: (mark.state, mark.times) for name, mark in drawn.marks.items()}


def taken(drawn: Graph) -> list[str]:
    return [f"{row['source']} {row['target']}" for row in drawn.edges if row["taken"]]


def test_a_graph_has_its_nodes_and_its_conditional_edges(session: Session) -> None:
    drawn = graph.graph(session, "agent")
    assert [row["node"] for row in drawn.nodes] == ["start", "agent", "tools", "end"]
    assert [(row["source"], row["target"]) for row in drawn.edges if row["conditional"]] == [
        ("agent", "end"),
        ("agent", "tools"),
    ]
    assert set(bundle(drawn)) == {"image/svg+xml", "text/plain"}
    assert "n1 -.-> n2" in drawn.mermaid


def test_the_graph_of_the_current_assistant_is_drawn_by_its_name(session: Session) -> None:
    made = assistants.create(session, "agent", name="drawn")
    try:
        session.select(assistant=made.data["assistant_id"])
        assert bundle(graph.graph(session))["text/plain"].startswith("graph of drawn\n")
    finally:
        session.connection.sync.assistants.delete(made.data["assistant_id"])


def test_subgraphs_are_expanded_on_request(odd: Session) -> None:
    assert [row["node"] for row in graph.graph(odd, "nested").nodes] == [
        "start", "first", "team", "loop", "again", "fails", "end",
    ]  # fmt: skip
    inside = {row["node"]: row["group"] for row in graph.graph(odd, "nested", xray=True).nodes}
    assert inside["team › deep › ask"] == "team › deep"
    assert inside["first"] == ""
    one_level = [row["node"] for row in graph.graph(odd, "nested", xray=1).nodes]
    assert "team › deep" in one_level
    assert "team › deep › ask" not in one_level


@pytest.mark.parametrize("card", [True, False], ids=["watched", "not watched"])
def test_what_a_run_did_inside_of_subgraphs_is_reported_too(odd: Session, card: bool) -> None:
    """The steps of a run come from its stream, those inside of subgraphs from the checkpoints of each."""
    run = runs.run(odd, "hello", assistant="nested", thread="new", card=card)
    until(lambda: run.is_settled)
    drawn = graph.graph(odd, xray=True, run=run)
    inside = {name: mark for name, mark in marks(drawn).items() if name.startswith("team")}
    assert inside == dict.fromkeys(("team", "team:deep", "team:deep:ask", "team:deep:tell"), ("done", 1))
    assert marks(drawn)["fails"] == ("failed", 1)
    assert drawn.note == ""
    shown = bundle(drawn)
    assert "team › deep as a whole: done" in shown["text/plain"]
    assert re.search(r"team › deep › ask +━→ .*done", shown["text/plain"])
    assert "team › deep: done" in shown["image/svg+xml"]
    assert re.search(r'subgraph g1n\d+\["deep #183; done', drawn.mermaid)
    assert re.search(r'n\d+\["ask\\ndone', drawn.mermaid)
    assert re.search(r"^class n\d+,g0(n\d+),g1n\d+,.* done$", drawn.mermaid, re.MULTILINE)
    assert set(taken(drawn)) == {
        "start first",
        "first team › deep › ask",
        "team › deep › ask team › deep › tell",
        "team › deep › tell team › end",
        "team › end loop",
        "loop fails",
    }
    plain = graph.graph(odd, run=run, xray=False)
    assert not [name for name in plain.marks if ":" in name]
    assert graph.graph(odd, run=run).marks == drawn.marks  # with --run, subgraphs are drawn


@pytest.mark.parametrize("card", [True, False], ids=["watched", "not watched"])
def test_what_a_run_did_is_reported_with_its_times(session: Session, card: bool) -> None:
    run = runs.run(session, "weather in Paris", assistant="agent", thread="new", card=card).wait()
    drawn = graph.graph(session, run=run)
    assert marks(drawn) == {"agent": ("done", 2), "tools": ("done", 1)}
    assert all(mark.seconds is not None for mark in drawn.marks.values())
    assert taken(drawn) == ["start agent", "agent end", "agent tools", "tools agent"]
    text = bundle(drawn)["text/plain"]
    assert text.startswith(f"graph of agent, {run.number} success\n")
    assert "done 2×, " in text


@pytest.mark.parametrize("card", [True, False], ids=["watched", "not watched"])
def test_a_node_that_failed_and_one_that_asks_are_reported(session: Session, odd: Session, card: bool) -> None:
    asks = runs.run(session, "plain", assistant="approval", thread="new", card=card).wait()
    assert marks(graph.graph(session, run=asks))["approve"][0] == "waiting"
    fails = runs.run(odd, "hello", assistant="nested", thread="new", card=card).wait_quietly(120)
    drawn = graph.graph(odd, run=fails, xray=True)
    assert {name: state for name, (state, _) in marks(drawn).items()} == {
        "first": "done",
        "team": "done",
        "team:deep": "done",
        "team:deep:ask": "done",
        "team:deep:tell": "done",
        "loop": "done",
        "fails": "failed",
    }
    assert "team as a whole: done" in bundle(drawn)["text/plain"]


def test_a_run_that_goes_on_is_drawn_as_it_is(session: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 60}, assistant="workbench", thread="new")
    until(lambda: any(step.node == "work" for step in run.view.steps))
    drawn = graph.graph(session, run="last")
    assert marks(drawn) == {"plan": ("done", 1), "work": ("running", 1)}
    assert drawn.is_open
    assert f"graph of workbench, {run.number} running" in bundle(drawn)["text/plain"]
    run.cancel()
    until(lambda: run.is_settled)
    drawn = graph.graph(session, run=run)
    assert marks(drawn)["work"] == ("cancelled", 1)
    assert not drawn.is_open


@pytest.mark.parametrize("card", [True, False], ids=["watched", "not watched"])
def test_what_happens_inside_of_subgraphs_is_drawn_while_the_run_goes_on(stepping: Session, card: bool) -> None:
    run = runs.run(stepping, input={"seconds": 60.0}, assistant="busy_inside", thread="new", card=card)
    expected = {"team": ("running", 1), "team:start": ("done", 1), "team:right": ("running", 1)}
    # One drawing is checked as a whole: the next one may come from the stream, which can be behind the checkpoints.
    drawings: list[Graph] = []

    def is_drawn() -> bool:
        drawings.append(graph.graph(stepping, run=run))
        return marks(drawings[-1]) == expected

    until(is_drawn)
    drawn = drawings[-1]
    assert taken(drawn) == ["start team › start", "team › start team › right"]
    assert drawn.is_open
    run.cancel()
    until(lambda: run.is_settled)


def test_somebody_elses_run_is_distinguished_from_its_checkpoints(session: Session, other: Session) -> None:
    theirs = runs.run(other, "weather in Paris", assistant="agent", thread="new", card=False).wait()
    with pytest.raises(UnknownReference):
        graph.graph(session, run=theirs.run_id)
    attach.attach(session, theirs.run_id, thread=theirs.thread_id, wait=True)
    assert marks(graph.graph(session, run=theirs.run_id)) == {"agent": ("done", 2), "tools": ("done", 1)}


def test_a_run_of_another_graph_says_what_does_not_fit(session: Session, odd: Session) -> None:
    run = runs.run(session, "weather in Paris", assistant="agent", thread="new").wait()
    drawn = graph.graph(session, "workbench", run=run)
    assert drawn.note == f"{run.number} also ran agent, tools, which this graph has not."
    with pytest.raises(LgError, match=f"{run.number} is on "):
        graph.graph(odd, run=run)


def test_the_end_of_a_drawing_waits_for_a_page_that_writes_it_down(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.widgets.view.SPOKE", spoke := threading.Event())
    spoke.set()
    run = runs.run(session, input={"steps": 2, "seconds": 60}, assistant="workbench", thread="new")
    live = LiveGraph(graph.graph(session, run=run))
    live.show()
    assert not live._widget.kept
    run.cancel()
    until(lambda: bool(live._widget.kept))
    assert live._widget.kept == {**graph_for_page(graph.graph(session, run=run)), "over": True}
    assert live._widget.comm is not None
    live._widget._receive(None, RELEASE, None)
    assert live._widget.comm is None


def test_odd_names_and_two_hundred_nodes_are_drawn(odd: Session) -> None:
    shown = bundle(graph.graph(odd, "odd"))
    assert "<img" not in "".join(shown[kind] for kind in ("image/svg+xml",))
    assert "<img src=x onerror=alert(1)>" in shown["text/plain"]
    wide = graph.graph(odd, "wide")
    assert len(wide.nodes) == 202
    assert set(bundle(wide)) == {"text/vnd.mermaid", "text/plain"}


def test_nobodys_graph_is_refused(session: Session) -> None:
    with pytest.raises(UnknownReference, match="Did you mean agent"):
        graph.graph(session, "agnet")
    with pytest.raises((CommandError, UnknownReference), match="r99"):
        graph.graph(session, run="r99")

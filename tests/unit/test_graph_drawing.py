"""A graph in words, in Mermaid and as a picture: whatever a server calls its nodes, and however many there are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from lg_magics.actions.graph_run import what_is_cut
from lg_magics.model.graph import Edge, Shape, label_from_text, shape_from_payload
from lg_magics.model.graph_layout import layout_of
from lg_magics.model.run_in_graph import Mark, inner_namespaces, marks_from_steps
from lg_magics.model.run_in_graph import steps_from_entries as from_entries
from lg_magics.model.run_steps import Step
from lg_magics.tables.graph import Graph
from lg_magics.views.bundle import bundle

MERMAID, SVG, TEXT = "text/vnd.mermaid", "image/svg+xml", "text/plain"
EVIL = (
    "<img src=x onerror=alert(1)>",
    'x"] --> y["',
    "a; b",
    "%%{init: {}}%%",
    "end",
    "`**md**`",
    "#60;b",
    "click n0 call()",
)


def payload(*names: str, edges: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A chain of nodes, or nodes with these edges."""
    whole = ("__start__", *names, "__end__")
    chain = [{"source": source, "target": target} for source, target in pairwise(whole)]
    return {"nodes": [{"id": name} for name in whole], "edges": chain if edges is None else edges}


def graph(*names: str, marks: dict[str, Mark] | None = None, is_expanded: bool = False, **more: Any) -> Graph:
    return Graph("trip", shape_from_payload(payload(*names, **more), is_expanded=is_expanded), marks or {})


AGENT: list[dict[str, Any]] = [
    {"source": "__start__", "target": "agent"},
    {"source": "agent", "target": "__end__", "conditional": True},
    {"source": "agent", "target": "tools", "conditional": True, "data": "calls"},
    {"source": "tools", "target": "agent"},
]


def test_conditional_edges_are_dashed_in_every_drawing() -> None:
    shown = bundle(graph("agent", "tools", edges=AGENT))
    assert shown[TEXT] == (
        "graph of trip\n  start  ─→ agent\n  agent  ┄→ end, tools (calls)\n  tools  ─→ agent\n  ┄→ only on a condition"
    )
    assert graph("agent", "tools", edges=AGENT).mermaid.splitlines()[-4:] == [
        "n0 --> n1",
        "n1 -.-> n3",
        'n1 -.->|"calls"| n2',
        "n2 --> n1",
    ]
    assert [each.get("class") for each in groups(shown[SVG], "lg-edge")] == [
        "lg-edge",
        "lg-edge lg-if",
        "lg-edge lg-if",
        "lg-edge",
    ]


def test_the_style_of_a_picture_styles_nothing_else() -> None:
    """nbconvert and nbviewer put the picture into their page as it is."""
    style = bundle(graph("agent"))[SVG].partition("<style>")[2].partition("</style>")[0]
    selectors = [each.strip() for rule in style.split("}") if rule for each in rule.partition("{")[0].split(",")]
    assert selectors
    assert [each for each in selectors if not each.startswith(".lg-picture")] == []


def groups(svg: str, name: str) -> list[ElementTree.Element]:
    """The groups of a picture that have a class."""
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    return [each for each in found if name in str(each.get("class")).split()]


def test_what_a_run_did_is_said_in_words_and_colours() -> None:
    marks = marks_from_steps(
        [
            Step("plan", "done", 1.0, 2.5),
            Step("work", "done", 2.5, 3.0),
            Step("work", "running", 3.0),
            Step("ask", "waiting", 3.0, 3.1),
            Step("fail", "failed", 3.0, 3.2),
            Step("stop", "cancelled", 3.0, 63.0),
        ]
    )
    drawn = graph("plan", "work", "ask", "fail", "stop", "rest", marks=marks)
    shown = bundle(drawn)
    for words in (
        "done, 1.5 s",
        "running 2×, 0.5 s",
        "waiting for a person, 0.1 s",
        "failed, 0.2 s",
        "cancelled, 1 min 00 s",
    ):
        assert words in shown[TEXT]
        assert words in shown[SVG]
    assert 'n1["plan\\ndone#44; 1.5 s"]' in drawn.mermaid
    assert "classDef failed stroke:#e5534b,stroke-width:3px\nclass n4 failed" in drawn.mermaid
    states = {str(each.get("class")).removeprefix("lg-node").strip() for each in groups(shown[SVG], "lg-node")}
    assert states == {"", "lg-done", "lg-running", "lg-waiting", "lg-failed", "lg-cancelled"}


def test_subgraphs_that_are_expanded_are_frames_and_marked_as_a_whole() -> None:
    marks = {"team": Mark("done", 1, 2.0)}
    edges = [
        {"source": "__start__", "target": "team:deep:ask"},
        {"source": "team:deep:ask", "target": "team:__end__"},
        {"source": "team:__end__", "target": "__end__"},
    ]
    drawn = graph("team:deep:ask", "team:__end__", edges=edges, marks=marks, is_expanded=True)
    shown = bundle(drawn)
    assert "team › deep › ask  ─→ team › end" in shown[TEXT]
    assert "team as a whole: done, 2.0 s" in shown[TEXT]
    assert "team: done, 2.0 s" in shown[SVG]
    assert re.search(
        r'subgraph (g0n\d)\["team #183; done#44; 2.0 s"\]\nn\d\(\["end"\]\)\nsubgraph g1n\d\["deep"\]\nn\d\["ask"\]\nend\nend',
        drawn.mermaid,
    )


def test_nodes_inside_of_subgraphs_are_marked_where_their_checkpoints_tell_of_them() -> None:
    marks = {
        "team": Mark("waiting"),
        "team:deep": Mark("waiting"),
        "team:deep:ask": Mark("done", 1, 1.0),
        "team:deep:tell": Mark("waiting"),
    }
    drawn = graph("team:deep:ask", "team:deep:tell", marks=marks, is_expanded=True)
    shown = bundle(drawn)
    assert "team › deep as a whole: waiting for a person" in shown[TEXT]
    assert "team › deep: waiting for a person" in shown[SVG]
    assert re.search(r'subgraph g1n\d\["deep #183; waiting for a person"\]', drawn.mermaid)
    assert "class n1 done" in drawn.mermaid
    assert "class g0n1,g1n1,n2 waiting" in drawn.mermaid


def test_a_subgraph_is_distinguished_from_its_own_checkpoints() -> None:
    where = {"checkpoint_ns": "team:1"}
    tasks = [
        {"name": "team", "checkpoint": where},
        {"name": "plain", "checkpoint": None},
        {"name": "x", "checkpoint": 3},
    ]
    assert inner_namespaces([{"tasks": tasks}, {"tasks": "none"}, {}]) == [("team", "team:1")]
    asks = {"created_at": "2026-01-01T00:00:01Z", "tasks": [{"name": "tell", "interrupts": [{"value": "?"}]}]}
    began = {"created_at": "2026-01-01T00:00:00Z", "tasks": [{"name": "ask"}]}
    assert marks_from_steps(from_entries([asks, began], ("team:1", "deep:2"))) == {
        "team:deep:ask": Mark("done", 1, 1.0),
        "team:deep:tell": Mark("waiting"),
    }


def test_taken_edges_are_thick_in_every_drawing() -> None:
    shape = shape_from_payload(payload("agent", "tools", edges=AGENT))
    taken = frozenset(shape.edges[:2])
    drawn = Graph("trip", shape, {}, taken=taken, run="r7 success")
    shown = bundle(drawn)
    assert shown[TEXT].splitlines()[1:] == [
        "  start  ━→ agent",
        "  agent  ┄→ tools (calls)  ┅→ end",
        "  tools  ─→ agent",
        "  ┄→ only on a condition",
        "  ━→ ┅→ taken by r7",
    ]
    classes = [each.get("class") for each in groups(shown[SVG], "lg-edge")]
    assert classes == ["lg-edge lg-taken", "lg-edge lg-if lg-taken", "lg-edge lg-if", "lg-edge"]
    assert drawn.mermaid.splitlines()[-1] == "linkStyle 0,1 stroke:#2da44e,stroke-width:3px"
    assert [row["taken"] for row in drawn.edges] == ["yes", "yes", "", ""]


@pytest.mark.parametrize("evil", EVIL)
def test_a_hostile_name_is_a_label_and_nothing_else(evil: str) -> None:
    edges = [*payload(evil)["edges"], {"source": evil, "target": evil, "data": evil, "conditional": True}]
    drawn = Graph(evil, shape_from_payload(payload(evil, edges=edges)), {evil: Mark("done")}, run="r1 success")
    shown = bundle(drawn)
    source = drawn.mermaid.partition("---\nflowchart TD\n")[2].splitlines()
    assert len(source) == 9
    assert not re.search(r"[<>&`%{}]", re.sub(r"--?\.?->", "", "\n".join(source)))
    for line in source[1:4]:
        assert re.fullmatch(r'n\d(\[|\(\[)"[\w #;\\.]*"(\]|\]\))', line), line
    root = ElementTree.fromstring(shown[SVG])
    assert {each.tag.partition("}")[2] for each in root.iter()} <= {
        "svg", "style", "title", "polygon", "path", "rect", "text", "g",
    }  # fmt: skip
    assert evil in [each.text for each in root.iter() if each.tag.endswith("text")]


def test_control_characters_and_long_names_can_be_drawn() -> None:
    assert label_from_text("a\x1b[31m\nb\u202ec\ud800") == r"a␛[31m b\u202ec\ud800"
    assert len(label_from_text("x" * 500)) == 40
    assert label_from_text(" ") == "?"
    ElementTree.fromstring(bundle(graph("a\x01b\x1f", "\ufffe", "\ud800"))[SVG])


def test_a_large_graph_is_shown_in_part_and_no_graph_at_all_too() -> None:
    shown = bundle(graph(*(f"n{number}" for number in range(200))))
    assert set(shown) == {MERMAID, TEXT}
    assert "… 101 more nodes: .nodes and .edges have all" in shown[TEXT]
    names = [f"n{number}" for number in range(60)]
    dense = [{"source": a, "target": b} for a in names for b in names]
    shown = bundle(graph(*names, edges=dense))
    assert set(shown) == {TEXT}
    assert "n11, … 48 more" in shown[TEXT]
    assert shown[TEXT].endswith("too large to be drawn: .nodes and .edges are tables")
    assert set(bundle(graph(*(f"n{number}" for number in range(5_000))))) == {TEXT}
    assert bundle(Graph("none", Shape())) == {TEXT: "graph of none"}


def way_of(edges: list[tuple[int, int]], name: str = "a_step_of_the_pipeline_{}") -> str:
    """The way in which Mermaid is to draw a graph; "" if it is not drawn."""
    names = [name.format(number) for number in range(max(map(max, edges), default=0) + 1)]
    rows = [{"source": names[source], "target": names[target]} for source, target in edges]
    found = re.search("^flowchart (..)$", graph(*names, edges=rows).mermaid, re.MULTILINE)
    return found.group(1) if found else ""


def test_a_wide_graph_is_drawn_from_left_to_right_and_one_that_nobody_could_read_is_not() -> None:
    """JupyterLab makes a drawing as narrow as its page: 200 nodes in a tree were a strip of 20 pixels."""
    tree = [((number - 1) // 3, number) for number in range(1, 200)]
    assert way_of(tree) == "LR"
    assert way_of([(number, number + 1) for number in range(199)]) == "TD"
    assert way_of([(0, number) for number in range(1, 4)]) == "TD"
    assert (
        way_of([(number, number + 10) for number in range(190)]) == "TD"
    )  # ten beside each other: small, but readable
    square = [(number, number + 18) for number in range(340)]
    assert way_of(square) == ""
    assert way_of(square, "{}") == "TD"


def test_no_source_is_longer_than_what_jupyterlab_draws() -> None:
    names = [f"{number:03}{'<' * 37}" for number in range(400)]
    edges = [{"source": a, "target": b, "data": "<" * 40} for a, b in pairwise(names)]
    assert bundle(graph(*names, edges=edges)).keys() == {TEXT}


def test_nodes_and_edges_are_tables() -> None:
    found = graph("agent", "tools", edges=AGENT, marks={"agent": Mark("done", 2, 1.5)})
    assert [(row["node"], row["kind"], row["state"], row["times"], row["seconds"]) for row in found.nodes] == [
        ("start", "start", "", None, None),
        ("agent", "node", "done", 2, 1.5),
        ("tools", "node", "", None, None),
        ("end", "end", "", None, None),
    ]
    assert [(row["source"], row["target"], row["label"], row["conditional"]) for row in found.edges][1:3] == [
        ("agent", "end", "", "yes"),
        ("agent", "tools", "calls", "yes"),
    ]
    assert list(found.df["seconds"].dropna()) == [1.5]


def test_a_run_that_nobody_watched_is_distinguished_from_its_checkpoints() -> None:
    def entry(second: int, *tasks: dict[str, Any]) -> dict[str, Any]:
        return {"created_at": f"2026-11-21T10:00:0{second}+00:00", "tasks": list(tasks)}

    entries = [
        entry(4, {"name": "ask", "interrupts": [{"id": "1"}]}),
        entry(3, {"name": "fail", "error": "ValueError"}, {"name": "slow", "result": {}}),
        entry(2, {"name": "stopped", "error": "CancelledError()"}),
        entry(1, {"name": "work", "result": {}}),
        entry(0, {"name": "__start__"}),
    ]
    marks = {name: (mark.state, mark.seconds) for name, mark in marks_from_steps(from_entries(entries)).items()}
    assert marks.pop("stopped") == ("cancelled", 1.0)
    assert marks == {"work": ("done", 1.0), "fail": ("failed", 1.0), "slow": ("done", 1.0), "ask": ("waiting", None)}
    assert from_entries([{"created_at": None, "tasks": "nonsense"}]) == []
    assert from_entries([]) == []  # a run that has just begun


NAMES = st.sampled_from(["__start__", "a", "b", "c", "d:e", "d:f", "__end__"])
EDGES = st.lists(st.builds(Edge, NAMES, NAMES, st.sampled_from(["", "yes"]), st.booleans()), max_size=20, unique=True)


@given(EDGES)
@settings(deadline=None, max_examples=50)
def test_no_node_lies_on_another_and_every_edge_is_drawn(edges: list[Edge]) -> None:
    rows = [{"source": each.source, "target": each.target, "data": each.label} for each in edges]
    shape = shape_from_payload(payload("a", "b", "c", "d:e", "d:f", edges=rows), is_expanded=True)
    layout = layout_of(shape, lambda node: (40.0, 20.0), lambda edge: 10.0)
    assert {route.edge for route in layout.routes} == set(shape.edges)
    places = list(layout.places.values())
    for number, (x, y) in enumerate(places):
        assert 20 <= x <= layout.width - 20
        assert 10 <= y <= layout.height - 10
        assert all(abs(x - other[0]) >= 40 or abs(y - other[1]) >= 20 for other in places[:number])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["nodes", "edges", "id", "source", "target", "data", "conditional"]), inner)
    ),
    max_leaves=30,
)


@given(JSON, st.booleans())
@settings(deadline=None, max_examples=50)
def test_whatever_a_server_calls_a_graph_is_drawn_without_an_error(answer: Any, is_expanded: bool) -> None:
    shape = shape_from_payload(answer if isinstance(answer, dict) else {"nodes": answer}, is_expanded=is_expanded)
    shown = bundle(Graph("trip", shape))
    assert shown[TEXT].startswith("graph of trip")
    if SVG in shown:
        ElementTree.fromstring(shown[SVG])


def ends(state: Any) -> Any:
    return {}


def drawn_by_langgraph(builder: Any) -> Shape:
    return shape_from_payload(builder.compile().get_graph().to_json())


def test_what_langgraph_cuts_is_stated() -> None:
    chain: Any = StateGraph(dict)
    for n in range(260):
        chain.add_node(f"n{n}", ends)
        chain.add_edge(f"n{n - 1}" if n else START, f"n{n}")
    shape = drawn_by_langgraph(chain)
    cut = [node.id for node in shape.unreached]
    assert cut == [f"n{n}" for n in range(260 - len(cut), 260)]
    assert 0 < len(cut) <= 10
    assert re.match(
        r"LangGraph gives no way to n\d+, n\d+, n\d+ and \d+ more: it follows 250 steps", what_is_cut(shape)
    )


def test_a_node_that_only_a_command_names_is_stated_in_text_and_picture_and_one_that_is_declared_is_not() -> None:
    def undeclared(state: Any) -> Any:
        return Command(goto="found")

    def declared(state: Any) -> Command[Literal["found"]]:
        return Command(goto="found")

    declared.__annotations__["return"] = Command[Literal["found"]]
    notes = []
    for choose in (undeclared, declared):
        builder: Any = StateGraph(dict)
        builder.add_node("choose", choose).add_node("found", ends).add_edge(START, "choose")
        shape = drawn_by_langgraph(builder)
        notes.append(what_is_cut(shape))
        shown = bundle(Graph("trip", shape, note=notes[-1]))
        assert ("gives no way to found" in shown[TEXT]) == ("gives no way to found" in shown[SVG]) == bool(notes[-1])
    assert notes == ["LangGraph gives no way to found: it follows 250 steps, and targets that the graph declares.", ""]

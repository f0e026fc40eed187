"""Which edges a run took, as far as its steps prove it."""

from __future__ import annotations

from typing import Any

from lg_magics.model.graph import shape_from_payload
from lg_magics.model.run_in_graph import taken_edges
from lg_magics.model.run_steps import Step

AGENT: list[dict[str, Any]] = [
    {"source": "__start__", "target": "agent"},
    {"source": "agent", "target": "__end__", "conditional": True},
    {"source": "agent", "target": "tools", "conditional": True, "data": "calls"},
    {"source": "tools", "target": "agent"},
]


def went(edges: list[dict[str, Any]], *steps: Step, begins: bool = True, is_over: bool = True) -> list[str]:
    """The edges that these steps took."""
    names = dict.fromkeys(each[end] for each in edges for end in ("source", "target"))
    shape = shape_from_payload({"nodes": [{"id": name} for name in names], "edges": edges}, is_expanded=True)
    taken = taken_edges(shape, steps, begins=begins, is_over=is_over)
    return [f"{edge.source} {edge.target}" for edge in shape.edges if edge in taken]


def ran(node: str, superstep: int, namespace: tuple[str, ...] = (), state: Any = "done") -> Step:
    return Step(node, state, task_id=f"{node}{superstep}", namespace=namespace, superstep=superstep)


def test_the_edges_that_a_run_took_are_those_that_its_steps_prove() -> None:
    steps = [ran("agent", 0), ran("tools", 1), ran("agent", 2)]
    assert went(AGENT, *steps) == ["__start__ agent", "agent __end__", "agent tools", "tools agent"]
    assert went(AGENT, *steps, is_over=False) == ["__start__ agent", "agent tools", "tools agent"]
    assert went(AGENT, *steps[1:], begins=False, is_over=False) == ["tools agent"]
    assert went(AGENT, ran("agent", 0, state="running"), is_over=False) == ["__start__ agent"]
    assert went(AGENT, ran("agent", 0)) == ["__start__ agent", "agent __end__"]


def test_an_edge_that_another_one_may_explain_is_not_claimed() -> None:
    both: list[dict[str, Any]] = [
        {"source": "__start__", "target": "a"},
        {"source": "__start__", "target": "b"},
        {"source": "a", "target": "c", "conditional": True},
        {"source": "b", "target": "c"},
    ]
    steps = [ran("a", 0), ran("b", 0), ran("c", 1)]
    assert went(both, *steps) == ["__start__ a", "__start__ b", "b c"]


def test_a_join_is_taken_by_all_that_it_waited_for() -> None:
    join = [
        {"source": "a", "target": "long"},
        {"source": "b", "target": "join"},
        {"source": "long", "target": "join"},
    ]
    assert went(join, ran("a", 0), ran("b", 0), ran("long", 1), ran("join", 2)) == ["a long", "b join", "long join"]


def test_edges_into_out_of_and_inside_of_subgraphs_are_taken_too() -> None:
    nested: list[dict[str, Any]] = [
        {"source": "__start__", "target": "team:ask"},
        {"source": "team:ask", "target": "team:tell", "conditional": True},
        {"source": "team:ask", "target": "team:skip", "conditional": True},
        {"source": "team:tell", "target": "last"},
        {"source": "team:skip", "target": "last"},
        {"source": "last", "target": "__end__"},
    ]
    inside = [ran("ask", 0, ("team:team0",)), ran("tell", 1, ("team:team0",))]
    steps = [ran("team", 0), *inside, ran("last", 1)]
    path = ["__start__ team:ask", "team:ask team:tell", "team:tell last", "last __end__"]
    assert went(nested, *steps) == path
    assert went(nested, ran("team", 0, state="running"), *inside, is_over=False) == path[:2]

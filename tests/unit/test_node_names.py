"""An error handler of a graph is named by its node, wherever a node is shown."""

from __future__ import annotations

import pytest

from lg_magics.model.graph import shape_from_payload
from lg_magics.model.node_names import shown_node
from lg_magics.model.part_text import way_to

SHOWN = {
    "__error_handler__work": "work · error handler",
    "__default_error_handler__": "error handler",
    "__error_handler__": "error handler",
    "__start__": "__start__",
    "work": "work",
    "": "",
}


@pytest.mark.parametrize("name", SHOWN)
def test_an_error_handler_is_named_by_its_node(name: str) -> None:
    assert shown_node(name) == SHOWN[name]


def test_an_inner_error_handler_is_named_behind_its_subgraph() -> None:
    assert way_to(["team:1"], "__error_handler__work") == "team › work · error handler"


def test_a_drawing_does_not_call_an_error_handler_cut_off() -> None:
    names = ["__start__", "team:work", "team:__error_handler__work", "lost", "__end__"]
    edges = [{"source": "__start__", "target": "team:work"}, {"source": "team:work", "target": "__end__"}]
    shape = shape_from_payload({"nodes": [{"id": name} for name in names], "edges": edges}, is_expanded=True)
    assert "team › work · error handler" in [node.path for node in shape.nodes]
    assert [node.id for node in shape.unreached] == ["lost"]

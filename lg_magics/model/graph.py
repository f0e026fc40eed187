"""A graph's nodes and edges, from the server's drawing of it. Pure; accepts any payload."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lg_magics.model.node_names import is_handler, shown_node
from lg_magics.model.visible_text import visible_text

__all__ = [
    "END",
    "START",
    "Edge",
    "Node",
    "Shape",
    "label_from_text",
    "path_from_id",
    "shape_from_payload",
]

START, END = "__start__", "__end__"
LONGEST = 40
Kind = Literal["start", "end", "node"]


@dataclass(frozen=True, slots=True)
class Node:
    """A node. `groups` are the subgraphs that contain it, outermost first; `label` is its own name, ready to draw."""

    id: str
    label: str
    kind: Kind = "node"
    groups: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The label with its subgraphs: `team › deep › ask`."""
        return " › ".join((*map(label_from_text, self.groups), self.label))

    @property
    def group_ids(self) -> tuple[str, ...]:
        """The subgraphs that contain it, under their names in runs, outermost first: `team`, `team:deep`."""
        return tuple(":".join(self.groups[: depth + 1]) for depth in range(len(self.groups)))


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two nodes, by their ids; a conditional one is taken only sometimes, and `label` states when."""

    source: str
    target: str
    label: str = ""
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Nodes and edges; every edge connects existing nodes. Nodes are in the order in which a walk from the start reaches them."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def group_ids(self) -> tuple[str, ...]:
        """The subgraphs that are drawn expanded, each before those inside it."""
        return tuple(dict.fromkeys(group for node in self.nodes for group in node.group_ids))

    @property
    def unreached(self) -> tuple[Node, ...]:
        """The nodes that no edges reach from the start: LangGraph follows 250 steps, and only targets that the graph declares.

        Error handlers are not listed: they never have edges.
        """
        starts = [node.id for node in self.nodes if node.kind == "start"]
        found = _walked(starts, self.edges) if starts else {node.id for node in self.nodes}
        reachable = [node for node in self.nodes if node.kind != "end" and not is_handler(node.id.rpartition(":")[2])]
        return tuple(node for node in reachable if node.id not in found)


def label_from_text(text: str, longest: int = LONGEST) -> str:
    """Return a name on one line, with every character visible, shortened in its middle if long."""
    line = " ".join(visible_text(text).split())
    if len(line) <= longest:
        return line or "?"
    return f"{line[: longest // 2]}…{line[len(line) - longest // 2 + 1 :]}"


def path_from_id(identity: str) -> str:
    """Return the id of a node or subgraph as shown: `team › deep` for `team:deep`."""
    return " › ".join(map(label_from_text, identity.split(":")))


def shape_from_payload(payload: Mapping[str, Any], *, is_expanded: bool = False) -> Shape:
    """Return the shape in a response of get_graph.

    Args:
        payload: the server's response.
        is_expanded: whether subgraphs were expanded: `team:deep:ask` is the node `ask` in `deep` in `team`.
    """
    nodes: dict[str, Node] = {}
    for row in _mappings(payload.get("nodes")):
        if "id" in row:
            node = _node(str(row["id"]), is_expanded)
            nodes.setdefault(node.id, node)
    edges = dict.fromkeys(
        Edge(source, target, label_from_text(str(row["data"])) if row.get("data") else "", bool(row.get("conditional")))
        for row in _mappings(payload.get("edges"))
        for source, target in [(str(row.get("source")), str(row.get("target")))]
        if source in nodes and target in nodes
    )
    return Shape(tuple(nodes[each] for each in _reached(nodes, list(edges))), tuple(edges))


def _node(identity: str, is_expanded: bool) -> Node:
    *groups, name = identity.split(":") if is_expanded else [identity]
    kind: Kind = "start" if name == START else "end" if name == END else "node"
    return Node(identity, kind if kind != "node" else label_from_text(shown_node(name)), kind, tuple(groups))


def _reached(nodes: Mapping[str, Node], edges: Sequence[Edge]) -> list[str]:
    """Return the ids in the order in which a walk from the start reaches them; the end comes last."""
    found = _walked(sorted(nodes, key=lambda each: nodes[each].kind != "start"), edges)
    return sorted(found, key=lambda each: each == END)


def _walked(firsts: Iterable[str], edges: Sequence[Edge]) -> dict[str, None]:
    """Return the ids that a walk reaches from each of the first ones, in order."""
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    found: dict[str, None] = {}
    for first in firsts:
        queue = deque([first])
        while queue:
            each = queue.popleft()
            if each not in found:
                found[each] = None
                queue.extend(targets.get(each, ()))
    return found


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []

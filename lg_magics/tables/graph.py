"""A graph to show, and a run's path through it. Knows the shape; renders nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lg_magics.model.graph import Edge, Node, Shape
from lg_magics.model.mermaid import mermaid_from_shape
from lg_magics.model.result import Result
from lg_magics.model.run_in_graph import Mark
from lg_magics.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Graph"]

NODES = (
    Column("node"),
    Column("id", "text", None),
    Column("kind"),
    Column("group"),
    Column("state"),
    Column("times", "number"),
    Column("seconds", "number"),
)
EDGES = (
    Column("source"),
    Column("target"),
    Column("label"),
    Column("conditional", "mark"),
    Column("taken", "mark"),
)


@dataclass(frozen=True)
class Graph(Result):
    """A graph, shown as a drawing.

    Attributes:
        assistant: its assistant.
        shape: its nodes and edges.
        marks: the run's effect on each node, by name; empty without a run.
        taken: the edges that a run took, as far as its steps prove it; empty without a run.
        run: the run in words, `r7 running`; "" without one.
        note: a line to show above.
        raw: the server's payload.
        followed: the run itself, if it was active when this was made.
    """

    assistant: str
    shape: Shape
    marks: Mapping[str, Mark] = field(default_factory=dict)
    taken: frozenset[Edge] = frozenset()
    run: str = ""
    note: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    followed: Any = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<Graph of {self.assistant}: {len(self.shape.nodes)} nodes, {len(self.shape.edges)} edges>"

    @property
    def is_open(self) -> bool:
        """Whether its run was active when it was made: then it follows the run on a page."""
        return self.followed is not None

    @property
    def mermaid(self) -> str:
        """Its Mermaid source, for your own documents; "" if it is too large for Mermaid."""
        return mermaid_from_shape(self.shape, self.assistant, self.marks, self.taken)

    @property
    def nodes(self) -> Table:
        """A table of its nodes, with the run's effect on each."""
        rows = tuple(self._node(node) for node in self.shape.nodes)
        return Table(f"node of {self.assistant}", NODES, rows)

    def _node(self, node: Node) -> tuple[Any, ...]:
        mark = self.mark_of(node)
        done = (mark.state, mark.times, mark.seconds) if mark else ("", None, None)
        return (node.path, node.id, node.kind, " › ".join(node.groups), *done)

    def mark_of(self, node: Node) -> Mark | None:
        """Return the run's mark on a node."""
        return self.marks.get(node.id) if node.kind == "node" else None

    @property
    def marked_groups(self) -> dict[str, Mark]:
        """The run's marks on subgraphs that are drawn expanded: each ran as one node."""
        return {group: self.marks[group] for group in self.shape.group_ids if group in self.marks}

    @property
    def edges(self) -> Table:
        """A table of its edges, and whether the run took them."""
        paths = {node.id: node.path for node in self.shape.nodes}
        rows = tuple(
            (paths[edge.source], paths[edge.target], edge.label, *map(_yes, (edge.is_conditional, edge in self.taken)))
            for edge in self.shape.edges
        )
        return Table(f"edge of {self.assistant}", EDGES, rows)

    @property
    def df(self) -> pd.DataFrame:
        """A pandas frame of its nodes; `.edges.df` has the edges."""
        return self.nodes.df


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""

"""A graph for every host: Mermaid where JupyterLab draws it, a picture where a page shows one, and text.

There is no HTML on purpose: JupyterLab would prefer it to Mermaid.
"""

from __future__ import annotations

from collections.abc import Mapping

from lg_magics.model.graph import Edge, label_from_text
from lg_magics.tables.graph import Graph
from lg_magics.views.graph_svg import graph_svg

__all__ = ["graph_bundle", "graph_text"]

MERMAID, SVG = "text/vnd.mermaid", "image/svg+xml"
MOST_LINES = 100
LONGEST = 70
ALWAYS, SOMETIMES = "─→", "┄→"


def graph_bundle(graph: Graph) -> dict[str, str]:
    """Everything that a graph can be shown as; what it is too large for is left out."""
    drawn = {MERMAID: graph.mermaid, SVG: graph_svg(graph)}
    return {kind: source for kind, source in drawn.items() if source} | {"text/plain": graph_text(graph)}


def graph_text(graph: Graph) -> str:
    """The graph in lines: each node, where it leads, and what the run did there."""
    lines = [graph.note] if graph.note else []
    lines.append(f"graph of {label_from_text(graph.assistant)}{f', {graph.run}' if graph.run else ''}")
    rows = [
        (node.path, _leads(node.id, graph), _did(node.id, graph)) for node in graph.shape.nodes if node.id != "__end__"
    ]
    widths = [max((len(row[place]) for row in rows[:MOST_LINES]), default=0) for place in range(2)]
    for name, leads, did in rows[:MOST_LINES]:
        lines.append(f"  {name:<{widths[0]}}  {leads:<{min(widths[1], LONGEST)}}  {did}".rstrip())
    if len(rows) > MOST_LINES:
        lines.append(f"  … {len(rows) - MOST_LINES} more nodes: .nodes and .edges have all")
    lines += [f"  {label_from_text(group)} as a whole: {mark.words}" for group, mark in graph.marked_groups.items()]
    if any(edge.is_conditional for edge in graph.shape.edges):
        lines.append(f"  {SOMETIMES} only on a condition")
    return "\n".join(lines)


def _leads(node: str, graph: Graph) -> str:
    """`─→ tools  ┄→ end, again (retry)`."""
    names = {each.id: each.path for each in graph.shape.nodes}
    of_node = [edge for edge in graph.shape.edges if edge.source == node]
    parts = [
        f"{arrow} {', '.join(_target(edge, names) for edge in found)}"
        for arrow, is_conditional in ((ALWAYS, False), (SOMETIMES, True))
        if (found := [edge for edge in of_node if edge.is_conditional is is_conditional])
    ]
    return "  ".join(parts)


def _target(edge: Edge, names: Mapping[str, str]) -> str:
    return f"{names[edge.target]} ({edge.label})" if edge.label else names[edge.target]


def _did(node: str, graph: Graph) -> str:
    mark = next((graph.mark_of(each) for each in graph.shape.nodes if each.id == node), None)
    return mark.words if mark else ""

"""A graph for every host: a picture where a page shows one, Mermaid for what is too large for that, and text.

JupyterLab with the extension draws the tree of `graph_svg.py`. A small graph has no Mermaid: JupyterLab would draw it ten
times as large, and put that in place of the picture that is saved. There is no HTML: pages would prefer it to the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lg_magics.model.graph import END, Mark, Node, Shape, label_from_text, path_from_id
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.graph import Graph
from lg_magics.views.align import padded, width
from lg_magics.views.graph_svg import graph_svg

__all__ = ["graph_bundle", "graph_text"]

MERMAID, SVG = "text/vnd.mermaid", "image/svg+xml"
MOST_LINES, MOST_TARGETS = 100, 12
LONGEST = 70
TOO_LARGE = "too large to be drawn: .nodes and .edges are tables"
ALWAYS, SOMETIMES = "─→", "┄→"


def graph_bundle(graph: Graph) -> dict[str, str]:
    """Everything that a graph can be shown as; what it is too large for is left out."""
    picture = graph_svg(graph)
    drawn = {SVG: picture} if picture else {MERMAID: graph.mermaid} if graph.mermaid else {}
    text = graph_text(graph)
    return drawn | {"text/plain": text if drawn or not graph.shape.nodes else f"{text}\n  {TOO_LARGE}"}


def graph_text(graph: Graph) -> str:
    """The graph in lines: each node, where it leads, and what the run did there."""
    lines = [graph.note] if graph.note else []
    lines.append(f"graph of {label_from_text(graph.assistant)}{f', {graph.run}' if graph.run else ''}")
    nodes = [node for node in graph.shape.nodes if node.id != END]
    rows = [(node.path, leads, _did(graph.mark_of(node))) for node, leads in _leads(nodes[:MOST_LINES], graph.shape)]
    widths = [max((width(row[place]) for row in rows), default=0) for place in range(2)]
    for name, leads, did in rows:
        lines.append(f"  {padded(name, widths[0])}  {padded(leads, min(widths[1], LONGEST))}  {did}".rstrip())
    if len(nodes) > MOST_LINES:
        lines.append(f"  … {len(nodes) - MOST_LINES} more nodes: .nodes and .edges have all")
    lines += [f"  {path_from_id(group)} as a whole: {mark.words}" for group, mark in graph.marked_groups.items()]
    if any(edge.is_conditional for edge in graph.shape.edges):
        lines.append(f"  {SOMETIMES} only on a condition")
    return "\n".join(map(visible_line, lines))


def _leads(nodes: Sequence[Node], shape: Shape) -> Iterator[tuple[Node, str]]:
    """Each node, and where it leads: `─→ tools  ┄→ end, again (retry)`."""
    names = {each.id: each.path for each in shape.nodes}
    ways: dict[tuple[str, bool], list[str]] = {}
    for edge in shape.edges:
        target = f"{names[edge.target]} ({edge.label})" if edge.label else names[edge.target]
        ways.setdefault((edge.source, edge.is_conditional), []).append(target)
    for node in nodes:
        found = [(arrow, ways.get((node.id, kind), [])) for arrow, kind in ((ALWAYS, False), (SOMETIMES, True))]
        yield node, "  ".join(f"{arrow} {_listed(targets)}" for arrow, targets in found if targets)


def _listed(targets: Sequence[str]) -> str:
    more = f", … {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
    return ", ".join(targets[:MOST_TARGETS]) + more


def _did(mark: Mark | None) -> str:
    return mark.words if mark else ""

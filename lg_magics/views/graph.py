"""Render a graph for every host: a picture where a page shows one, Mermaid for larger graphs, and text.

JupyterLab with the extension renders the tree of `graph_svg.py`. A small graph has no Mermaid: JupyterLab would render it ten
times as large, and replace the saved picture with it. There is no HTML: pages would prefer it to the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lg_magics.model.graph import END, Node, label_from_text, path_from_id
from lg_magics.model.run_in_graph import Mark
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.graph import Graph
from lg_magics.views.align import padded, width
from lg_magics.views.graph_svg import graph_svg

__all__ = ["graph_bundle", "graph_text"]

MERMAID, SVG = "text/vnd.mermaid", "image/svg+xml"
MOST_LINES, MOST_TARGETS = 100, 12
LONGEST = 70
TOO_LARGE = "too large to be drawn: .nodes and .edges are tables"
ARROWS = {(False, False): "─→", (True, False): "┄→", (False, True): "━→", (True, True): "┅→"}
"""An edge's arrow, by whether it is conditional and whether the run took it."""


def graph_bundle(graph: Graph) -> dict[str, str]:
    """Return all formats of a graph, except those that it is too large for."""
    picture = graph_svg(graph)
    drawn = {SVG: picture} if picture else {MERMAID: graph.mermaid} if graph.mermaid else {}
    text = graph_text(graph)
    return drawn | {"text/plain": text if drawn or not graph.shape.nodes else f"{text}\n  {TOO_LARGE}"}


def graph_text(graph: Graph) -> str:
    """Return the graph in lines: each node, its targets, and what the run did there."""
    lines = [graph.note] if graph.note else []
    lines.append(f"graph of {label_from_text(graph.assistant)}{f', {graph.run}' if graph.run else ''}")
    nodes = [node for node in graph.shape.nodes if node.id != END]
    rows = [(node.path, leads, _mark_words(graph.mark_of(node))) for node, leads in _leads(nodes[:MOST_LINES], graph)]
    widths = [max((width(row[place]) for row in rows), default=0) for place in range(2)]
    for name, leads, did in rows:
        lines.append(f"  {padded(name, widths[0])}  {padded(leads, min(widths[1], LONGEST))}  {did}".rstrip())
    if len(nodes) > MOST_LINES:
        lines.append(f"  … {len(nodes) - MOST_LINES} more nodes: .nodes and .edges have all")
    lines += [f"  {path_from_id(group)} as a whole: {mark.words}" for group, mark in graph.marked_groups.items()]
    if any(edge.is_conditional for edge in graph.shape.edges):
        lines.append(f"  {ARROWS[True, False]} only on a condition")
    if graph.taken:
        lines.append(f"  {ARROWS[False, True]} {ARROWS[True, True]} taken by {graph.run.partition(' ')[0]}")
    return "\n".join(map(visible_line, lines))


def _leads(nodes: Sequence[Node], graph: Graph) -> Iterator[tuple[Node, str]]:
    """Yield each node with its targets: `─→ tools  ┄→ end, again (retry)`."""
    names = {each.id: each.path for each in graph.shape.nodes}
    ways: dict[str, dict[str, list[str]]] = {}
    for edge in graph.shape.edges:
        target = f"{names[edge.target]} ({edge.label})" if edge.label else names[edge.target]
        arrow = ARROWS[edge.is_conditional, edge in graph.taken]
        ways.setdefault(edge.source, {}).setdefault(arrow, []).append(target)
    for node in nodes:
        found = ways.get(node.id, {})
        yield node, "  ".join(f"{arrow} {_listed(found[arrow])}" for arrow in ARROWS.values() if arrow in found)


def _listed(targets: Sequence[str]) -> str:
    more = f", … {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
    return ", ".join(targets[:MOST_TARGETS]) + more


def _mark_words(mark: Mark | None) -> str:
    return mark.words if mark else ""

"""Render a graph for every host: a picture where a page shows one, Mermaid for larger graphs, and text. Fetches nothing.

JupyterLab with the extension renders the tree, in the theme's colors. The SVG for other hosts (GitHub, nbconvert, VS Code) has a
background of its own, so that it is readable on light and dark pages. A small graph has no Mermaid: JupyterLab would render it
ten times as large, and replace the saved picture with it. There is no HTML: pages would prefer it to the picture.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from lg_magics.model.graph import END, Edge, label_from_text, path_from_id
from lg_magics.model.graph import Node as GraphNode
from lg_magics.model.graph_layout import Layout, Point, Route, layout_of
from lg_magics.model.run_in_graph import Mark
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.graph import Graph
from lg_magics.views.align import padded
from lg_magics.views.align import width as columns_of
from lg_magics.views.frame_tree import note, section
from lg_magics.views.node import Node, html, node

__all__ = ["graph_bundle", "graph_svg", "graph_text", "graph_tree"]

MERMAID, SVG = "text/vnd.mermaid", "image/svg+xml"
MOST_LINES, MOST_TARGETS = 100, 12
LONGEST_TARGETS = 70
TOO_LARGE = "too large to be drawn: .nodes and .edges are tables"
ARROWS = {(False, False): "─→", (True, False): "┄→", (False, True): "━→", (True, True): "┅→"}
"""An edge's arrow, by whether it is conditional and whether the run took it."""
MOST_NODES, MOST_EDGES = 80, 160
SIZE, WIDTH, LINE = 13.0, 7.4, 17.0
WIDEST_NOTE = 70  # characters
NAMESPACE = "http://www.w3.org/2000/svg"
HEAD = 8.0  # the length of an arrowhead


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
    nodes = [each for each in graph.shape.nodes if each.id != END]
    rows = [(each.path, leads, _mark_words(graph.mark_of(each))) for each, leads in _leads(nodes[:MOST_LINES], graph)]
    widths = [max((columns_of(row[place]) for row in rows), default=0) for place in range(2)]
    for name, leads, did in rows:
        lines.append(f"  {padded(name, widths[0])}  {padded(leads, min(widths[1], LONGEST_TARGETS))}  {did}".rstrip())
    if len(nodes) > MOST_LINES:
        lines.append(f"  … {len(nodes) - MOST_LINES} more nodes: .nodes and .edges have all")
    lines += [f"  {path_from_id(group)} as a whole: {mark.words}" for group, mark in graph.marked_groups.items()]
    if any(edge.is_conditional for edge in graph.shape.edges):
        lines.append(f"  {ARROWS[True, False]} only on a condition")
    if graph.taken:
        lines.append(f"  {ARROWS[False, True]} {ARROWS[True, True]} taken by {graph.run.partition(' ')[0]}")
    return "\n".join(map(visible_line, lines))


def _leads(nodes: Sequence[GraphNode], graph: Graph) -> Iterator[tuple[GraphNode, str]]:
    """Yield each node with its targets: `─→ tools  ┄→ end, again (retry)`."""
    names = {each.id: each.path for each in graph.shape.nodes}
    ways: dict[str, dict[str, list[str]]] = {}
    for edge in graph.shape.edges:
        target = f"{names[edge.target]} ({edge.label})" if edge.label else names[edge.target]
        arrow = ARROWS[edge.is_conditional, edge in graph.taken]
        ways.setdefault(edge.source, {}).setdefault(arrow, []).append(target)
    for each in nodes:
        found = ways.get(each.id, {})
        yield each, "  ".join(f"{arrow} {_listed(found[arrow])}" for arrow in ARROWS.values() if arrow in found)


def _listed(targets: Sequence[str]) -> str:
    more = f", … {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
    return ", ".join(targets[:MOST_TARGETS]) + more


def _mark_words(mark: Mark | None) -> str:
    return mark.words if mark else ""


# -- the drawing ------------------------------------------------------------------------------------------------


def graph_tree(graph: Graph) -> Node | None:
    """Return the drawing in its frame; None for a graph that is too large to draw."""
    drawn = _drawing(graph)
    if drawn is None:
        return None
    label = f"graph of {label_from_text(graph.assistant)}"
    parts = (section("notes", note(graph.note)), node("div", drawn, key="drawing", class_="lg-drawing"))
    return node("div", *parts, key="card", class_="lg-card lg-view lg-graph", role="group", aria_label=label)


def graph_svg(graph: Graph) -> str:
    """Return the SVG, with its own style and background; "" for a graph that is too large."""
    drawn = _drawing(graph, graph.note)
    if drawn is None:
        return ""
    style = re.sub(r"\s*([{};,:])\s*", r"\1", (Path(__file__).parent / "graph.css").read_text("utf-8")).strip()
    paper = f'<style>{style}</style><rect class="lg-paper" width="100%" height="100%" rx="6"></rect>'
    opened, closed, rest = html(drawn).partition(">")
    return "".join((opened.replace("<svg", f'<svg xmlns="{NAMESPACE}"', 1), closed, paper, rest))


def _drawing(graph: Graph, note: str = "") -> Node | None:
    shape = graph.shape
    if not shape.nodes or len(shape.nodes) > MOST_NODES or len(shape.edges) > MOST_EDGES:
        return None
    boxes = {each.id: _size(each, graph.mark_of(each)) for each in shape.nodes}
    layout = layout_of(shape, boxes.__getitem__, lambda edge: _width(edge.label) + 8 if edge.label else 0.0)
    drawn = [
        *(_route(route, boxes, route.edge in graph.taken) for route in layout.routes),
        *(_box(each, layout.places[each.id], boxes[each.id], graph.mark_of(each)) for each in shape.nodes),
        *(_label(route) for route in layout.routes if route.edge.label),
    ]
    return _picture(graph, layout, drawn, note)


def _picture(graph: Graph, layout: Layout, drawn: Sequence[Node], note: str) -> Node:
    lines = textwrap.wrap(note, WIDEST_NOTE)
    lines += [f"{path_from_id(group)}: {mark.words}" for group, mark in graph.marked_groups.items()]
    top = LINE * len(lines) + 6 * bool(lines)
    size = max(layout.width, *(_width(line) + 16 for line in lines)) if lines else layout.width, layout.height + top
    width, height = map(_number, size)
    return node(
        "svg",
        node("title", f"Graph of {label_from_text(graph.assistant)}{f', {graph.run}' if graph.run else ''}"),
        *(node("text", line, class_="lg-start", x=8, y=_number(LINE * (n + 1))) for n, line in enumerate(lines)),
        node("g", drawn, transform=f"translate(0 {_number(top)})"),
        key="svg",
        class_="lg-picture",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
    )


def _size(each: GraphNode, mark: Mark | None) -> Point:
    """Return the width and height of a node's box."""
    lines = [each.path, *([mark.words] if mark else [])]
    return max(_width(line) for line in lines) + 24, LINE * len(lines) + 14


def _width(text: str) -> float:
    """Estimate the width of a text."""
    return sum((SIZE if columns == 2 else WIDTH * columns) for columns in map(columns_of, text))


def _box(each: GraphNode, middle: Point, size: Point, mark: Mark | None) -> Node:
    x, y = middle
    box = node(
        "rect",
        x=_number(x - size[0] / 2),
        y=_number(y - size[1] / 2),
        width=_number(size[0]),
        height=_number(size[1]),
        rx=_number(size[1] / 2 if each.kind != "node" else 5),
    )
    top = y + SIZE * 0.35 - (LINE / 2 if mark else 0)
    words = _text(mark.words, (x, top + LINE), "lg-soft") if mark else None
    state = f" lg-{mark.state}" if mark else ""
    return node("g", box, _text(each.path, (x, top)), words, class_=f"lg-node{state}")


def _text(words: str, at: Point, name: str = "") -> Node:
    return node("text", words, class_=name, x=_number(at[0]), y=_number(at[1]))


def _route(route: Route, boxes: dict[str, Point], is_taken: bool) -> Node:
    """Return an edge's line: curved through its points, from the border of one box to the border of the other."""
    points = list(route.points)
    if route.edge.source != route.edge.target:
        down = 1 if points[-1][1] > points[0][1] else -1
        points[0] = points[0][0], points[0][1] + down * boxes[route.edge.source][1] / 2
        points[-1] = points[-1][0], points[-1][1] - down * boxes[route.edge.target][1] / 2
        way, before = _bent(points), (points[-1][0], points[-1][1] - down)
    else:
        way = f"M{_point(points[0])} C{_point(points[1])} {_point(points[2])} {_point(points[3])}"
        before = points[2]
    line = node("path", d=way)
    names = ("lg-edge", "lg-if" if route.edge.is_conditional else "", "lg-taken" if is_taken else "")
    title = node("title", "taken") if is_taken else None
    return node("g", title, line, _head(before, points[-1]), class_=" ".join(filter(None, names)))


def _head(before: Point, tip: Point) -> Node:
    """Return the arrowhead at the end of a line."""
    x, y = tip[0] - before[0], tip[1] - before[1]
    length = math.hypot(x, y) or 1.0
    x, y = x / length * HEAD, y / length * HEAD
    corners = (tip, (tip[0] - x - y / 2, tip[1] - y + x / 2), (tip[0] - x + y / 2, tip[1] - y - x / 2))
    return node("polygon", points=" ".join(map(_point, corners)))


def _bent(points: Sequence[Point]) -> str:
    way = [f"M{_point(points[0])}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        way.append(f"C{_point((x0, middle))} {_point((x1, middle))} {_point((x1, y1))}")
    return " ".join(way)


def _label(route: Route) -> Node:
    """Return an edge's label, where there is space for it."""
    x, y = _label_place(route.edge, route.points)
    width = _width(route.edge.label)
    paper = node(
        "rect",
        class_="lg-paper",
        x=_number(x - width / 2 - 3),
        y=_number(y - LINE / 2),
        width=_number(width + 6),
        height=_number(LINE),
    )
    return node("g", paper, _text(route.edge.label, (x, y + SIZE * 0.35), "lg-soft"))


def _label_place(edge: Edge, points: Sequence[Point]) -> Point:
    if edge.source == edge.target:
        return points[1][0] + _width(edge.label) / 2, (points[1][1] + points[2][1]) / 2
    return points[len(points) // 2]


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

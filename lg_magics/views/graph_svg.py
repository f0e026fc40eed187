"""A graph as an SVG picture, for pages that draw no Mermaid: GitHub, nbconvert, VS Code. Knows shapes; asks for none.

It has paper of its own, so that it can be read on light and on dark pages. Conditional edges are dashed; what a run did is a
coloured border, and words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from lg_magics.model.graph import Edge, Mark, Node, label_from_text, path_from_id
from lg_magics.model.graph_layout import Layout, Point, Route, layout_of
from lg_magics.model.mermaid import COLOURS
from lg_magics.tables.graph import Graph
from lg_magics.views.escape import Html, element

__all__ = ["graph_svg"]

MOST_NODES, MOST_EDGES = 80, 160
SIZE, WIDTH, LINE = 13.0, 7.4, 17.0
INK, QUIET, BOX, PAPER = "#1f2328", "#59636e", "#eef1f6", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


def graph_svg(graph: Graph) -> str:
    """The picture; "" for a graph that is too large to be looked at as one."""
    shape = graph.shape
    if not shape.nodes or len(shape.nodes) > MOST_NODES or len(shape.edges) > MOST_EDGES:
        return ""
    boxes = {node.id: _size(node, graph.mark_of(node)) for node in shape.nodes}
    layout = layout_of(shape, boxes.__getitem__, lambda edge: _width(edge.label) + 8 if edge.label else 0.0)
    drawn = [
        *(_route(route, boxes) for route in layout.routes),
        *(_box(node, layout.places[node.id], boxes[node.id], graph.mark_of(node)) for node in shape.nodes),
        *(_label(route) for route in layout.routes if route.edge.label),
    ]
    return _picture(graph, layout, drawn)


def _picture(graph: Graph, layout: Layout, drawn: Sequence[Html]) -> str:
    said = [f"{path_from_id(group)}: {mark.words}" for group, mark in graph.marked_groups.items()]
    top = LINE * len(said) + 6 * bool(said)
    size = max(layout.width, *(_width(line) + 16 for line in said)) if said else layout.width, layout.height + top
    width, height = map(_number, size)
    arrow = element("path", d="M0,0 L8,4 L0,8 z", fill=QUIET)
    marker = element("marker", arrow, id="arrow", markerWidth="8", markerHeight="8", refX="7", refY="4", orient="auto")
    return element(
        "svg",
        element("title", f"Graph of {label_from_text(graph.assistant)}{f', {graph.run}' if graph.run else ''}"),
        element("defs", marker),
        element("rect", width="100%", height="100%", rx="6", fill=PAPER),
        *(element("text", line, x="8", y=_number(LINE * (number + 1)), fill=QUIET) for number, line in enumerate(said)),
        element("g", *drawn, transform=f"translate(0 {_number(top)})"),
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        font_family=FONT,
        font_size=_number(SIZE),
    )


def _size(node: Node, mark: Mark | None) -> Point:
    """Width and height of a node's box."""
    lines = [node.path, *([mark.words] if mark else [])]
    return max(_width(line) for line in lines) + 24, LINE * len(lines) + 14


def _width(text: str) -> float:
    """About how wide a text is drawn."""
    return sum(SIZE if unicodedata.east_asian_width(each) in "WF" else WIDTH for each in text)


def _box(node: Node, middle: Point, size: Point, mark: Mark | None) -> Html:
    x, y = middle
    round_ = size[1] / 2 if node.kind != "node" else 5
    box = element(
        "rect",
        x=_number(x - size[0] / 2),
        y=_number(y - size[1] / 2),
        width=_number(size[0]),
        height=_number(size[1]),
        rx=_number(round_),
        fill=BOX,
        stroke=COLOURS[mark.state] if mark else QUIET,
        stroke_width="3" if mark else "1",
        stroke_dasharray="5 4" if mark and mark.state == "cancelled" else None,
    )
    top = y + SIZE * 0.35 - (LINE / 2 if mark else 0)
    name = _text(node.path, (x, top), INK)
    return element("g", box, name, *([_text(mark.words, (x, top + LINE), QUIET)] if mark else []))


def _text(words: str, at: Point, colour: str) -> Html:
    return element("text", words, x=_number(at[0]), y=_number(at[1]), fill=colour, text_anchor="middle")


def _route(route: Route, boxes: dict[str, Point]) -> Html:
    """An edge's line: bent softly through its points, from the rim of one box to the rim of the other."""
    points = list(route.points)
    if route.edge.source != route.edge.target:
        down = 1 if points[-1][1] > points[0][1] else -1
        points[0] = points[0][0], points[0][1] + down * boxes[route.edge.source][1] / 2
        points[-1] = points[-1][0], points[-1][1] - down * boxes[route.edge.target][1] / 2
        way = _bent(points)
    else:
        way = f"M{_point(points[0])} C{_point(points[1])} {_point(points[2])} {_point(points[3])}"
    return element(
        "path",
        d=way,
        fill="none",
        stroke=QUIET,
        stroke_width="1.2",
        stroke_dasharray="4 3" if route.edge.is_conditional else None,
        marker_end="url(#arrow)",
    )


def _bent(points: Sequence[Point]) -> str:
    way = [f"M{_point(points[0])}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        way.append(f"C{_point((x0, middle))} {_point((x1, middle))} {_point((x1, y1))}")
    return " ".join(way)


def _label(route: Route) -> Html:
    """What stands on an edge, where it has room of its own."""
    x, y = _label_place(route.edge, route.points)
    width = _width(route.edge.label)
    paper = element(
        "rect",
        x=_number(x - width / 2 - 3),
        y=_number(y - LINE / 2),
        width=_number(width + 6),
        height=_number(LINE),
        fill=PAPER,
        fill_opacity="0.9",
    )
    return element("g", paper, _text(route.edge.label, (x, y + SIZE * 0.35), QUIET))


def _label_place(edge: Edge, points: Sequence[Point]) -> Point:
    if edge.source == edge.target:
        return points[1][0] + _width(edge.label) / 2, (points[1][1] + points[2][1]) / 2
    return points[len(points) // 2]


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""Convert a graph to Mermaid source, which JupyterLab draws. Pure; a server's names can never act as Mermaid or HTML.

Nodes have numeric names. A label is quoted, and every character except letters, digits and spaces is written as
its number (`#60;` for `<`), except a sign between two letters, which Mermaid treats as text.

JupyterLab draws a graph no wider than its page. A wide graph is drawn from left to right, with its layers side by side, if that
is narrower; a graph whose labels would be unreadable is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lg_magics.model.graph import Edge, Node, Shape, label_from_text
from lg_magics.model.graph_layout import widths_of
from lg_magics.model.run_in_graph import Mark
from lg_magics.model.visible_text import visible_text

__all__ = ["COLOURS", "mermaid_from_shape"]

# Colors that are readable on light and dark backgrounds: a drawing stays when JupyterLab's theme changes.
PAPER = """---
config:
  theme: base
  themeVariables:
    fontSize: 13px
    primaryColor: "#eef1f6"
    primaryTextColor: "#1f2328"
    primaryBorderColor: "#8a93a0"
    lineColor: "#8a93a0"
    edgeLabelBackground: "#eef1f6"
    clusterBkg: "#8a93a01f"
    clusterBorder: "#8a93a0"
    titleColor: "#768390"
  flowchart:
    nodeSpacing: 30
    rankSpacing: 42
    padding: 10
    subGraphTitleMargin: {top: 3, bottom: 9}
---"""
# Strokes only; the words in each node repeat the information.
COLOURS: Mapping[str, str] = {
    "done": "#2da44e",
    "running": "#218bff",
    "failed": "#e5534b",
    "waiting": "#c69026",
    "cancelled": "#8b949e",
}
MOST = 400  # nodes, and edges
LONGEST = 90_000  # characters; JupyterLab draws none of more than 100,000
WIDE, WIDEST = 1_600.0, 4_000.0  # pixels
NODE_GAP, LAYER_GAP, PADDING, LETTER = 30.0, 42.0, 40.0, 7.2
_QUIET = re.compile(r"(?<=[A-Za-z0-9])[_.-](?=[A-Za-z0-9])")


def mermaid_from_shape(shape: Shape, name: str, marks: Mapping[str, Mark], taken: frozenset[Edge] = frozenset()) -> str:
    """Return Mermaid source; "" for a graph that is empty, or too large or too wide for it.

    Args:
        shape: nodes and edges.
        name: the graph's name, for screen readers.
        marks: what a run did, by the name of the node or subgraph.
        taken: the edges that the run took.
    """
    if not shape.nodes or max(len(shape.nodes), len(shape.edges)) > MOST:
        return ""
    way = _direction(shape, marks)
    numbers = {node.id: f"n{number}" for number, node in enumerate(shape.nodes)}
    lines = [PAPER, f"flowchart {way}", f"accTitle: Graph of {_plain(name)}"]
    lines += _grouped(shape.nodes, 0, numbers, marks)
    for edge in shape.edges:
        arrow = "-.->" if edge.is_conditional else "-->"
        label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
        lines.append(f"{numbers[edge.source]} {arrow}{label} {numbers[edge.target]}")
    lines += _classes(shape, numbers, marks)
    if drawn := [str(place) for place, edge in enumerate(shape.edges) if edge in taken]:
        lines.append(f"linkStyle {','.join(drawn)} stroke:{COLOURS['done']},stroke-width:3px")
    source = "\n".join(lines)
    return source if way and len(source) <= LONGEST else ""


def _direction(shape: Shape, marks: Mapping[str, Mark]) -> str:
    """Return `TD` or `LR`: downward, or from left to right; "" for neither."""
    letters = {
        node.id: max(len(node.label), len(marks[node.id].words) if node.id in marks else 0) for node in shape.nodes
    }
    down, across = widths_of(shape, lambda node: letters[node] * LETTER + PADDING, (NODE_GAP, LAYER_GAP))
    if min(down, across) > WIDEST:
        return ""
    return "LR" if across < down and down > WIDE else "TD"


def _grouped(nodes: Sequence[Node], depth: int, numbers: Mapping[str, str], marks: Mapping[str, Mark]) -> Iterator[str]:
    """Yield the nodes of one subgraph, and inside it those of nested ones."""
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        if len(node.groups) > depth:
            groups.setdefault(node.groups[depth], []).append(node)
        else:
            mark = marks.get(node.id) if node.kind == "node" else None
            label = f'"{_label(node.label, mark)}"'
            yield f"{numbers[node.id]}{f'[{label}]' if node.kind == 'node' else f'([{label}])'}"
    for group, inside in groups.items():
        mark = marks.get(inside[0].group_ids[depth])
        title = " · ".join((label_from_text(group), *([mark.words] if mark else [])))
        yield f'subgraph g{depth}{numbers[inside[0].id]}["{_escaped(title)}"]'
        yield from _grouped(inside, depth + 1, numbers, marks)
        yield "end"


def _label(name: str, mark: Mark | None) -> str:
    return f"{_escaped(name)}\\n{_escaped(mark.words)}" if mark else _escaped(name)


def _classes(shape: Shape, numbers: Mapping[str, str], marks: Mapping[str, Mark]) -> Iterator[str]:
    """Yield the colors of the nodes that a run reached, and of the subgraphs."""
    marked: dict[str, list[str]] = {}
    seen: set[str] = set()
    for node in shape.nodes:
        for depth, group in enumerate(node.group_ids):
            if group in marks and group not in seen:
                seen.add(group)
                marked.setdefault(marks[group].state, []).append(f"g{depth}{numbers[node.id]}")
        if node.id in marks and node.kind == "node":
            marked.setdefault(marks[node.id].state, []).append(numbers[node.id])
    for state, drawn in marked.items():
        dashed = ",stroke-dasharray:5 4" if state == "cancelled" else ""
        yield f"classDef {state} stroke:{COLOURS[state]},stroke-width:3px{dashed}"
        yield f"class {','.join(drawn)} {state}"


def _escaped(text: str) -> str:
    text = visible_text(text)
    kept = {match.start() for match in _QUIET.finditer(text)}
    return "".join(
        each if each == " " or each.isalnum() or place in kept else f"#{ord(each)};" for place, each in enumerate(text)
    )


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isalnum() or each in "_-" else " " for each in visible_text(text)).split())

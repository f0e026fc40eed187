"""Place the nodes and edges of a graph in layers below its start. Pure geometry; draws nothing.

Layers follow Sugiyama's method: edges that lead back are reversed, each node lies below all that lead to it, an edge has a
point of its own in every layer on its way (and one between two layers, so that edges in both directions are two lines), and the
points of a layer are ordered by the positions of their neighbours, and then moved towards them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from lg_magics.model.graph import Edge, Shape

__all__ = ["Layout", "Point", "Route", "layout_of", "widths_of"]

GAP = 26.0
RANK = 38.0
SWEEPS = 12
POINT = 12.0
Key = str | tuple[int, int]  # a node's id, or an edge's number and the rank at which it passes
Layer = TypeVar("Layer", bound=Sequence[Key])
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Route:
    """An edge, and the points of its line, from its source to its target."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The centers of the nodes by id, the lines of the edges, and the total size."""

    places: Mapping[str, Point] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    width: float = 0.0
    height: float = 0.0


def layout_of(shape: Shape, size: Callable[[str], Point], label_width: Callable[[Edge], float]) -> Layout:
    """Lay out a graph.

    Args:
        shape: nodes and edges.
        size: width and height of a node, by its id.
        label_width: the width that an edge's label needs; 0 for none.
    """
    edges = [edge for edge in shape.edges if edge.source != edge.target]
    downward = _downward(shape, edges)
    ranks = {node: 2 * rank for node, rank in _ranks(shape, edges, downward).items()}
    chains = [_chain(number, edge, ranks) for number, edge in enumerate(edges)]
    layers, neighbours = _layers(ranks, chains)
    widths = {key: size(key)[0] if isinstance(key, str) else POINT for layer in layers for key in layer}
    for edge, chain in zip(edges, chains, strict=True):
        widths[chain[len(chain) // 2]] += label_width(edge)
    _order(layers, neighbours)
    across = _across(layers, neighbours, widths)
    left = min((across[key] - widths[key] / 2 for key in across), default=0.0) - 6
    down = _down(layers, lambda key: size(key)[1] if isinstance(key, str) else 0.0)
    place = {key: (across[key] - left, down[rank]) for rank, layer in enumerate(layers) for key in layer}
    routes = tuple(
        Route(edge, tuple(place[key] for key in (chain if edge in downward else reversed(chain))))
        for edge, chain in zip(edges, chains, strict=True)
    )
    loops = [edge for edge in shape.edges if edge.source == edge.target]
    routes += tuple(Route(edge, _loop(place[edge.source], size(edge.source))) for edge in loops)
    ends = [place[key][0] + widths[key] / 2 for key in place]
    ends += [route.points[1][0] + 4 + label_width(route.edge) for route in routes if route.edge in loops]
    bottom = max((place[node.id][1] + size(node.id)[1] / 2 for node in shape.nodes), default=0.0)
    places = {node.id: place[node.id] for node in shape.nodes}
    return Layout(places, routes, max(ends, default=0.0) + 6, bottom + 6)


def widths_of(shape: Shape, width: Callable[[str], float], gap: Point) -> Point:
    """Estimate a graph's width with its layers below each other, and side by side.

    Args:
        shape: nodes and edges.
        width: returns a node's width, by its id.
        gap: the distance between two nodes of a layer, and between two layers.
    """
    edges = [edge for edge in shape.edges if edge.source != edge.target]
    layers: dict[int, list[float]] = {}
    for node, rank in _ranks(shape, edges, _downward(shape, edges)).items():
        layers.setdefault(rank, []).append(width(node))
    down = max((sum(layer) + gap[0] * (len(layer) - 1) for layer in layers.values()), default=0.0)
    return down, sum(map(max, layers.values())) + gap[1] * (len(layers) - 1)


def _downward(shape: Shape, edges: Sequence[Edge]) -> set[Edge]:
    """Return the edges that do not close a cycle."""
    targets: dict[str, list[Edge]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge)
    found: set[Edge] = set()
    state: dict[str, int] = {}  # 1: on the current path, 2: finished
    for first in (node.id for node in shape.nodes):
        walk = [(first, iter(targets.get(first, ())))] if first not in state else []
        state.setdefault(first, 1)
        while walk:
            here, left = walk[-1]
            step = next(left, None)
            if step is None:
                state[here] = 2
                walk.pop()
            elif state.get(step.target) != 1:
                found.add(step)
                if step.target not in state:
                    state[step.target] = 1
                    walk.append((step.target, iter(targets.get(step.target, ()))))
    return found


def _ranks(shape: Shape, edges: Sequence[Edge], downward: set[Edge]) -> dict[str, int]:
    """Return each node's layer: one below the lowest of its predecessors."""
    pairs = [(edge.source, edge.target) if edge in downward else (edge.target, edge.source) for edge in edges]
    waits = {node.id: 0 for node in shape.nodes}
    below: dict[str, list[str]] = {node.id: [] for node in shape.nodes}
    for above, under in pairs:
        waits[under] += 1
        below[above].append(under)
    ranks = {node.id: 0 for node in shape.nodes}
    ready = [node for node, count in waits.items() if not count]
    while ready:
        here = ready.pop()
        for under in below[here]:
            ranks[under] = max(ranks[under], ranks[here] + 1)
            waits[under] -= 1
            if not waits[under]:
                ready.append(under)
    return ranks


def _chain(number: int, edge: Edge, ranks: Mapping[str, int]) -> list[Key]:
    """Return an edge's points from its upper end to its lower one."""
    upper, lower = sorted((edge.source, edge.target), key=lambda node: ranks[node])
    return [upper, *((number, rank) for rank in range(ranks[upper] + 1, ranks[lower])), lower]


def _layers(ranks: Mapping[str, int], chains: Sequence[Sequence[Key]]) -> tuple[list[list[Key]], dict[Key, list[Key]]]:
    layers: list[list[Key]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for node, rank in ranks.items():
        layers[rank].append(node)
    neighbours: dict[Key, list[Key]] = {key: [] for layer in layers for key in layer}
    for chain in chains:
        for upper, lower in pairwise(chain):
            for key in (upper, lower):
                if not isinstance(key, str) and key not in neighbours:
                    neighbours[key] = []
                    layers[key[1]].append(key)
            neighbours[upper].append(lower)
            neighbours[lower].append(upper)
    return layers, neighbours


def _order(layers: Sequence[list[Key]], neighbours: Mapping[Key, Sequence[Key]]) -> None:
    """Order each layer by the median of its neighbours in the layer before, down and up again, so that few lines cross."""
    for sweep in range(SWEEPS):
        for before, layer in _pairs(layers, sweep):
            place = {key: number / max(1, len(before) - 1) for number, key in enumerate(before)}
            layer.sort(key=lambda key: _middle([place[each] for each in neighbours[key] if each in place], 0.5))


def _across(
    layers: Sequence[Sequence[Key]], neighbours: Mapping[Key, Sequence[Key]], widths: Mapping[Key, float]
) -> dict[Key, float]:
    """Return each point's position from left to right: near its neighbours, and without overlap in its layer."""
    across = {key: place for layer in layers for key, place in _packed(layer, widths, lambda key: 0.0).items()}
    for sweep in range(SWEEPS):
        for before, layer in _pairs(layers, sweep):
            near = set(before)

            def wanted(key: Key, near: set[Key] = near) -> float:
                return _middle([across[each] for each in neighbours[key] if each in near], across[key])

            across.update(_packed(layer, widths, wanted))
    return across


def _pairs(layers: Sequence[Layer], sweep: int) -> list[tuple[Layer, Layer]]:
    """Yield each layer with the previous one of the sweep: downward, then upward, and so on."""
    way = list(layers) if sweep % 2 == 0 else list(reversed(layers))
    return list(pairwise(way))


def _packed(layer: Sequence[Key], widths: Mapping[Key, float], wanted: Callable[[Key], float]) -> dict[Key, float]:
    """Return positions in the order of the layer, without overlap, and near the wanted ones."""
    places: dict[Key, float] = {}
    edge = float("-inf")
    for key in layer:
        places[key] = max(wanted(key), edge + widths[key] / 2)
        edge = places[key] + widths[key] / 2 + GAP
    if not places:
        return places
    shift = sum(wanted(key) - place for key, place in places.items()) / len(places)
    return {key: place + shift for key, place in places.items()}


def _middle(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _down(layers: Sequence[Sequence[Key]], height: Callable[[Key], float]) -> list[float]:
    """Return each layer's vertical center."""
    found: list[float] = []
    edge = 6.0
    for number, layer in enumerate(layers):
        tall = max((height(key) for key in layer), default=0.0) if number % 2 == 0 else 0.0
        found.append(edge + tall / 2)
        edge += tall + RANK / 2
    return found


def _loop(middle: Point, size: Point) -> tuple[Point, ...]:
    x, y = middle[0] + size[0] / 2, middle[1]
    return (x, y - 7), (x + 24, y - 9), (x + 24, y + 9), (x, y + 7)

"""Draws images/packages.svg, the packages and their imports: `python docs/packages.py`, or `--check` if it is up to date.

An arrow is an import. One that follows from others is left out. A module of its own, such as `session.py`, counts as a package.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import grimp
from generated import write_or_check

from lg_magics.model.graph import Edge, Node, Shape
from lg_magics.tables.graph import Graph
from lg_magics.views.graph import graph_svg

PICTURE = Path(__file__).parent / "images" / "packages.svg"
APART = {("errors", "model")}
"""Imports that pyproject.toml excepts from the layers."""


def imports() -> dict[str, set[str]]:
    """Each package, and those that its modules import."""
    graph = grimp.build_graph("lg_magics", exclude_type_checking_imports=True)
    found: dict[str, set[str]] = {name.split(".")[1]: set() for name in graph.modules if "." in name}
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            if "." in module and "." in other:
                source, target = module.split(".")[1], other.split(".")[1]
                if source != target and (source, target) not in APART:
                    found[source].add(target)
    return found


def without_shortcuts(found: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """The imports that do not follow from others."""
    below: dict[str, set[str]] = {}

    def reached(name: str) -> set[str]:
        if name not in below:
            below[name] = found[name].union(*map(reached, found[name]))
        return below[name]

    return sorted(
        (source, target)
        for source, targets in found.items()
        for target in targets
        if not any(target in reached(other) for other in targets - {target})
    )


def picture() -> str:
    """The drawing as an SVG."""
    found = imports()
    edges = tuple(Edge(source, target) for source, target in without_shortcuts(found))
    nodes = tuple(Node(name, name) for name in sorted(found, key=lambda each: (-len(found[each]), each)))
    return graph_svg(Graph("lg_magics", Shape(nodes, edges))) + "\n"


if __name__ == "__main__":
    write_or_check(PICTURE, picture())

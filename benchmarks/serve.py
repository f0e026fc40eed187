"""How long it takes to collect a graph from a notebook of sixty cells, and to serve a new version of it, without its import."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.bench import Bench
from benchmarks.samples import Line, Samples
from lg_magics import local
from lg_magics.local.notebook import cells as cells_module
from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect
from lg_magics.local.notebook.persistence import without_persistence
from lg_magics.local.serving import serve_source

__all__ = ["lines"]

ROUNDS = 10
COLLECTED = 100.0  # milliseconds, median
SERVED = 500.0
IMPORTS = """
import operator
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph
class State(TypedDict, total=False):
    log: Annotated[list, operator.add]
"""


def lines(bench: Bench) -> list[Line]:
    bench.say(f"serve: {ROUNDS} rounds of a notebook of 60 cells")
    collected = Samples([_collected(f"mark {number}") for number in range(ROUNDS)])
    served = Samples(_served())
    return [
        Line("60 cells collected", f"{collected}", "", "", f"{COLLECTED:g} ms", collected.median <= COLLECTED),
        Line("a new version served", f"{served}", "", "", f"{SERVED:g} ms", served.median <= SERVED),
    ]


def _cells(mark: str) -> list[ExecutedCell]:
    texts = [IMPORTS]
    for number in range(29):
        inner = f"g{number - 1}" if number else "lambda state: {}"
        texts.append(f"def f{number}(state):\n    return {{'log': [{number}, {mark!r}]}}\nprint({number})")
        texts.append(
            f"b{number} = StateGraph(State)\nb{number}.add_node('f', f{number})\nb{number}.add_node('g', {inner})\n"
            f"b{number}.add_edge(START, 'f')\ng{number} = b{number}.compile()"
        )
    texts.append("graph = StateGraph(State).add_node('last', g28).add_edge(START, 'last').compile()")
    return [ExecutedCell(number, text) for number, text in enumerate(texts, 1)]


def _collected(mark: str) -> float:
    """Milliseconds for a notebook that was never read before."""
    for cache in (cells_module._names_in, cells_module._parsed, without_persistence):
        cache.cache_clear()
    cells = _cells(mark)
    began = perf_counter()
    collect(cells, "graph")
    return (perf_counter() - began) * 1000


def _served() -> list[float]:
    """Milliseconds from the collected source until the next run would use it, without the import."""
    server = local.start(private=True)
    taken = []
    try:
        with TemporaryDirectory() as folder:
            for number in range(ROUNDS + 1):
                source = collect(_cells(f"version {number}"), "graph").source
                began = perf_counter()
                served = serve_source(
                    server,
                    "graph",
                    source,
                    owner="",
                    folder=Path(folder),
                    path=[],
                    environment={},
                    is_confirmed=False,
                )
                taken.append((perf_counter() - began - served.seconds) * 1000)
    finally:
        local.stop(server)
    return taken[1:]  # the first also makes the assistant

"""A graph of one version, as the server runs it. Knows LangGraph's classes by name, once the server has loaded them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lg_magics.local.loader import LoadFailed

__all__ = [
    "VERSION",
    "MadeGraph",
    "entered",
    "exit_as_error",
    "imported_graph",
    "made_graph",
    "module",
    "shape_of",
    "tagged",
    "written_by",
]


def module(name: str) -> Any:
    """A module of the server, by its name."""
    return importlib.import_module(name)


VERSION = "lg_graph_version"


@dataclass
class MadeGraph:
    """A graph, or a factory of one, of one version."""

    graph: Any
    hook: Callable[..., dict[str, Any]] | None = None  # for a factory: its arguments


def made_graph(value: Any, name: str) -> MadeGraph:
    """Return a graph that the server can run, from the value of a notebook's or a file's graph variable.

    Raises:
        LoadFailed: It is neither a graph nor a factory of one.
    """
    pregel = module("langgraph.pregel").Pregel
    value = _unbound(value)
    if isinstance(value, module("langgraph.graph").StateGraph):
        try:
            value = value.compile()
        except ValueError as problem:  # it has no entry point, an edge to nothing, …
            raise LoadFailed(problem) from problem
    if isinstance(value, pregel):
        return MadeGraph(value.copy(update={"checkpointer": None, "store": None}))
    if isinstance(value, type) or not callable(value):
        raise LoadFailed(TypeError(f"{name} is no graph: it is a {type(value).__name__}"))
    utilities = module("langgraph_api._factory_utils")
    return MadeGraph(value, utilities._classify_factory(value) or (lambda config, runtime: {}))


def _unbound(value: Any) -> Any:
    """Return the graph inside `.with_config(…)`, with that config."""
    binding = module("langchain_core.runnables.base").RunnableBinding
    config: dict[str, Any] = {}
    while isinstance(value, binding):
        config = {**(value.config or {}), **config}
        value = value.bound
    return value.with_config(config) if config else value


@asynccontextmanager
async def entered(made: MadeGraph, config: Any, runtime: Any) -> AsyncIterator[Any]:
    """Return the graph; a factory is called for it, as the server would call it."""
    if made.hook is None:
        yield made.graph
        return
    with exit_as_error():
        value = made.graph(**made.hook(config, runtime))
    async with module("langgraph_api.asyncio").as_asynccontextmanager(value) as graph:
        graph = _unbound(graph)
        yield graph.compile() if isinstance(graph, module("langgraph.graph").StateGraph) else graph


@contextmanager
def exit_as_error() -> Iterator[None]:
    """Make graph code that exits the program fail its run, and not the server."""
    try:
        yield
    except (SystemExit, KeyboardInterrupt) as problem:
        words = f"{type(problem).__name__}({problem}) would end the server"
        raise RuntimeError(words).with_traceback(problem.__traceback__) from problem


def tagged(graph: Any, number: int) -> Any:
    """Return the graph so that it writes its version into each checkpoint."""
    return graph.with_config({"metadata": {VERSION: number}})


def shape_of(graph: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nodes of a graph and the keys of its state; empty for a factory."""
    if not isinstance(graph, module("langgraph.pregel").Pregel):
        return (), ()
    nodes = tuple(name for name in graph.nodes if not name.startswith("__"))
    keys = tuple(sorted(name for name in graph.channels if not name.startswith("__") and ":" not in name))
    return nodes, keys


async def written_by(configurable: Mapping[str, Any]) -> int:
    """Return the version that wrote a thread's last checkpoint; 0 if unknown."""
    saver = await module("langgraph_api._checkpointer").get_checkpointer()
    where = {each: configurable[each] for each in ("thread_id", "checkpoint_id") if configurable.get(each)}
    where = {each: str(value) for each, value in where.items()}
    found = await saver.aget_tuple({"configurable": {"checkpoint_ns": "", **where}})
    number = (found.metadata or {}).get(VERSION) if found else None
    return number if isinstance(number, int) else 0


def imported_graph(file: Path, variable: str) -> Any:
    """Import a file as the server does, and return the graph."""
    name = str(file).replace("/", "__").replace(".py", "").replace(" ", "_").lstrip(".")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    made = importlib.util.module_from_spec(spec)
    before, sys.modules[name] = sys.modules.get(name), made
    try:
        importlib.invalidate_caches()
        spec.loader.exec_module(made)
        return getattr(made, variable)
    except BaseException:
        if before is not None:
            sys.modules[name] = before
        raise

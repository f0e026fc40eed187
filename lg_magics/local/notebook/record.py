"""A kernel's record of its notebook: the executed cells and the kernel's names. Knows no IPython."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import Namespace
from lg_magics.local.redaction import variables_in
from lg_magics.model.secrets import looks_secret

__all__ = ["Record", "graph_kind", "item_counts"]

_PERSISTENCE = frozenset({"BaseCheckpointSaver", "BaseStore"})
_PERSISTENCE_PACKAGES = ("langgraph.checkpoint.", "langgraph.store.")


@dataclass(frozen=True)
class Record:
    """A notebook, as its kernel knows it.

    Attributes:
        cells: The executed cells, in order; the last may be still running, and then has its executed part.
        names: The kernel's names.
        running: The number of the running cell; 0 if none is running.
        line: The running line of that cell.
        transform: IPython's rewriting of a cell.
        folder: The notebook's folder.
        environment: The kernel's environment.
    """

    cells: Sequence[ExecutedCell]
    names: Mapping[str, object] = field(repr=False)
    running: int = 0
    line: int = 0
    transform: Callable[[str], str] = str
    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def variables(self) -> dict[str, str]:
        """Return the environment, on top of the `.env` beside the notebook."""
        beside = self.folder / ".env"
        return {**(variables_in(str(beside)) if beside.is_file() else {}), **self.environment}

    def namespace(self) -> Namespace:
        """Return the facts about the kernel's names for collecting."""
        named = {name: value for name, value in self.names.items() if not name.startswith("__")}
        secrets = {name: value for name, value in self.variables().items() if value and looks_secret(name)}
        return Namespace(
            frozenset(named),
            frozenset(name for name, value in named.items() if graph_kind(value) in ("graph", "builder", "binding")),
            frozenset(name for name, value in named.items() if _is_a(value, _PERSISTENCE, _PERSISTENCE_PACKAGES)),
            frozenset(
                name for name, value in named.items() if value is sys.modules.get("lg_magics") or name == "lg_magics"
            ),
            _star_names,
            secrets,
            frozenset(name for name, value in named.items() if graph_kind(value) in ("graph", "binding")),
        )

    def name_of(self, value: object) -> str:
        """Return the kernel's name for an object; "" if it has none."""
        names = [name for name, held in self.names.items() if held is value and not name.startswith("_")]
        return names[-1] if names else ""


def graph_kind(value: object) -> str:
    """Return an object's kind: `graph`, `builder`, `binding` of a graph, possible `factory`, or ""."""
    if isinstance(value, type):
        return ""
    if _is_a(value, frozenset({"Pregel"})):
        return "graph"
    if _is_a(value, frozenset({"StateGraph"})):
        return "builder"
    if _is_a(value, frozenset({"RunnableBinding"})):
        return "binding" if graph_kind(getattr(value, "bound", None)) else ""
    return "factory" if callable(value) and hasattr(value, "__code__") else ""


def item_counts(record: Record) -> dict[str, int]:
    """Return the number of items in the notebook's own stores, by name."""
    counts = {}
    for name, value in record.names.items():
        if not name.startswith("_") and _is_a(value, frozenset({"BaseStore"}), _PERSISTENCE_PACKAGES):
            held = getattr(value, "_data", None)
            count = sum(map(len, held.values())) if isinstance(held, Mapping) else 0
            if count:
                counts[name] = count
    return counts


def _is_a(value: object, names: frozenset[str], packages: tuple[str, ...] = ("langgraph", "langchain")) -> bool:
    """Return whether a LangGraph class of this name is among an object's classes; does not import LangGraph."""
    return any(each.__name__ in names and each.__module__.startswith(packages) for each in type(value).__mro__)


def _star_names(module: str) -> Sequence[str]:
    """Return the names that `from module import *` binds, as imported in the kernel."""
    found = sys.modules.get(module)
    if found is None:
        return ()
    listed = getattr(found, "__all__", None)
    return tuple(listed) if listed is not None else tuple(name for name in vars(found) if not name.startswith("_"))

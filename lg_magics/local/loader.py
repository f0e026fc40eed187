"""Run a version's file as a module, inside the embedded server's process.

The statements run one by one. Each is compiled under the name of its cell, so every traceback shows the cell and its
line. A slow statement is not run again while it, and all that its objects depend on, are unchanged.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lg_magics.local.cell_places import cell_of_error, filename_of, show_cells
from lg_magics.local.modules import (
    as_module,
    fingerprint,
    fingerprint_of_files,
    fingerprint_of_named,
    fresh_modules,
    local_modules,
)
from lg_magics.local.versions import Version

__all__ = ["Cache", "LoadFailed", "Loaded", "load"]

SLOW = 2.0  # seconds
KEPT = 32

Await = Callable[[Coroutine[Any, Any, Any]], Any]


class LoadFailed(Exception):
    """A version could not be imported.

    Attributes:
        cell: The cell whose statement raised; 0 if unknown.
        line: The line in that cell.
    """

    def __init__(self, cause: BaseException, cell: int = 0, line: int = 0) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.cell = cell
        self.line = line


@dataclass
class Cache:
    """The names that slow statements bound, by the text of all that they depend on."""

    entries: OrderedDict[str, tuple[dict[str, Any], ...]] = field(default_factory=OrderedDict)

    def put(self, key: str, bound: tuple[dict[str, Any], ...]) -> None:
        """Store what statements bound; the oldest entry is removed."""
        self.entries[key] = bound
        self.entries.move_to_end(key)
        while len(self.entries) > KEPT:
            self.entries.popitem(last=False)


@dataclass
class Loaded:
    """A module that was run.

    Attributes:
        names: Its names.
        seconds: How long the import took.
        reused: How many slow statements were not run again.
        modules: The files beside the notebook that it imported: [mtime in ns, size].
        files: The other files there that it names.
    """

    names: dict[str, Any]
    seconds: float
    reused: int = 0
    modules: dict[str, list[int]] = field(default_factory=dict, repr=False)
    files: dict[str, list[int]] = field(default_factory=dict, repr=False)


def load(
    version: Version,
    file: Path,
    module_name: str,
    wait: Await,
    cache: Cache,
    modules: Mapping[str, Sequence[int]],
    environment: Mapping[str, str],
) -> Loaded:
    """Run a version's file.

    Args:
        version: The version's metadata.
        file: The file.
        module_name: The name of the module that it becomes; it replaces an earlier version's.
        wait: Runs a coroutine to its end, on the server's event loop.
        cache: Results of slow statements from earlier runs.
        modules: The files beside the notebook that the previous version imported, with their state then.
        environment: The notebook's environment, on which slow statements depend.

    Raises:
        LoadFailed: A statement raised.
    """
    began = time.perf_counter()
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    units = _units(tree, version)
    show_cells(version, text)
    now = fingerprint_of_files(list(modules))
    is_changed = now != {file: list(stat) for file, stat in modules.items()}
    with as_module(module_name, file) as module, fresh_modules([version.folder]) if is_changed else nullcontext():
        names = vars(module)
        runner = _Runner(version, text.split("\n"), names, wait, cache, environment)
        runner.run(units, now)
    beside = fingerprint(local_modules([version.folder]))
    seconds = time.perf_counter() - began
    return Loaded(names, seconds, runner.reused, beside, fingerprint_of_named([tree], version.folder))


@dataclass(frozen=True)
class _Unit:
    """A statement with its place in the notebook; -1 is the place of a generated line."""

    node: ast.stmt
    place: int


def _units(tree: ast.Module, version: Version) -> list[_Unit]:
    """Return the statements in order, including those in the async factory."""
    body: list[ast.stmt] = []
    for node in tree.body:
        if version.is_async and isinstance(node, ast.AsyncFunctionDef) and node is tree.body[-1]:  # the factory
            made = next(each for each in node.body if isinstance(each, ast.If))
            body += made.body
        else:
            body.append(node)
    places = {piece["first"]: place for place, piece in enumerate(version.pieces)}
    return [_Unit(node, places.get(_first(node), -1)) for node in body]


def _is_import(unit: _Unit) -> bool:
    return isinstance(unit.node, ast.Import | ast.ImportFrom)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


class _Runner:
    """Runs statements one by one in one namespace."""

    def __init__(
        self,
        version: Version,
        lines: Sequence[str],
        names: dict[str, Any],
        wait: Await,
        cache: Cache,
        environment: Mapping[str, str],
    ) -> None:
        self.version = version
        self.lines = lines
        self.names = names
        self.reused = 0
        self._wait = wait
        self._cache = cache
        self._environment = sorted(environment.items())
        self._nodes: dict[int, ast.stmt] = {}
        self._bound: dict[int, dict[str, Any]] = {}
        self._slow: list[int] = []
        self._flags = 0

    def run(self, units: Sequence[_Unit], modules: Mapping[str, list[int]]) -> None:
        self._nodes = {unit.place: unit.node for unit in units}
        ready = self._ready(units, modules)
        for unit in units:
            # An import is quick, and runs again: its names may have been there before.
            if unit.place in ready and not _is_import(unit):
                self._bound[unit.place] = ready[unit.place]
                self.names.update(ready[unit.place])
            else:
                self._run(unit)
        beside = fingerprint(local_modules([self.version.folder]))
        for place in self._slow:
            story = self.version.pieces[place]["story"]
            self._cache.put(self._key(story, beside), tuple(self._bound.get(each, {}) for each in story))

    def _ready(self, units: Sequence[_Unit], modules: Mapping[str, list[int]]) -> dict[int, dict[str, Any]]:
        """Return the bound names of the statements that need not run again."""
        ready: dict[int, dict[str, Any]] = {}
        used = set()
        for unit in units:
            story = self.version.pieces[unit.place]["story"] if unit.place >= 0 else []
            key = self._key(story, modules) if story else ""
            if (found := self._cache.entries.get(key)) is not None:
                ready.update(dict(zip(story, found, strict=True)))
                used.add(key)
        self.reused = len(used)
        return ready

    def _key(self, story: Sequence[int], modules: Mapping[str, list[int]]) -> str:
        texts = []
        for place in story:
            piece = self.version.pieces[place]
            texts.append("\n".join(self.lines[piece["first"] - 1 : piece["last"]]))
        folder = self.version.folder
        files = fingerprint_of_named((self._nodes[place] for place in story if place in self._nodes), folder)
        inputs = (texts, sorted(modules.items()), sorted(files.items()), self._environment, folder)
        return hashlib.sha256(repr(inputs).encode()).hexdigest()

    def _run(self, unit: _Unit) -> None:
        before = dict(self.names)
        began = time.perf_counter()
        self._execute(unit)
        took = time.perf_counter() - began
        if unit.place < 0:
            return
        binds = self.version.pieces[unit.place]["binds"]
        self._bound[unit.place] = {
            name: value
            for name, value in self.names.items()
            if name in binds or name not in before or before[name] is not value  # `WORD += "s"`, or a function bound it
        }
        if took > SLOW and not _is_import(unit):
            self._slow.append(unit.place)

    def _execute(self, unit: _Unit) -> None:
        piece = self.version.pieces[unit.place] if unit.place >= 0 else None
        filename = f"{self.version.name} v{self.version.number}"
        if piece is not None:
            ast.increment_lineno(unit.node, piece["line"] - piece["first"])
            filename = filename_of(self.version, piece["cell"])
        try:
            module = ast.Module([unit.node], [])
            code = compile(module, filename, "exec", self._flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            self._flags |= code.co_flags & _FUTURES
            result = eval(code, self.names)
            if asyncio.iscoroutine(result):
                self._wait(result)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            cell, line = cell_of_error(problem) or ((piece["cell"], piece["line"]) if piece else (0, 0))
            raise LoadFailed(problem, cell, line) from problem


_FUTURES = __future__.annotations.compiler_flag

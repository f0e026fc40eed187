"""Serves graphs that are added or edited while an embedded server runs: of notebooks, and from files of a langgraph.json.

The server calls a factory of this module for each run. It returns the version that the run was launched with, else the
current one. A run keeps its graph, so it ends on the version on which it began. A thread that is only read is
read with the version that wrote it, from its last checkpoint's metadata.
"""

from __future__ import annotations

import ast
import asyncio
import ctypes
import os
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lg_magics.local import cell_places, loader, modules, versions
from lg_magics.local.folder import Folder
from lg_magics.local.graph_errors import explained, problem_of_file
from lg_magics.local.loader import Cache, LoadFailed
from lg_magics.local.made_graph import (
    MadeGraph,
    entered,
    imported_graph,
    made_graph,
    module,
    shape_of,
    tagged,
    written_by,
)
from lg_magics.local.redaction import redact, secrets_in
from lg_magics.local.server_patches import keep_data_in
from lg_magics.local.versions import Version

__all__ = ["GraphHost", "NotReady"]

LAUNCH = "lg_launch"
HELD = 5  # versions of a graph to keep in memory
PINS = 5000


class NotReady(Exception):
    """A rejected request; `answer` states why."""

    def __init__(self, **answer: Any) -> None:
        super().__init__(str(answer.get("error", "")))
        self.answer = answer


@dataclass
class _Graph:
    """One graph of the server and its versions."""

    name: str
    current: int = 0
    made: OrderedDict[int, MadeGraph] = field(default_factory=OrderedDict)
    problem: str = ""
    # of a file in a langgraph.json:
    file: Path | None = None
    variable: str = ""
    folders: tuple[str, ...] = ()
    seen: dict[str, list[int]] = field(default_factory=dict)

    def put(self, number: int, made: MadeGraph) -> None:
        self.made[number] = made
        self.made.move_to_end(number)
        while len(self.made) > HELD:
            oldest = next(each for each in self.made if each != self.current)
            del self.made[oldest]


class GraphHost:
    """Serves graphs beside those that the server has loaded itself."""

    def __init__(self, folder: Folder, quiet: Mapping[str, str]) -> None:
        self._folder = folder
        self._quiet = quiet
        self._graphs: dict[str, _Graph] = {}
        self._pins: OrderedDict[str, int] = OrderedDict()
        self._cache = Cache()
        self._loading = threading.RLock()
        self._busy: tuple[int, str] | None = None  # the importing thread, and its notebook
        self._abandoned: set[str] = set()
        self._environments: dict[str, dict[str, str]] = {}
        self._own = set(os.environ)
        self._environment_changed = False

    # -- the server's start ------------------------------------------------------------------------------------------

    def begin(self, files: Mapping[str, Any], search_path: list[str], *, reload: bool) -> None:
        """Load the graphs of notebooks that were served before, and watch the files of the others."""
        if reload:
            for name, spec in files.items():
                self._watch(name, str(spec["path"] if isinstance(spec, Mapping) else spec), search_path)
        for name in versions.served_names(self._folder.path):
            number = versions.current_number(self._folder.path, name)
            version = versions.read_version(self._folder.path, name, number)
            if version is not None and name not in self._registry():
                self._prepare_folder(version)
                self._graphs[name] = _Graph(name, number)
                self._register(name)

    def _watch(self, name: str, spec: str, search_path: list[str]) -> None:
        where, _, variable = spec.rpartition(":")
        registered = self._registry().get(name)
        if registered is None or not where.endswith(".py"):
            return
        file = Path(where)
        folders = (*search_path, str(file.parent))
        hook = module("langgraph_api._factory_utils").FACTORY_KWARGS.get(name)
        graph = _Graph(name, 1, file=file, variable=variable, folders=folders)
        graph.put(1, MadeGraph(registered, hook))
        graph.seen = self._files(graph)
        self._graphs[name] = graph
        self._register(name)

    # -- requests ----------------------------------------------------------------------------------------------------

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Handle a kernel's request, and return the response."""
        try:
            match request.get("do"):
                case "serve":
                    return self._serve(request)
                case "abandon":
                    return self._abandon(request)
                case "launch":
                    return self._launch(request)
                case "graphs":
                    return {"graphs": {name: graph.current for name, graph in self._graphs.items()}}
                case other:
                    return {"error": f"No request {other!r}.", "kind": "request"}
        except NotReady as refusal:
            return refusal.answer

    def _launch(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Choose the version for a run, and keep it for that run."""
        graph = self._graphs.get(str(request["graph"]))
        if graph is None:
            return {"version": 0, "problem": ""}
        self._refresh(graph)
        number = int(request.get("version") or graph.current)
        if request.get("version") and graph.file is None:
            known = versions.numbers(self._folder.path, graph.name)
            if number not in known:
                listed = ", ".join(map(str, known))
                return {"error": f"{graph.name} has no version {number}: there are {listed}.", "kind": "version"}
        if mark := str(request.get("mark") or ""):
            self._pins[mark] = number
            while len(self._pins) > PINS:
                self._pins.popitem(last=False)
        return {"version": number, "problem": graph.problem, "is_notebook": graph.file is None}

    def _serve(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, token = str(request["name"]), str(request.get("token") or "")
        with self._loading, self._load_of(request, token):
            self._check_owner(name, request)
            self._take_environment(str(request["owner"]), request["environment"])
            graph = self._graphs.get(name) or _Graph(name)
            before = versions.read_version(self._folder.path, name, graph.current)
            if before is not None and self._is_unchanged(before, request):
                before = replace(before, pieces=tuple(request["pieces"]))
                versions.write_version(self._folder.path, before, str(request["text"]))
                cell_places.renumber(before, str(request["text"]))
                return self._answer(before, 0.0, 0, is_new=False)
            number = max([0, *versions.numbers(self._folder.path, name)]) + 1
            version = Version(
                name,
                number,
                str(request["variable"]),
                bool(request["is_async"]),
                tuple(request["pieces"]),
                str(request["owner"]),
                str(request["folder"]),
                tuple(request["path"]),
            )
            file = versions.write_version(self._folder.path, version, str(request["text"]))
            try:
                version, loaded = self._load(version, file, graph, before)
                self._check_alike(before, version, request)
            except BaseException:
                versions.remove_version(self._folder.path, name, number)
                raise
            versions.write_version(self._folder.path, version, str(request["text"]))
            versions.write_current(self._folder.path, name, number)
            cell_places.renumber(version, str(request["text"]))
            graph.current = number
            is_first = name not in self._graphs
            self._graphs[name] = graph
            if is_first:
                self._register(name)
        return self._answer(version, loaded.seconds, loaded.reused, is_new=True)

    @contextmanager
    def _load_of(self, request: Mapping[str, Any], token: str) -> Iterator[None]:
        """Record which request this thread handles, so that it can be abandoned."""
        if token in self._abandoned:
            raise NotReady(error="The request was abandoned.", kind="abandoned")
        lock = self._loading
        self._busy = (threading.get_ident(), str(request["owner"]))
        try:
            yield
        finally:
            if lock is self._loading:
                self._busy = None

    def _abandon(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """End an import whose request was interrupted, or whose kernel was restarted.

        A statement that hangs outside Python continues; other graphs are imported without waiting for it.
        """
        self._abandoned.add(str(request.get("token") or ""))
        busy = self._busy
        if busy is not None and busy[1] == str(request["owner"]):
            self._loading, self._busy = threading.RLock(), None
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(busy[0]), ctypes.py_object(SystemExit))
        return {}

    def _answer(self, version: Version, seconds: float, reused: int, *, is_new: bool) -> dict[str, Any]:
        return {
            "version": version.number,
            "nodes": list(version.nodes),
            "keys": list(version.keys),
            "seconds": seconds,
            "reused": reused,
            "is_new": is_new,
        }

    def _check_owner(self, name: str, request: Mapping[str, Any]) -> None:
        if name in self._registry() and (name not in self._graphs or self._graphs[name].file is not None):
            raise NotReady(error=f"This server has a graph '{name}' of its own.", kind="taken")
        number = versions.current_number(self._folder.path, name)
        before = versions.read_version(self._folder.path, name, number)
        owner = str(request["owner"])
        if before and before.owner and owner and before.owner != owner:
            notebook = before.owner.partition("·")[0]
            if not (Path(before.folder) / notebook).exists():
                return  # it was renamed or deleted
            raise NotReady(error=f"'{name}' is the graph of another notebook, {notebook}.", kind="owner")

    def _is_unchanged(self, before: Version, request: Mapping[str, Any]) -> bool:
        try:
            text = versions.file_of(self._folder.path, before.name, before.number).read_text("utf-8")
        except OSError:
            return False
        lines, wanted = ([*filter(str.strip, versions.code_lines(each))] for each in (text, str(request["text"])))
        same = lines == wanted and not self._environment_changed
        same = same and before.variable == request["variable"] and before.folder == request["folder"]
        if not same:
            return False
        now = modules.fingerprint_of_files(list(before.modules))
        named = modules.fingerprint_of_named([ast.parse(text)], before.folder)
        return now == dict(before.modules) and named == dict(before.files)

    def _check_alike(self, before: Version | None, now: Version, request: Mapping[str, Any]) -> None:
        """Reject a different graph under the same name, unless the name was given."""
        if before is None or request.get("confirmed"):
            return
        for what, old, new in (("nodes", before.nodes, now.nodes), ("state keys", before.keys, now.keys)):
            if old and new and not set(old) & set(new):
                raise NotReady(
                    error=f"{now.name} v{before.number} has the {what} {', '.join(old)}; this graph has {', '.join(new)}.",
                    kind="other",
                )

    # -- loading -----------------------------------------------------------------------------------------------------

    def _load(
        self, version: Version, file: Path, graph: _Graph, before: Version | None
    ) -> tuple[Version, loader.Loaded]:
        self._prepare_folder(version)
        known = before.modules if before else {}
        try:
            environment = self._environments.get(version.owner, {})
            module_name = _module_name(version.name)
            loaded = loader.load(version, file, module_name, self._wait, self._cache, known, environment)
            if version.variable not in loaded.names:
                raise LoadFailed(NameError(f"name '{version.variable}' is not defined"))
            made = made_graph(loaded.names[version.variable], version.name)
        except LoadFailed as failure:
            raise NotReady(**explained(failure, version)) from failure
        graph.put(version.number, made)
        nodes, keys = shape_of(made.graph)
        return replace(version, nodes=nodes, keys=keys, modules=loaded.modules, files=loaded.files), loaded

    def _prepare_folder(self, version: Version) -> None:
        """Make the notebook's files and modules importable for this version."""
        if os.path.isdir(version.folder):
            keep_data_in(self._folder.path)
            os.chdir(version.folder)
        for each in version.path:
            if each not in sys.path:
                sys.path.append(each)
        known = {each.folder for each in map(self._current, self._graphs) if each} - {version.folder}
        modules.prefer(version.folder, known)

    def _current(self, name: str) -> Version | None:
        return versions.read_version(self._folder.path, name, self._graphs[name].current)

    def _enter_folder(self, name: str, number: int) -> None:
        """Change to the notebook's folder, for relative paths. The process has one: that of the run that started last."""
        version = versions.read_version(self._folder.path, name, number)
        if version is not None and os.path.isdir(version.folder):
            os.chdir(version.folder)

    def _wait(self, coroutine: Any) -> Any:
        loop = module("langgraph_api.asyncio").get_event_loop()
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    def _version(self, graph: _Graph, number: int) -> MadeGraph:
        """Return a version; load it again if needed: after the server's start, or if it is an old one."""
        if number in graph.made:
            return graph.made[number]
        with self._loading:
            if number not in graph.made:
                version = versions.read_version(self._folder.path, graph.name, number)
                if version is None or graph.file is not None:
                    return graph.made[graph.current]
                file = versions.file_of(self._folder.path, graph.name, number)
                try:
                    self._load(version, file, graph, version)
                except NotReady as refusal:
                    where = f" (cell {refusal.answer['cell']})" if refusal.answer.get("cell") else ""
                    raise RuntimeError(f"{graph.name} v{number} cannot be imported: {refusal}{where}") from refusal
            return graph.made[number]

    # -- files of a langgraph.json -----------------------------------------------------------------------------------

    def _files(self, graph: _Graph) -> dict[str, list[int]]:
        beside = modules.fingerprint(modules.local_modules(graph.folders))
        return {**beside, **modules.fingerprint_of_files([str(graph.file)])}

    def _refresh(self, graph: _Graph) -> None:
        """Import an edited file again; if that fails, the earlier version stays in service."""
        if graph.file is None or modules.fingerprint_of_files(list(graph.seen)) == graph.seen:
            return
        with self._loading:
            now = modules.fingerprint_of_files(list(graph.seen))
            if now == graph.seen:
                return
            try:
                with modules.fresh_modules(graph.folders):
                    value = imported_graph(graph.file, graph.variable)
                made = made_graph(value, graph.name)
            except (Exception, SystemExit) as problem:  # noqa: BLE001 - any error of a user's file
                graph.seen, graph.problem = now, problem_of_file(problem, graph.folders)
                text = redact("".join(traceback.format_exception(problem)), secrets_in())
                print(text, file=sys.stderr)  # into the server's log
                return
            graph.seen, graph.problem = self._files(graph), ""
            graph.current += 1
            graph.put(graph.current, made)

    # -- the server's registry ---------------------------------------------------------------------------------------

    def _registry(self) -> dict[str, Any]:
        graphs: dict[str, Any] = module("langgraph_api.graph").GRAPHS
        return graphs

    def _register(self, name: str) -> None:
        factories = module("langgraph_api._factory_utils").FACTORY_KWARGS
        factories.pop(name, None)
        factory = self._factory(name)
        if name in self._registry():  # its assistant exists
            module("langgraph_api._factory_utils").classify_factory(factory, name)
            self._registry()[name] = factory
        else:
            self._wait(module("langgraph_api.graph").register_graph(name, factory, None))

    def _factory(self, name: str) -> Callable[..., Any]:
        @asynccontextmanager
        async def graph(config: Any, runtime: Any) -> AsyncIterator[Any]:
            hosted = self._graphs[name]
            number = await self._chosen(hosted, config)
            made = hosted.made.get(number)
            if made is None:
                made = await asyncio.to_thread(self._version, hosted, number)
            if hosted.file is None and (config.get("configurable") or {}).get("__is_for_execution__"):
                self._enter_folder(name, number)
            async with entered(made, config, runtime) as found:
                yield tagged(found, number) if hosted.file is None else found

        runtime_type = module("langgraph_api._factory_utils").ServerRuntime

        def make_graph(config: Any, runtime: Any) -> Any:
            return graph(config, runtime)

        make_graph.__annotations__ = {"runtime": runtime_type}
        return make_graph

    async def _chosen(self, graph: _Graph, config: Mapping[str, Any]) -> int:
        """Return the version that a call of the server is for."""
        configurable = config.get("configurable") or {}
        if configurable.get("__is_for_execution__"):
            mark = str((config.get("metadata") or {}).get(LAUNCH) or "")
            if (pinned := self._pins.pop(mark, None)) is not None:
                return pinned
            await asyncio.to_thread(self._refresh, graph)
            return graph.current
        if graph.file is not None or not configurable.get("thread_id"):
            return graph.current
        return await written_by(configurable) or graph.current

    # -- the environment ---------------------------------------------------------------------------------------------

    def _take_environment(self, owner: str, given: Mapping[str, str]) -> None:
        """Set the environment of the notebook for the next version. It is kept in memory only.

        Another notebook's variables stay, since its graphs read them too; of two values, the last one given holds.
        """
        allowed = {name: value for name, value in given.items() if name not in self._quiet and not _is_ours(name)}
        others = {name for each, held in self._environments.items() if each != owner for name in held}
        gone = set(self._environments.get(owner, ())) - set(allowed) - others
        before = {name: os.environ.get(name) for name in (*allowed, *gone)}
        for name in gone - self._own:
            os.environ.pop(name, None)
        os.environ.update(allowed)
        self._environments[owner] = dict(allowed)
        self._environment_changed = before != {name: os.environ.get(name) for name in before}


def _module_name(name: str) -> str:
    return f"notebook_graph_{''.join(each if each.isalnum() else '_' for each in name)}"


def _is_ours(name: str) -> bool:
    """Return whether a variable belongs to this process, not to the graphs."""
    return name.startswith(("JPY_", "LANGGRAPH_", "LANGSERVE_", "PYTHON", "PWD", "OLDPWD", "_")) or name in {
        "PATH",
        "HOME",
        "PORT",
        "MPLBACKEND",
        "MIGRATIONS_PATH",
        "DATABASE_URI",
        "REDIS_URI",
        "N_JOBS_PER_WORKER",
    }

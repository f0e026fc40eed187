"""What an embedded server will serve, from a langgraph.json or a graph's path. Starts nothing.

The server resolves paths against its working directory, which is one of our runtime folders, so every
relative path of the user's file is made absolute here.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lg_magics import __version__
from lg_magics.errors import LocalServerError
from lg_magics.files import path_of

DEMO = Path(__file__).parent / "demo" / "langgraph.json"
_COMMON_VARIABLES = {"graph", "app", "workflow", "builder", "compiled", "make_graph"}
# Keys of langgraph.json that name code, besides "graphs": `./file.py:name` or `package.module:name`.
_CODE = [("auth", "path"), ("http", "app"), ("checkpointer", "path"), ("store", "path")]


@dataclass(frozen=True)
class Plan:
    """A deployment, ready to be written for the server.

    Attributes:
        config: The content of a langgraph.json in which every path is absolute.
        search_path: Folders from which the user's code may import.
        folder: The folder of the user's file.
        config_id: Equal for the same content, version and Python.
    """

    config: dict[str, Any]
    search_path: tuple[str, ...]
    folder: Path
    config_id: str

    @property
    def config_is_own(self) -> bool:
        """Whether the graphs are the user's, whose files may be edited, and not the demo's."""
        return self.folder != DEMO.parent


def plan_from(config: Path | None, graph: str | None) -> Plan:
    """Make a plan from a langgraph.json, from one graph, or, with neither, from the demo.

    Raises:
        LocalServerError: If both are given, or a file is not there or cannot be read.
        CommandError: No file can have the name.
    """
    if config is not None and graph is not None:
        raise LocalServerError("A config and a graph were given.", hint="Give --config or --graph, not both.")
    if graph is not None:
        return _plan_from_graph(graph)
    return _plan_from_config(Path(config) if config is not None else DEMO)


def _plan_from_config(path: Path) -> Plan:
    path = path_of(path).resolve()
    content = _read(path)
    folder = path.parent
    graphs = content.get("graphs")
    if not isinstance(graphs, dict) or not graphs:
        raise LocalServerError(f"{path} has no graphs.", hint='It needs "graphs": {"name": "./file.py:graph"}.')
    content["graphs"] = {name: _absolute_graph(name, spec, folder) for name, spec in graphs.items()}
    content["dependencies"] = [_absolute_folder(d, folder) for d in content.get("dependencies", [])]
    _absolute_code(content, folder)
    content["env"] = _absolute_env(content.get("env"), path)
    return _plan(content, folder)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise LocalServerError(f"No file {path}.", hint="%lg_connect local --config PATH/TO/langgraph.json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise LocalServerError(f"{path} is not valid JSON: {error}.", hint="Fix it and connect again.") from error
    if not isinstance(content, dict):
        raise LocalServerError(f"{path} is not a JSON object.", hint='It needs {"graphs": {…}}.')
    return content


def _plan_from_graph(graph: str) -> Plan:
    where, colon, variable = graph.rpartition(":")
    if not colon or not where or not variable.isidentifier():
        raise LocalServerError(
            f"{graph!r} does not name a graph.",
            hint="Name the file and the variable: --graph file.py:graph (or package.module:graph).",
        )
    if _is_file(where):
        path = path_of(where).resolve()
        if not path.is_file():
            raise LocalServerError(f"No file {path}.", hint="--graph file.py:graph")
        folder, spec, stem = path.parent, f"{path.as_posix()}:{variable}", path.stem
    else:
        folder, spec, stem = Path.cwd(), graph, where.rpartition(".")[2]
    name = stem if variable in _COMMON_VARIABLES else variable
    content = {"dependencies": [], "graphs": {name: spec}, "env": _absolute_env(None, folder / "langgraph.json")}
    return _plan(content, folder)


def _plan(content: dict[str, Any], folder: Path) -> Plan:
    # The server has defaults for missing keys, but fails on an explicit null.
    content = {name: value for name, value in content.items() if value is not None}
    search_path = dict.fromkeys([str(folder), *(d for d in content["dependencies"] if Path(d).is_absolute())])
    made_with = [__version__, sys.executable, os.environ.get("LG_DEMO_MODEL")]
    text = json.dumps([content, str(folder), made_with], sort_keys=True)
    return Plan(content, tuple(search_path), folder, hashlib.sha256(text.encode()).hexdigest()[:12])


def _is_file(where: str) -> bool:
    """Return whether the first half of `where:name` is a file, not a module."""
    return where.endswith((".py", ".js", ".ts", ".mjs", ".tsx")) or "/" in where or "\\" in where


def _absolute_graph(name: str, spec: Any, folder: Path) -> Any:
    path = spec.get("path") if isinstance(spec, dict) else spec
    if not isinstance(path, str) or ":" not in path:
        raise LocalServerError(
            f"Graph {name!r} has no path of the form file.py:name.", hint='"./file.py:graph" is one.'
        )
    absolute = _absolute(path, folder)
    file = absolute.rpartition(":")[0]
    if _is_file(file) and not Path(file).is_file():
        raise LocalServerError(f"Graph {name!r}: no file {file}.", hint="Paths count from the langgraph.json.")
    return {**spec, "path": absolute} if isinstance(spec, dict) else absolute


def _absolute(spec: str, folder: Path) -> str:
    """Make `./file.py:name` absolute; leave `package.module:name` as it is."""
    where, colon, variable = spec.rpartition(":")
    return f"{(folder / where).resolve().as_posix()}{colon}{variable}" if _is_file(where) else spec


def _absolute_folder(dependency: str, folder: Path) -> str:
    """Make a dependency that is a folder absolute; leave the name of a package as it is."""
    path = folder / dependency
    return str(path.resolve()) if dependency.startswith(".") or path.is_dir() else dependency


def _absolute_code(content: dict[str, Any], folder: Path) -> None:
    """Make the paths of the other code in a langgraph.json absolute, in place."""
    for section, field in _CODE:
        found = content.get(section)
        if isinstance(found, dict) and isinstance(found.get(field), str):
            found[field] = _absolute(found[field], folder)
    index = (content.get("store") or {}).get("index") or {}
    if isinstance(index.get("embed"), str) and _is_file(index["embed"].rpartition(":")[0]):
        index["embed"] = _absolute(index["embed"], folder)
    if isinstance(content.get("ui"), dict):
        content["ui"] = {name: (folder / path).resolve().as_posix() for name, path in content["ui"].items()}


def _absolute_env(env: Any, path: Path) -> Any:
    """Make the `.env` file's path absolute; without an `env` key, use the one beside the file."""
    if isinstance(env, str):
        file = (path.parent / env).resolve()
        if not file.is_file():
            raise LocalServerError(f"No file {file}, which {path} gives as env.", hint="Make it, or remove env.")
        return str(file)
    beside = path.parent / ".env"
    return env if env is not None or not beside.is_file() else str(beside)

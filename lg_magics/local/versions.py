"""The versions of a graph that an embedded server serves, as files in its runtime folder.

<runtime folder>/served/<name>/
    v3.py         the file of version 3
    v3.json       the places of its lines in the notebook, its nodes, its state's keys
    current.json  which version the next run uses

Only the server writes them. They outlive it, so that its next start serves the same versions.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = [
    "Version",
    "code_lines",
    "current_number",
    "file_of",
    "numbers",
    "read_version",
    "remove_version",
    "served_names",
    "write_current",
    "write_version",
]

SERVED = "served"


@dataclass(frozen=True)
class Version:
    """One version of a graph.

    Attributes:
        name: The graph's name on the server.
        number: Counted from 1.
        variable: The name of the graph in the file.
        is_async: Whether `make_graph` in the file creates it.
        pieces: The statements of the file: first, last, cell, line, binds, story (see notebook.source.Piece).
        owner: The notebook that it comes from; "" if unknown.
        folder: The notebook's folder.
        path: The search path of its imports.
        nodes: The names of its nodes.
        keys: The keys of its state.
        modules: The files beside the notebook that it imported, with their state: [mtime in ns, size].
        files: The other files there that it names, with their state.
    """

    name: str
    number: int
    variable: str
    is_async: bool = False
    pieces: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    owner: str = ""
    folder: str = ""
    path: tuple[str, ...] = field(default=(), repr=False)
    nodes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    modules: Mapping[str, list[int]] = field(default_factory=dict, repr=False)
    files: Mapping[str, list[int]] = field(default_factory=dict, repr=False)


def served_names(folder: Path) -> list[str]:
    """Return the names of the graphs that were served from notebooks."""
    found = [each.name for each in (folder / SERVED).glob("*") if (each / "current.json").is_file()]
    return sorted(found)


def file_of(folder: Path, name: str, number: int) -> Path:
    """Return the file of a version."""
    return folder / SERVED / name / f"v{number}.py"


def numbers(folder: Path, name: str) -> list[int]:
    """Return the existing versions, in order."""
    found = [re.fullmatch(r"v(\d+)\.json", each.name) for each in (folder / SERVED / name).glob("v*.json")]
    return sorted(int(each[1]) for each in found if each)


def current_number(folder: Path, name: str) -> int:
    """Return the version for the next run; 0 if there is none."""
    try:
        return int(json.loads((folder / SERVED / name / "current.json").read_text("utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def read_version(folder: Path, name: str, number: int) -> Version | None:
    """Read a version's metadata; None if there is no such version."""
    try:
        content = json.loads((folder / SERVED / name / f"v{number}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    listed = {each: tuple(content[each]) for each in ("pieces", "path", "nodes", "keys")}
    return Version(**{**content, **listed})


def write_version(folder: Path, version: Version, text: str) -> Path:
    """Write a version's files, without making it the current one."""
    file = file_of(folder, version.name, version.number)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(file, text)
    _replace(file.with_suffix(".json"), json.dumps(asdict(version)))
    return file


def remove_version(folder: Path, name: str, number: int) -> None:
    """Remove a version that cannot be imported."""
    file = file_of(folder, name, number)
    file.unlink(missing_ok=True)
    file.with_suffix(".json").unlink(missing_ok=True)


def write_current(folder: Path, name: str, number: int) -> None:
    """Make a version the one for the next run, atomically."""
    _replace(folder / SERVED / name / "current.json", json.dumps({"version": number}))


def _replace(file: Path, text: str) -> None:
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)


def code_lines(text: str) -> list[str]:
    """Return a file's lines without its title and the comments with cell numbers, which change with each run of a cell."""
    return [line for line in text.split("\n")[1:] if not line.lstrip().startswith("# cell ")]

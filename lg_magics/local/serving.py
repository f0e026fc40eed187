"""Make an embedded server serve a notebook's graph, and choose the version for a run. Knows no session."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lg_magics.errors import LocalServerError
from lg_magics.local import versions
from lg_magics.local.control import ask
from lg_magics.local.folder import Folder

if TYPE_CHECKING:
    from lg_magics.local.embedded import LocalServer
    from lg_magics.local.notebook.source import Source

__all__ = ["Refusal", "Served", "VersionInUse", "pin_version", "serve_source", "served_text", "served_version"]


@dataclass(frozen=True)
class Served:
    """A served graph.

    Attributes:
        name: Its name on the server.
        number: Its version.
        is_new: Whether this call created the version.
        nodes: The names of its nodes.
        keys: The keys of its state.
        seconds: How long its import took.
        reused: How many slow statements were not run again.
    """

    name: str
    number: int
    is_new: bool
    nodes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    seconds: float = 0.0
    reused: int = 0


@dataclass(frozen=True)
class VersionInUse:
    """The version for a run.

    Attributes:
        number: The version; 0 if the server keeps no versions of this graph.
        problem: Why an edited file was not imported; "" if it was.
    """

    number: int
    problem: str = ""


class Refusal(LocalServerError):
    """The embedded server rejected a graph.

    Attributes:
        kind: `import`, `owner`, `taken`, `other` or `version`.
        cell: The cell that raised; 0 if unknown.
        line: The line in that cell.
        traceback: The notebook's frames of the error.
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer["error"]))
        self.kind = str(answer.get("kind", ""))
        self.cell = int(answer.get("cell") or 0)
        self.line = int(answer.get("line") or 0)
        self.traceback = str(answer.get("traceback", ""))


def serve_source(
    server: LocalServer,
    name: str,
    source: Source,
    *,
    owner: str,
    folder: Path,
    path: list[str],
    environment: Mapping[str, str],
    is_confirmed: bool,
) -> Served:
    """Make a server use a notebook's graph from its next run on.

    Args:
        server: The embedded server.
        name: The graph's name there.
        source: The file that defines it.
        owner: The notebook; other notebooks cannot use its names.
        folder: The notebook's folder.
        path: The search path of its imports.
        environment: Its environment; it is kept in memory only.
        is_confirmed: Whether the name was given, so that a different graph may replace an earlier one.

    Raises:
        Refusal: The graph cannot be imported, or the name belongs to another.
        LocalServerError: The server does not answer.
    """
    request = {
        "do": "serve",
        "name": name,
        "text": source.text,
        "variable": source.variable,
        "is_async": source.is_async,
        "pieces": [asdict(piece) for piece in source.pieces],
        "owner": owner,
        "folder": str(folder),
        "path": path,
        "environment": dict(environment),
        "confirmed": is_confirmed,
        "token": secrets.token_hex(8),
    }
    try:
        answer = _answer(server, request, timeout=None)
    except KeyboardInterrupt:
        with contextlib.suppress(LocalServerError):
            _answer(server, {"do": "abandon", "owner": owner, "token": request["token"]}, timeout=5.0)
        raise
    return Served(
        name,
        int(answer["version"]),
        bool(answer["is_new"]),
        tuple(answer["nodes"]),
        tuple(answer["keys"]),
        float(answer["seconds"]),
        int(answer["reused"]),
    )


def pin_version(server: LocalServer, graph: str, mark: str, number: int | None) -> VersionInUse:
    """Choose the version for a run, and keep it for the run that is launched with `mark`.

    Args:
        server: The embedded server.
        graph: The graph's name.
        mark: The value of `lg_launch` in the run's metadata.
        number: The required version; None for the current one.

    Raises:
        Refusal: There is no such version.
    """
    answer = _answer(server, {"do": "launch", "graph": graph, "mark": mark, "version": number})
    return VersionInUse(int(answer["version"]), str(answer["problem"]))


def _answer(server: LocalServer, request: Mapping[str, Any], timeout: float | None = 60.0) -> dict[str, Any]:
    answer = ask(Folder(server.folder), request, timeout=timeout)
    if answer.get("error"):
        raise Refusal(answer)
    return answer


def served_version(server: LocalServer, name: str) -> versions.Version | None:
    """Return the metadata of the current version of a graph that was served from a notebook."""
    return versions.read_version(server.folder, name, versions.current_number(server.folder, name))


def served_text(server: LocalServer, name: str, number: int) -> str:
    """Return the file of a version; "" if there is none."""
    try:
        return versions.file_of(server.folder, name, number).read_text("utf-8")
    except OSError:
        return ""

"""Start, adopt and stop the embedded server from a kernel. Sends no HTTP requests.

Only the standard library is imported here: the server, with all its dependencies, runs in another process.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lg_magics.errors import LocalServerError
from lg_magics.local.access import KEY_FILE, origin_from
from lg_magics.local.control import ask
from lg_magics.local.failures import error_from, no_graph_is_ready, tail_of
from lg_magics.local.folder import NOTE_EVERY, Folder, folder_for
from lg_magics.local.machine import this_machine
from lg_magics.local.plan import Plan, plan_from
from lg_magics.local.processes import Process, environ_of_child, owner, reap, spawn, this_process

STOPS_WITHIN = 3.0  # seconds; then it is killed

Progress = Callable[[str], None]


@dataclass(frozen=True)
class GraphState:
    """A graph of the embedded server; `problem` states why it cannot be run, if it cannot."""

    name: str
    ready: bool
    problem: str = ""


@dataclass(frozen=True)
class LocalServer:
    """A running embedded server.

    Attributes:
        url: Its address.
        pid: Its process id.
        config_id: Equal for the same deployment, version and Python.
        folder: Its runtime folder.
        log: The file with its output.
        adopted: Whether it was already running, started by an earlier or another kernel.
        graphs: Its graphs, and those that cannot be run.
        key_file: The file with the key that each request needs; None if the user's own programs need none.
        origins: Foreign origins whose pages have access.
    """

    url: str
    pid: int
    config_id: str
    folder: Path
    log: Path
    adopted: bool
    graphs: tuple[GraphState, ...]
    key_file: Path | None = None
    origins: tuple[str, ...] = ()


@dataclass
class _Start:
    """Attempts to start a server in a folder."""

    folder: Folder
    plan: Plan
    owner: Process
    private: bool
    port: int | None
    progress: Progress
    origins: tuple[str, ...] = ()
    require_key: bool = False
    not_ready: dict[str, str] = field(default_factory=dict)


def start(
    *,
    config: Path | None = None,
    graph: str | None = None,
    port: int | None = None,
    fresh: bool = False,
    private: bool = False,
    allow_origin: str | None = None,
    require_key: bool = False,
    on_progress: Progress | None = None,
) -> LocalServer:
    """Start an embedded server, or adopt a running one for the same deployment and owner.

    Args:
        config: A langgraph.json. With neither config nor graph: the demo deployment.
        graph: One graph, as `file.py:graph` or `package.module:graph`.
        port: The port to listen on; any free one if not given.
        fresh: Start an empty server, without the data of an earlier one.
        private: Neither adopt nor share, and end with this process.
        allow_origin: Admit web pages of this origin; it can be added to a running server.
        require_key: Admit no request without the key, not even from this user's programs.
        on_progress: Called with a line to show at the start and every five seconds, and with "" at the end.

    Raises:
        LocalServerError: If it cannot start, or a graph cannot be loaded; the hint contains the remedy.
    """
    _check_installed()
    if port is not None and not 0 < port < 65_536:
        raise LocalServerError(f"There is no port {port}.", hint="A port is a number from 1 to 65535.")
    origins = (origin_from(allow_origin),) if allow_origin is not None else ()
    plan = plan_from(config, graph)
    its_owner = this_process() if private else owner()
    folder = folder_for(plan.config_id, its_owner, private=private)
    order = _Start(folder, plan, its_owner, private, port, on_progress or (lambda line: None), origins, require_key)
    with folder.locked(order.progress):
        adopted = _is_adoptable(folder, port=port, fresh=fresh)
        if adopted:
            _admit(order)
        else:
            _stop(folder)
            if fresh:
                folder.remove(".langgraph_api", "served")
            _run(order)
        try:
            folder.add_user()
            return _server(folder, plan.config_id, adopted)
        except BaseException:
            if not adopted:
                _stop(folder)
            raise


def stop(server: LocalServer, *, force: bool = False) -> None:
    """Stop a server, within three seconds. Its data is kept for the next start, unless it is private.

    Args:
        server: The server.
        force: Stop it even while other kernels use it.

    Raises:
        LocalServerError: If another kernel uses it.
    """
    folder = Folder(server.folder)
    if not folder.path.is_dir() or folder.is_foreign:
        return
    if not force:
        _refuse_if_used(folder)
    _stop(folder)
    folder.remove_user()
    if folder.read("order.json").get("private"):
        shutil.rmtree(folder.path, ignore_errors=True)


def release(server: LocalServer) -> None:
    """Record that this process no longer uses the server, which keeps running."""
    Folder(server.folder).remove_user()


def is_alive(server: LocalServer) -> bool:
    """Return whether the server's process is running."""
    running = Folder(server.folder).server
    return running is not None and running.pid == server.pid


def ends_with_this_process(server: LocalServer) -> bool:
    """Return whether the server ends with this process; in Jupyter it ends with Jupyter instead."""
    its_owner = Folder(server.folder).read("order.json").get("owner")
    return isinstance(its_owner, dict) and Process(**its_owner) == this_process()


def log_tail(server: LocalServer, lines: int = 40) -> str:
    """Return the last lines of the server's output, without colors and secrets."""
    return tail_of(Folder(server.folder), lines)


def _check_installed() -> None:
    if importlib.util.find_spec("langgraph_api") is None:
        raise LocalServerError("The embedded server is not installed.", hint="pip install 'lg-magics[local]'")


def _is_adoptable(folder: Folder, *, port: int | None, fresh: bool) -> bool:
    """Return whether the running server fits; raise if another must replace it while other kernels use it."""
    status = folder.read("status.json")
    if folder.server is None or status.get("state") != "ready":
        return False
    if fresh:
        _refuse_if_used(folder)
        return False
    running_port = urlsplit(status["url"]).port
    if port is not None and port != running_port:
        raise LocalServerError(
            f"The embedded server runs already, on port {running_port}.",
            hint=f"Leave --port out, or add --fresh to start it again on {port}.",
        )
    # A graph that was not ready may be by now: its key was set, or put into .env.
    return all(graph["ready"] for graph in status["graphs"]) or bool(folder.other_users())


def _admit(order: _Start) -> None:
    """Extend the access of the running server to what this start requests."""
    folder, status = order.folder, order.folder.read("status.json")
    wants_key = order.require_key and not status.get("needs_key")
    if wants_key:
        _refuse_if_used(folder)  # the other kernel would lose access
    if wants_key or set(order.origins) - set(status.get("origins", ())):
        request = {"do": "admit", "origins": list(order.origins), "require_key": order.require_key}
        if problem := ask(folder, request).get("error"):
            hint = "Add it there, then %lg_disconnect --stop and %lg_connect local."
            raise LocalServerError(str(problem), hint=hint)


def _refuse_if_used(folder: Folder) -> None:
    if users := folder.other_users():
        kernels = ", ".join(str(user.pid) for user in users)
        raise LocalServerError(
            f"The embedded server is used by another kernel (process {kernels}).",
            hint="%lg_disconnect leaves it running. %lg_disconnect --stop --force stops it for the other kernel too.",
        )


def _stop(folder: Folder) -> None:
    """Ask the server to save and end; kill it if it takes too long. (SIGTERM would make it drain for 14 s.)"""
    if (running := folder.server) is not None:
        (folder.path / "stop").touch()
        if not running.wait(STOPS_WITHIN):
            running.kill()
    reap()
    folder.remove("stop", "status.json", "users")


def _run(order: _Start) -> None:
    """Start the server; if a graph lacks its key, retry without that graph."""
    while True:
        graphs = {n: spec for n, spec in order.plan.config["graphs"].items() if n not in order.not_ready}
        order.folder.write("langgraph.json", {**order.plan.config, "graphs": graphs})
        failure = _attempt(order, list(graphs))
        if failure is None:
            return
        if not failure.get("missing"):
            raise error_from(failure, order.folder)
        order.not_ready[failure["graph"]] = f"{failure['missing']} is not set"
        if len(graphs) == 1:
            raise no_graph_is_ready(list(order.not_ready), failure["missing"], order.plan)


def _attempt(order: _Start, graphs: list[str]) -> dict[str, Any] | None:
    """Start the process and wait until it is ready; return its error status if it fails."""
    folder = order.folder
    folder.remove("status.json", "stop")
    folder.write(
        "order.json",
        {
            "machine": this_machine().record(),
            "owner": {"pid": order.owner.pid, "started": order.owner.started},
            "private": order.private,
            "port": order.port,
            "search_path": list(order.plan.search_path),
            "not_ready": order.not_ready,
            "origins": list(order.origins),
            "require_key": order.require_key,
            "reload": order.plan.config_is_own,
        },
    )
    command = [sys.executable, "-m", "lg_magics.local.serve", str(folder.path)]
    child = spawn(command, folder=folder.path, log=folder.log, environ=environ_of_child())
    try:
        order.progress("Starting LangGraph's in-memory server; that takes a few seconds")
        return _wait(order, child)
    except BaseException:  # above all a kernel interrupt: leave no half-started process
        child.kill()
        raise
    finally:
        order.progress("")


def _wait(order: _Start, child: Process) -> dict[str, Any] | None:
    began = noted = time.monotonic()
    while (status := order.folder.read("status.json")).get("state") != "ready":
        if not child.is_running:
            child.wait(0)
            status = order.folder.read("status.json")  # its final status
            return status if status.get("state") == "failed" else {"reason": "server"}
        if time.monotonic() - noted > NOTE_EVERY:
            noted = time.monotonic()
            order.progress(f"Still starting after {noted - began:.0f} s; it prints into {order.folder.log}")
        time.sleep(0.03)
    return None


def _server(folder: Folder, config_id: str, adopted: bool) -> LocalServer:
    status = folder.read("status.json")
    graphs = tuple(GraphState(**graph) for graph in status["graphs"])
    key_file = folder.path / KEY_FILE if status.get("needs_key") else None
    where = (status["url"], status["pid"], config_id, folder.path, folder.log)
    return LocalServer(*where, adopted, graphs, key_file, tuple(status.get("origins", ())))

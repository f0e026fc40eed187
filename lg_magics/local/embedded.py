"""The embedded server's life, seen from a kernel. Knows how to start, adopt and stop one; talks to none.

Only the standard library is imported here: the server, with all that it needs, lives in another process.
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
from lg_magics.local.folder import SAYS_IT_WAITS_EVERY, Folder, folder_for
from lg_magics.local.machine import this_machine
from lg_magics.local.plan import Plan, plan_from
from lg_magics.local.processes import Process, environ_of_child, owner, reap, spawn, this_process

STOPS_WITHIN = 3.0  # seconds; then it is killed

Progress = Callable[[str], None]


@dataclass(frozen=True)
class GraphState:
    """Whether a graph of the embedded server can be run; if not, `problem` says why."""

    name: str
    ready: bool
    problem: str = ""


@dataclass(frozen=True)
class LocalServer:
    """A running embedded server.

    Attributes:
        url: Where it answers.
        pid: Its process id.
        config_id: The same for the same deployment, version and Python.
        folder: Its runtime folder.
        log: The file that it prints into.
        adopted: Whether it ran already, started by an earlier or another kernel.
        graphs: Its graphs, and those that cannot be run.
        key_file: The file with the key that each request must have; None where the user's own programs need none.
        origins: Foreign origins whose pages may use it.
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
    """One attempt, or a few of them, to start a server in a folder."""

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
    """Start an embedded server, or adopt the one that runs already for the same deployment and owner.

    Args:
        config: A langgraph.json. With neither config nor graph: the demo deployment.
        graph: One graph, as `file.py:graph` or `package.module:graph`.
        port: The port to listen on; any free one if not given.
        fresh: Start an empty server, without the data of an earlier one.
        private: Neither adopt nor share, and end with this process.
        allow_origin: Admit web pages of this origin; it may be added to a server that runs.
        require_key: Admit nobody without the key, not even this user's programs.
        on_progress: Called with a line for people when it starts and every five seconds while they wait, and with "" at the end.

    Raises:
        LocalServerError: If it cannot start, or a graph cannot be loaded; the hint says what to do.
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
    """Note that this process no longer uses the server, which goes on."""
    Folder(server.folder).remove_user()


def is_alive(server: LocalServer) -> bool:
    """Whether the server's process still runs."""
    running = Folder(server.folder).server
    return running is not None and running.pid == server.pid


def ends_with_this_process(server: LocalServer) -> bool:
    """Whether this process owns the server, which then ends with it; in Jupyter, Jupyter does."""
    its_owner = Folder(server.folder).read("order.json").get("owner")
    return isinstance(its_owner, dict) and Process(**its_owner) == this_process()


def log_tail(server: LocalServer, lines: int = 40) -> str:
    """Give the last lines that the server printed, without colours and without secrets."""
    return tail_of(Folder(server.folder), lines)


def _check_installed() -> None:
    if importlib.util.find_spec("langgraph_api") is None:
        raise LocalServerError("The embedded server is not installed.", hint="pip install 'lg-magics[local]'")


def _is_adoptable(folder: Folder, *, port: int | None, fresh: bool) -> bool:
    """Whether the server that runs in the folder will do; if another must take its place, nobody may use it."""
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
    """Let the server that runs admit what this start asks for."""
    folder, status = order.folder, order.folder.read("status.json")
    wants_key = order.require_key and not status.get("needs_key")
    if wants_key:
        _refuse_if_used(folder)  # the other kernel would be locked out
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
            hint="%lg_disconnect leaves it running; shut the other kernel down to stop it.",
        )


def _stop(folder: Folder) -> None:
    """Ask the server to save and end; kill it if it takes too long. (Terminated, it would drain for 14 s.)"""
    if (running := folder.server) is not None:
        (folder.path / "stop").touch()
        if not running.wait(STOPS_WITHIN):
            running.kill()
    reap()
    folder.remove("stop", "status.json", "users")


def _run(order: _Start) -> None:
    """Start the server; when a graph lacks its key, once more without that graph."""
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
    """Start the process and wait until it is ready; give its word on why it is not."""
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
    except BaseException:  # above all a kernel interrupt: leave nothing half started
        child.kill()
        raise
    finally:
        order.progress("")


def _wait(order: _Start, child: Process) -> dict[str, Any] | None:
    began = said = time.monotonic()
    while (status := order.folder.read("status.json")).get("state") != "ready":
        if not child.is_running:
            child.wait(0)
            status = order.folder.read("status.json")  # its last word
            return status if status.get("state") == "failed" else {"reason": "server"}
        if time.monotonic() - said > SAYS_IT_WAITS_EVERY:
            said = time.monotonic()
            order.progress(f"Still starting after {said - began:.0f} s; it prints into {order.folder.log}")
        time.sleep(0.03)
    return None


def _server(folder: Folder, config_id: str, adopted: bool) -> LocalServer:
    status = folder.read("status.json")
    graphs = tuple(GraphState(**graph) for graph in status["graphs"])
    key_file = folder.path / KEY_FILE if status.get("needs_key") else None
    where = (status["url"], status["pid"], config_id, folder.path, folder.log)
    return LocalServer(*where, adopted, graphs, key_file, tuple(status.get("origins", ())))

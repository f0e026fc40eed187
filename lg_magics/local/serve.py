"""The embedded server's process. Knows its folder and its owner; knows no notebook and no session.

    python -m lg_magics.local.serve FOLDER

It reads its order from the folder, writes its state to `status.json`, and ends by itself as soon as its
owner has ended: there is no supervisor that could leave it behind.
"""

from __future__ import annotations

import contextlib
import gc
import http.client
import importlib
import inspect
import os
import re
import shutil
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lg_magics.local.access import KEY_HEADER, Access, make_key, wrap_uvicorn
from lg_magics.local.control import listen
from lg_magics.local.folder import Folder
from lg_magics.local.graph_host import GraphHost
from lg_magics.local.peer import can_identify_peers
from lg_magics.local.processes import Process, this_process
from lg_magics.local.redaction import redact, secrets_in, variables_in
from lg_magics.local.server_patches import apply_patches

HOST = "127.0.0.1"
JOBS_AT_A_TIME = 10
OWNER_IS_CHECKED_EVERY = 0.3  # seconds
# No data leaves the machine, even if the user's environment would send some (names from langgraph_api.config).
QUIET = {
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_CONTROL_PLANE_API_KEY": "",
    "LANGGRAPH_CLOUD_LICENSE_KEY": "",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "LANGGRAPH_METRICS_ENABLED": "false",
    "LANGGRAPH_LOGS_ENABLED": "false",
    "LSD_DD_API_KEY": "",
    "CUSTOM_LSD_DD_API_KEY": "",
    "OTEL_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "LOG_COLOR": "false",
}


def main(path: str) -> None:
    """Serve the folder's order until a stop is requested, or until the owner has ended."""
    gc.disable()  # a start makes hardly any garbage, and looking for it takes a fifth of the time
    folder = Folder(Path(path))
    order, config = folder.read("order.json"), folder.read("langgraph.json")
    _write_status(folder, state="starting")
    watch = threading.Thread(target=_watch, args=(folder, Process(**order["owner"]), order["private"]), daemon=True)
    watch.start()
    os.environ.update(QUIET)
    os.environ.pop("LANGGRAPH_API_URL", None)  # another deployment's; the server sets its own
    sys.path.extend(order["search_path"])
    try:
        port = _held_port(order["port"])
    except OSError:
        _write_status(folder, state="failed", reason="port", error=f"Port {order['port']} is taken.")
        sys.exit(1)
    with port:
        _serve(folder, order, config, port)


def _serve(folder: Folder, order: dict[str, Any], config: dict[str, Any], port: socket.socket) -> None:
    variables = variables_in(config.pop("env", None))
    access, has_own_cors = _access(folder, order, config)
    about = (folder, order, list(config["graphs"]), port, access, has_own_cors)
    announce = threading.Thread(target=_announce, args=about, daemon=True)
    try:
        run_server = importlib.import_module("langgraph_api.cli").run_server
        wrap_uvicorn(access)
        announce.start()
        fits = inspect.signature(run_server).parameters
        run_server(
            host=HOST,
            port=port.getsockname()[1],
            reload=False,
            open_browser=False,
            n_jobs_per_worker=JOBS_AT_A_TIME,
            allow_blocking=True,
            env={name: value for name, value in variables.items() if name not in QUIET},
            **{name: value for name, value in config.items() if name in fits},
        )
    except (Exception, SystemExit) as error:
        _write_status(folder, state="failed", **_failure(error, variables))
        raise


def _access(folder: Folder, order: dict[str, Any], config: dict[str, Any]) -> tuple[Access, bool]:
    """Make the access check of this server. It also admits the origins in its langgraph.json.

    Returns:
        The check, and whether the langgraph.json has its own rules for other origins.
    """
    origins = list(order.get("origins", ()))
    http_config = config.get("http")
    cors = http_config.get("cors") if isinstance(http_config, dict) else None
    if isinstance(cors, dict):
        named = [str(each) for each in cors.get("allow_origins") or () if each != "*"]
        cors["allow_origins"] = [*dict.fromkeys([*(cors.get("allow_origins") or ()), *origins])]
        origins += named
    needs_key = bool(order.get("require_key")) or not can_identify_peers()
    prefix = http_config.get("mount_prefix") if isinstance(http_config, dict) else None
    access = Access(make_key(folder.path), needs_key=needs_key, origins=origins, prefix=str(prefix or ""))
    return access, isinstance(cors, dict)


def _held_port(wanted: int | None) -> socket.socket:
    """Bind a port without listening, so that no other process takes it before the server listens on it."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there, this option would let two servers share a port
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((HOST, wanted or 0))
    except OSError:
        held.close()
        raise
    if sys.platform != "linux":  # only Linux lets a second socket bind while the first does not listen
        port = held.getsockname()[1]
        held.close()
        return _PortNumber(port)
    return held


class _PortNumber(socket.socket):
    """A port that could not be reserved, only found."""

    def __init__(self, number: int) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._number = number

    def getsockname(self) -> tuple[str, int]:
        return HOST, self._number


def _announce(
    folder: Folder,
    order: dict[str, Any],
    graphs: list[str],
    port: socket.socket,
    access: Access,
    has_own_cors: bool,
) -> None:
    """Write down the address as soon as the server answers there."""
    while not _is_answering(url := os.environ.get("LANGGRAPH_API_URL", ""), access.key):
        time.sleep(0.03)
    apply_patches()
    host = GraphHost(folder, QUIET)
    files = {name: spec for name, spec in folder.read("langgraph.json")["graphs"].items() if name in graphs}
    try:
        host.begin(files, order["search_path"], reload=bool(order.get("reload")))
    except Exception:  # noqa: BLE001 - the server's own graphs are served all the same
        traceback.print_exc()
    states = [{"name": name, "ready": True, "problem": ""} for name in graphs]
    states += [{"name": name, "ready": False, "problem": why} for name, why in order["not_ready"].items()]

    def write_ready() -> None:
        admits = {"needs_key": access.needs_key, "origins": sorted(access.origins)}
        _write_status(folder, state="ready", url=url, graphs=states, **admits)

    def handle(request: Mapping[str, Any]) -> dict[str, Any]:
        if request.get("do") != "admit":
            return host.handle(request)
        new = set(request.get("origins", ())) - access.origins
        if new and has_own_cors:
            return {"error": f"The http.cors of this langgraph.json does not name {min(new)}.", "kind": "cors"}
        access.origins |= new
        access.needs_key = access.needs_key or bool(request.get("require_key"))
        write_ready()
        return {}

    listen(folder, handle)
    port.close()
    gc.freeze()  # what is loaded stays
    gc.enable()
    write_ready()


def _is_answering(url: str, key: str) -> bool:
    where = urlsplit(url)
    if not where.port:
        return False
    connection = http.client.HTTPConnection(HOST, where.port, timeout=2)
    try:
        connection.request("GET", f"{where.path}/ok", headers={KEY_HEADER: key})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _watch(folder: Folder, owner: Process, private: bool) -> None:
    """End this process when the owner has ended, or a stop is requested."""
    asked = folder.path / "stop"
    while owner.is_running and not asked.exists():
        time.sleep(OWNER_IS_CHECKED_EVERY)
    if owner.is_running and not private:
        _save()
    elif not owner.is_running:
        shutil.rmtree(folder.path, ignore_errors=True)  # its data can no longer be adopted
    os._exit(0)


def _save() -> None:
    """Write the data in memory to disk, which the server otherwise does every ten seconds."""
    persistence = sys.modules.get("langgraph_runtime_inmem._persistence")
    for reference in list(getattr(persistence, "_stores", {}).values()):
        for _ in range(3):  # an active run may change a store while it is written
            with contextlib.suppress(Exception):
                if (store := reference()) is not None:
                    store.sync()
                break


def _write_status(folder: Folder, **status: Any) -> None:
    me = this_process()
    with contextlib.suppress(OSError):  # the folder is removed with the owner
        folder.write("status.json", {"pid": me.pid, "started": me.started, **status})


def _failure(error: BaseException, variables: dict[str, str]) -> dict[str, Any]:
    """Return why the server could not start; a graph that failed to load is named."""
    load_error = _load_error()
    cause = getattr(load_error, "cause", None) or error
    secrets = secrets_in(variables)
    failure: dict[str, Any] = {
        "reason": "server",
        "error": redact(_one_line(cause), secrets),
        "kind": type(cause).__name__,
        "where": _where(cause),
    }
    if load_error is not None:
        failure |= {"reason": "graph", "graph": load_error.spec.id, "missing": _missing_key(cause, variables)}
    return failure


def _load_error() -> Any:
    """Return the runtime's error for the graph that failed to load: the runtime exits without raising it."""
    with contextlib.suppress(Exception):
        return importlib.import_module("langgraph_runtime_inmem.lifespan").get_last_error()
    return None


def _one_line(error: BaseException) -> str:
    message = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    return f"{type(error).__name__}: {message[:300]}" if message else type(error).__name__


def _where(error: BaseException) -> str:
    """Return the user's own file and line: the last one that is neither installed nor built in."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and Path(f.filename).is_file()]
    own = [f for f in own if not f.filename.startswith(os.path.dirname(os.__file__))]
    return f"{own[-1].filename}, line {own[-1].lineno}" if own else ""


def _missing_key(error: BaseException | None, variables: dict[str, str]) -> str:
    """Return the environment variable that an error names and that is not set."""
    while error is not None:
        if not isinstance(error, ImportError | SyntaxError):
            for name in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET)\b", str(error)):
                if not (variables.get(name) or os.environ.get(name)):
                    return str(name)
        error = error.__cause__ or error.__context__
    return ""


if __name__ == "__main__":
    main(sys.argv[1])

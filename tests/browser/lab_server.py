"""A JupyterLab server of the tests' own. Knows its process and its private folders; knows no browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from langgraph_sdk import get_sync_client
from langgraph_sdk.errors import NotFoundError

STARTS_WITHIN = 180.0  # seconds
ENDS_WITHIN = 5.0
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",  # for this server, which lives for the tests and listens on loopback alone
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",  # Notebook 7, which the same server serves
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=None",
    "--LanguageServerManager.autodetect=False",  # it would start node, several times, to look for servers
)
SETTINGS = "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"

SWITCHES = "jupyter_config_dir/labconfig/page_config.json"


@dataclass(frozen=True)
class LabServer:
    """A JupyterLab that answers at `url`, with its notebooks in `notebooks`."""

    url: str
    notebooks: Path

    def cancel_runs(self) -> None:
        """Cancel what a test has left on the embedded servers: they work on ten runs at a time, for all tests."""
        for url in self.deployments():
            with get_sync_client(url=url, api_key=None) as client, suppress(NotFoundError):  # there are none
                client.runs.cancel_many(status="all")

    def deployments(self) -> list[str]:
        """The addresses of the embedded servers that its kernels have started."""
        found = self.notebooks.parent.glob("jupyter_runtime_dir/lg_magics/*/status.json")
        return [url for status in found if (url := json.loads(status.read_text("utf-8")).get("url"))]


@contextmanager
def lab_server(folder: Path, without: tuple[str, ...] = ()) -> Iterator[LabServer]:
    """Run JupyterLab, with everything that it keeps inside `folder`; the extensions in `without` are switched off."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    (folder / SETTINGS).parent.mkdir(parents=True)
    (folder / SETTINGS).write_text('{"fetchNews": "false"}', "utf-8")  # else JupyterLab asks, over the page
    (folder / SWITCHES).parent.mkdir(parents=True)
    (folder / SWITCHES).write_text(json.dumps({"disabledExtensions": dict.fromkeys(without, True)}), "utf-8")
    port = _free_port()
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}", f"--ServerApp.root_dir={notebooks}"],
            env={**os.environ, **_private(folder)},
            cwd=notebooks,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}", process, folder / "lab.log")
            yield LabServer(f"http://127.0.0.1:{port}", notebooks)
        finally:
            process.terminate()
            try:
                process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:  # JupyterLab may miss a signal that comes while it restarts a kernel
                process.kill()
                process.wait()


def _private(folder: Path) -> dict[str, str]:
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {name: str(folder / name.lower()) for name in names}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/api/status", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')}")

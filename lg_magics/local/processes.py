"""Processes of this machine: ids, start times and owners. Knows no server.

A process id is reused after its process has ended, so a process is identified here by its id *and* its
start time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """One process, never another one with the same id.

    Attributes:
        pid: The process id.
        started: When it started, in this machine's count; equal for every process that reads it. Only compared.
    """

    pid: int
    started: str

    @property
    def is_running(self) -> bool:
        """Return whether it is running (an ended one that was not yet reaped is not)."""
        return _started(self.pid) == self.started

    def kill(self) -> None:
        """End it at once, and wait up to a second until it is gone."""
        import psutil

        if self.is_running:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(self.pid).kill()
        self.wait(1.0)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; return whether it did."""
        ended = until(lambda: not self.is_running, seconds)
        if ended and (child := _children.pop(self.pid, None)):
            child.wait()
        return ended


def until(is_true: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition every 20 ms; return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def process(pid: int) -> Process | None:
    """Return a running process by its id; None if there is none."""
    started = _started(pid)
    return None if started is None else Process(pid, started)


def this_process() -> Process:
    """Return this process."""
    return Process(os.getpid(), _started(os.getpid()) or "")


def owner() -> Process:
    """Return the process with which an embedded server ends: Jupyter, or else this process."""
    jupyter = process(_jupyter_pid()) if _jupyter_pid() else None
    return jupyter or this_process()


def spawn(command: list[str], *, folder: Path, log: Path, environ: dict[str, str]) -> Process:
    """Start a process that is not reached by kernel interrupts or a closed terminal.

    Args:
        command: The program and its arguments.
        folder: Its working directory.
        log: The file for its output, emptied first.
        environ: Its complete environment.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=_window_flags(),
        )
    reap()
    _children[child.pid] = child
    return process(child.pid) or Process(child.pid, "")


def environ_of_child() -> dict[str, str]:
    """Return the environment of a child: this one, with this package importable from any folder."""
    environ = dict(os.environ, PYTHONUNBUFFERED="1")
    environ.pop("MPLBACKEND", None)  # a kernel's own: it draws into a notebook
    here = Path(__file__).resolve().parents[2]
    given = [str(Path(p).absolute()) for p in environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    if here.name not in ("site-packages", "dist-packages"):
        given.append(str(here))
    return {**environ, "PYTHONPATH": os.pathsep.join(given)}


def reap() -> None:
    """Reap ended children, so that none stays a zombie."""
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)


def _window_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0


def _jupyter_pid() -> int:
    """Read JPY_PARENT_PID: a process id, or on Windows a handle to the process."""
    text = os.environ.get("JPY_PARENT_PID", "")
    number = int(text) if text.isdigit() else 0
    if sys.platform == "win32" and number:
        import ctypes

        return int(ctypes.windll.kernel32.GetProcessId(number))
    return number


def _started(pid: int) -> str | None:
    """Return a process's start time, in a count that does not change with the clock; None if it is not running."""
    import psutil  # imported here, so that an error about a missing extra needs only the standard library

    try:
        booted = psutil.boot_time()
        found = psutil.Process(pid)
        if found.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        if sys.platform == "linux":  # ticks since the system started; psutil adds the time of that start
            return str(round((found.create_time() - booted) * os.sysconf("SC_CLK_TCK")))
        # macOS: from psutil 7.1, create_time() follows the clock, and the private identity does not.
        return str(getattr(found, "_ident", (pid, None))[1] or found.create_time())
    except psutil.Error:
        return None

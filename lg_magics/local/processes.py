"""Processes of this machine. Knows ids, start times and owners; knows no server.

A process id is used again after its process has ended, so a process is named here by its id *and* the
moment it started.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """One process, now and never another with the same id.

    Attributes:
        pid: The process id.
        started: When it started, in the system's own words; only compared, never read.
    """

    pid: int
    started: str

    @property
    def is_running(self) -> bool:
        """Whether it still runs (one that has ended but was not yet reaped does not)."""
        return _started(self.pid) == self.started

    def kill(self) -> None:
        """End it at once, and wait up to a second until it is gone."""
        if self.is_running:
            os.kill(self.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        self.wait(1.0)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; say whether it did."""
        ended = until(lambda: not self.is_running, seconds)
        if ended and (child := _children.pop(self.pid, None)):
            child.wait()
        return ended


def until(is_true: Callable[[], bool], seconds: float) -> bool:
    """Wait until a thing is true, looking every 20 ms; say whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def process(pid: int) -> Process | None:
    """Name a running process by its id; None if there is none."""
    started = _started(pid)
    return None if started is None else Process(pid, started)


def this_process() -> Process:
    """Name the process that this runs in."""
    return Process(os.getpid(), _started(os.getpid()) or "")


def owner() -> Process:
    """Find whom an embedded server shall outlive no longer than: Jupyter, or else this process."""
    jupyter = process(_jupyter_pid()) if _jupyter_pid() else None
    return jupyter or this_process()


def spawn(command: list[str], *, folder: Path, log: Path, environ: dict[str, str]) -> Process:
    """Start a process that neither a kernel interrupt nor a closed terminal reaches.

    Args:
        command: The program and its arguments.
        folder: Its working directory.
        log: The file that takes its output, emptied first.
        environ: Its whole environment.
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
    _children[child.pid] = child
    return process(child.pid) or Process(child.pid, "")


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
    """Say when a process started; None if it does not run."""
    if sys.platform == "linux":
        return _started_linux(pid)
    try:
        psutil = importlib.import_module("psutil")
    except ImportError:
        return _started_unknown(pid)
    try:
        found = psutil.Process(pid)
        return None if found.status() == psutil.STATUS_ZOMBIE else str(found.create_time())
    except psutil.Error:
        return None


def _started_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    state, *fields = stat[stat.rindex(")") + 2 :].split()
    return None if state in "ZX" else fields[18]


def _started_unknown(pid: int) -> str | None:
    """Without psutil only POSIX systems can say whether a process runs, and not since when."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "unknown"

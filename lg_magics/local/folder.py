"""The runtime folder of one embedded server: its files, its lock and its users. Starts and stops nothing.

<runtime>/lg_magics/<config id>-<machine id>-<owner>/
    langgraph.json    the served deployment, with absolute paths
    order.json        its settings: machine (host, boot id, PID namespace), port, owner, search path
    status.json       written by the server: starting, ready (url, graphs) or failed (why)
    server.log        its output
    users/            one empty file for each kernel that uses it, named after the process
    stop              written by a kernel: please save and end
    lock              held while a kernel starts, adopts or stops it
    .langgraph_api/   the server's data

Machines and containers with a common home folder share `<runtime>` too. A folder of another one is not touched, because
its processes are not visible here.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lg_magics.errors import LocalServerError
from lg_magics.local.machine import this_machine
from lg_magics.local.processes import Process, this_process

NOTE_EVERY = 5.0  # seconds
LOCKED_AT_MOST = 300.0


@dataclass(frozen=True)
class Folder:
    """One embedded server's runtime folder, which only this user can read."""

    path: Path

    @property
    def log(self) -> Path:
        """The file with the server's output."""
        return self.path / "server.log"

    def read(self, name: str) -> dict[str, Any]:
        """Read one of the JSON files; empty if it does not exist."""
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write one of the JSON files atomically."""
        part = self.path / f"{name}.part"
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.replace(part, self.path / name)

    def remove(self, *names: str) -> None:
        """Remove files and folders inside, if they exist."""
        for name in names:
            target = self.path / name
            if target.is_dir():
                shutil.rmtree(target, ignore_errors=True)
            else:
                target.unlink(missing_ok=True)

    @property
    def is_foreign(self) -> bool:
        """Whether it belongs to another machine or PID namespace, whose process ids have no meaning here.

        One without a record belongs to the machine in its name; before its order is written, to the machine that made it.
        """
        order = self.read("order.json")
        here = this_machine()
        if "machine" in order:
            return bool(order["machine"] != here.record())
        return bool(order) and f"-{here.id}-" not in self.path.name

    @property
    def server(self) -> Process | None:
        """The server's process, while it runs on this machine."""
        if self.is_foreign:
            return None
        status = self.read("status.json")
        found = Process(status.get("pid", 0), status.get("started", ""))
        return found if status and found.is_running else None

    @contextmanager
    def locked(self, progress: Callable[[str], None] = lambda words: None) -> Iterator[None]:
        """Prevent other processes from starting, adopting or stopping the same server inside.

        Args:
            progress: Called with a line to show, at intervals, while another kernel holds the lock.

        Raises:
            LocalServerError: Another kernel has held the lock for minutes.
        """
        began = noted = time.monotonic()
        with (self.path / "lock").open("wb") as file:
            while not _try_lock(file):
                now = time.monotonic()
                if now - began > LOCKED_AT_MOST:
                    raise LocalServerError(
                        f"Another kernel has been starting this server for {now - began:.0f} s.",
                        hint="Interrupt or restart that kernel, then %lg_connect local.",
                    )
                if now - noted > NOTE_EVERY:
                    noted = now
                    progress(f"waiting for another kernel, which is starting this server ({now - began:.0f} s)")
                time.sleep(0.05)
            if noted > began:
                progress("")
            yield  # closing the file releases the lock, and so does the end of the process

    def add_user(self) -> None:
        """Record that this process uses the server."""
        (self.path / "users").mkdir(exist_ok=True)
        self.other_users()
        self._user_file(this_process()).touch()

    def remove_user(self) -> None:
        """Record that this process no longer uses the server."""
        self._user_file(this_process()).unlink(missing_ok=True)

    def other_users(self) -> list[Process]:
        """Return the other running processes that use the server; remove the files of ended ones."""
        me, users = this_process(), []
        for file in (self.path / "users").glob("*@*"):
            pid, _, started = file.name.partition("@")
            user = Process(int(pid) if pid.isdigit() else 0, started)
            if not user.is_running:
                file.unlink(missing_ok=True)
            elif user.pid != me.pid:
                users.append(user)
        return users

    def _user_file(self, user: Process) -> Path:
        return self.path / "users" / f"{user.pid}@{user.started}"


def folder_for(config_id: str, owner: Process, *, private: bool) -> Folder:
    """Return the folder for a deployment and an owner, and create it if needed; a private one is always new.

    Raises:
        LocalServerError: It is not writable.
    """
    try:
        return _folder_for(config_id, owner, private)
    except OSError as problem:
        raise LocalServerError(
            f"The embedded server's runtime folder cannot be written: {problem}.",
            hint="Set JUPYTER_RUNTIME_DIR to a folder of yours, or free some space.",
        ) from problem


def _folder_for(config_id: str, owner: Process, private: bool) -> Folder:
    root = _root()
    _remove_abandoned(root)
    name = f"{config_id}-{this_machine().id}-{owner.pid}-{owner.started}"
    if private:
        return Folder(Path(tempfile.mkdtemp(prefix=f"{name}-private-", dir=root)))
    for number in itertools.count(1):
        folder = Folder(root / (name if number == 1 else f"{name}-{number}"))
        folder.path.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_foreign:
            return folder
    raise AssertionError("a name is always free")


def _root() -> Path:
    """Return the folder for all embedded servers of this user, beside Jupyter's own runtime files."""
    root = _jupyter_runtime() / "lg_magics"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        if root.stat().st_uid != os.getuid():
            raise LocalServerError(
                f"{root} belongs to another user.", hint="Set JUPYTER_RUNTIME_DIR to a folder of yours."
            )
        root.chmod(0o700)
    return root.resolve()


def _jupyter_runtime() -> Path:
    if given := os.environ.get("JUPYTER_RUNTIME_DIR"):
        return Path(given)
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        user = "" if sys.platform == "win32" else f"-{os.getuid()}"
        return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"lg-magics{user}"
    return Path(jupyter_runtime_dir())


def _remove_abandoned(root: Path) -> None:
    """Remove this machine's folders whose owner has ended: their servers can no longer be adopted. Other folders stay."""
    for path in root.iterdir():
        folder = Folder(path)
        owner = folder.read("order.json").get("owner")
        if owner and not folder.is_foreign and not Process(**owner).is_running and folder.server is None:
            shutil.rmtree(path, ignore_errors=True)


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

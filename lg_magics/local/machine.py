"""Where a process id has a meaning: one host, from one start to the next, in one PID namespace. Knows no process and no server.

Machines and containers that share a home folder share a runtime folder too. The ids of their processes are not comparable.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Machine", "this_machine"]


@dataclass(frozen=True)
class Machine:
    """What has to be the same before one process may judge the id of another.

    Attributes:
        host: The name of the host.
        boot: The id of its last start; "" where the system has none.
        pids: The PID namespace; "" where the system has none.
    """

    host: str
    boot: str
    pids: str

    @property
    def id(self) -> str:
        """The same in eight characters, for the name of a folder."""
        return hashlib.sha256("\n".join((self.host, self.boot, self.pids)).encode()).hexdigest()[:8]

    def record(self) -> dict[str, str]:
        """The machine as JSON."""
        return asdict(self)


def this_machine() -> Machine:
    """The machine, and on it the namespace, that this process runs in. It stays the same if the host gets another name."""
    return _machine_of(os.getpid())


@functools.cache
def _machine_of(pid: int) -> Machine:
    """Read once for each process: `pid` is only there because a fork inherits what is cached."""
    return Machine(platform.node(), _boot(), _pid_namespace())


def _boot() -> str:
    if sys.platform == "darwin":
        return _boot_of_macos()
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _boot_of_macos() -> str:
    asked = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""

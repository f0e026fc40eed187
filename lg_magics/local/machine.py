"""The scope of process ids: one host, from one boot to the next, in one PID namespace. Knows no process and no server.

Machines and containers with a common home folder share a runtime folder too. Their process ids are not comparable.
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
    """The scope within which processes can compare their ids.

    Attributes:
        host: The name of the host.
        boot: The id of its last boot; "" if the system has none.
        pids: The PID namespace; "" if the system has none.
    """

    host: str
    boot: str
    pids: str

    @property
    def id(self) -> str:
        """A hash of eight characters, for the name of a folder."""
        return hashlib.sha256("\n".join((self.host, self.boot, self.pids)).encode()).hexdigest()[:8]

    def record(self) -> dict[str, str]:
        """The machine as JSON."""
        return asdict(self)


def this_machine() -> Machine:
    """Return the machine and the PID namespace of this process. It does not change if the host is renamed."""
    return _machine_of(os.getpid())


@functools.cache
def _machine_of(pid: int) -> Machine:
    """Read once per process: `pid` is an argument only because a fork inherits the cache."""
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

"""Another user of this machine. Knows processes; knows nothing of lg_magics."""

from __future__ import annotations

import os
import subprocess
from typing import Any

__all__ = ["as_another_user"]

NOBODY = 65534


def as_another_user(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program as `nobody`: directly where the tests run as root, by sudo where they do not."""
    if os.geteuid() == 0:
        return subprocess.Popen(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", **options)
    return subprocess.Popen(["sudo", "-n", "-u", "nobody", *command], cwd="/", **options)

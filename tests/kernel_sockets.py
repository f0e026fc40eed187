"""The kernels that pytest itself starts, for tests and for notebooks, listen on sockets, each in a folder of its own.

Both conftest.py import it. One at the root would put the tree first in the search path, before an installed wheel.

Ports are chosen before a kernel binds them, so another process can take one meanwhile: the kernel then dies at its start.
Jupyter's own default for sockets is a relative name, which a kernel with another working directory does not find.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

from jupyter_client.connect import ConnectionFileMixin
from jupyter_client.manager import AsyncKernelManager, KernelManager

FOLDER = tempfile.mkdtemp(prefix="kernels-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

if sys.platform != "win32":
    ConnectionFileMixin.transport.default_value = "ipc"
    for manager in (KernelManager, AsyncKernelManager):
        manager._all_trait_default_generators["ip"] = lambda _: str(Path(tempfile.mkdtemp(dir=FOLDER), "socket"))

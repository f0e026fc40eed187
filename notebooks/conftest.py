"""Kernels that pytest starts here listen on sockets in a folder.

Ports are chosen before a kernel binds them, so another process can take one meanwhile: the kernel then dies at its start.
"""

from __future__ import annotations

import sys

from jupyter_client.connect import ConnectionFileMixin

if sys.platform != "win32":
    ConnectionFileMixin.transport.default_value = "ipc"

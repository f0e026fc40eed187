"""A real kernel, as a page would talk to it. Knows jupyter_client and messages; knows nothing of what runs inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

__all__ = ["Kernel", "open_kernel"]

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60


class Kernel:
    """Runs cells, one after the other."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def messages(self, cell: str) -> list[dict[str, Any]]:
        """Run a cell; give every message that it published until the kernel was idle again."""
        asked = self._client.execute(cell, allow_stdin=True)
        published: list[dict[str, Any]] = []
        while True:
            message = self._client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != asked:
                continue
            assert message["msg_type"] != "error", "\n".join(message["content"]["traceback"])
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return published
            published.append(message)

    def value(self, cell: str) -> Any:
        """Run a cell whose last printed line is JSON; give its value."""
        streams = (each["content"]["text"] for each in self.messages(cell) if each["msg_type"] == "stream")
        return json.loads("".join(streams).strip().splitlines()[-1])

    def begin(self, cell: str) -> None:
        """Begin a cell, and return when it has printed something."""
        asked = self._client.execute(cell, allow_stdin=True)
        while True:
            message = self._client.get_iopub_msg(timeout=SECONDS)
            if message["msg_type"] == "stream" and message["parent_header"].get("msg_id") == asked:
                return

    def stop(self) -> None:
        """Interrupt the cell that was begun, and wait until the kernel is idle again."""
        self._client.control_channel.send(self._client.session.msg("interrupt_request", {}))
        self._client.execute("", silent=True, reply=True, timeout=SECONDS)

    def new_subshell(self) -> str:
        """A shell beside the main one, as a page has one for each comm; its id."""
        self._client.control_channel.send(self._client.session.msg("create_subshell_request", {}))
        return str(self._client.control_channel.get_msg(timeout=SECONDS)["content"]["subshell_id"])

    def send_to_comm(self, comm_id: str, data: object, subshell: str) -> None:
        """Send to a comm, on a subshell."""
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        self._client.shell_channel.send(message)

    def answer_of_comm(self, comm_id: str, identity: str) -> dict[str, Any]:
        """The answer with this id that the kernel sends on a comm."""
        while True:
            content = self._client.get_iopub_msg(timeout=SECONDS)["content"]
            if content.get("comm_id") == comm_id and content.get("data", {}).get("id") == identity:
                return dict(content["data"])


@contextmanager
def open_kernel() -> Iterator[Kernel]:
    """Start a kernel that has run a cell already, and stop it in the end."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT), extra_arguments=["--log-level=ERROR"])
    try:
        kernel = Kernel(client)
        kernel.messages("import json, sys, time; print('warm')")
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()

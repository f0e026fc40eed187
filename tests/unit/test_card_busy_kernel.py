"""What the page does in its own subshell while a cell is running, in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

MAKE_CARD = """
import sys, threading, time
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.live.live_view import LiveView, Rendered
from lg_magics.views.node import node
from lg_magics.widgets.view import ViewWidget
cancelled = threading.Event()
count = iter(range(10**6))
live = LiveView(
    lambda: Rendered(node("p", str(next(count)))), {"cancel": lambda _: cancelled.set()}, BackgroundLoop(), lambda _: lambda: None
)
widget = ViewWidget(live.envelope(), live.receive)
live.open(widget)
def stream():
    for n in range(200):
        live.changed()
        time.sleep(0.05)
threading.Thread(target=stream, daemon=True).start()
print(widget.comm.comm_id)
"""


@pytest.fixture
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def until(client: BlockingKernelClient, parent: str, kind: str) -> dict[str, Any]:
    """The content of the first message of this kind that answers this request."""
    while True:
        message = client.get_iopub_msg(timeout=20)
        assert message["msg_type"] != "error", message["content"]
        if message["parent_header"].get("msg_id") == parent and message["msg_type"] == kind:
            return dict(message["content"])


def new_subshell(client: BlockingKernelClient) -> str:
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    return str(client.control_channel.get_msg(timeout=20)["content"]["subshell_id"])


def test_cancel_arrives_while_a_cell_blocks_and_the_card_streams(kernel: BlockingKernelClient) -> None:
    subshell = new_subshell(kernel)
    comm_id = until(kernel, kernel.execute(MAKE_CARD), "stream")["text"].strip()
    busy = kernel.execute("time.sleep(0.3); print('busy', flush=True); print(cancelled.wait(5))")
    until(kernel, busy, "stream")
    content = {
        "comm_id": comm_id,
        "data": {"method": "custom", "content": {"id": "1", "protocol": 1, "command": "cancel", "arguments": {}}},
    }
    click = kernel.session.msg("comm_msg", content)
    click["header"]["subshell_id"] = subshell
    kernel.shell_channel.send(click)
    assert until(kernel, busy, "stream")["text"].strip() == "True"


def test_a_subshell_that_is_deleted_under_a_message_logs_nothing_into_a_cell(kernel: BlockingKernelClient) -> None:
    until(kernel, kernel.execute("%load_ext lg_magics"), "stream")
    for _ in range(60):
        subshell = new_subshell(kernel)
        message = kernel.session.msg("comm_info_request", {})
        message["header"]["subshell_id"] = subshell
        kernel.shell_channel.send(message)
        kernel.control_channel.send(kernel.session.msg("delete_subshell_request", {"subshell_id": subshell}))
        kernel.control_channel.get_msg(timeout=20)
    printed = ""
    kernel.execute("import gc; gc.collect(); print('end', flush=True)")
    while not printed.endswith("end\n"):
        printed += kernel.get_iopub_msg(timeout=20)["content"].get("text", "")
    assert "run_in_context" not in printed

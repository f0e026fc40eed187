"""The panel's comm in a real kernel: opened on a page alone, heard while a cell is running, closed with the extension."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

TARGET = "lg_magics:panel"
LOAD = "%load_ext lg_magics"


class Kernel:
    """A kernel as a page talks to it."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def begin(self, code: str, *, is_page: bool = True) -> str:
        return str(self.client.execute(code, allow_stdin=is_page))

    def until(self, asked: str, kind: str) -> dict[str, Any]:
        """The first message of this kind that this request published."""
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            assert message["msg_type"] != "error", message["content"]
            if message["parent_header"].get("msg_id") == asked and message["msg_type"] == kind:
                return dict(message["content"])

    def run(self, code: str, *, is_page: bool = True) -> list[dict[str, Any]]:
        """What a cell published until the kernel was idle again."""
        asked = self.begin(code, is_page=is_page)
        published: list[dict[str, Any]] = []
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return published
            published.append(message)

    def send(self, comm_id: str, data: object, subshell: str | None = None) -> None:
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def answer(self, comm_id: str, identity: str) -> dict[str, Any]:
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            content = message["content"]
            if (
                message["msg_type"] == "comm_msg"
                and content["comm_id"] == comm_id
                and content["data"].get("id") == identity
            ):
                return dict(content["data"])

    def until_comm(self, comm_id: str) -> dict[str, Any]:
        """The next custom message of a widget."""
        while True:
            content = self.client.get_iopub_msg(timeout=30)["content"]
            if content.get("comm_id") == comm_id and content.get("data", {}).get("method") == "custom":
                return dict(content["data"]["content"])

    def new_subshell(self) -> str:
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return str(self.client.control_channel.get_msg(timeout=20)["content"]["subshell_id"])


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def opened(published: list[dict[str, Any]]) -> list[str]:
    found = [each["content"] for each in published if each["msg_type"] == "comm_open"]
    return [each["comm_id"] for each in found if each["target_name"] == TARGET]


WITHOUT_PLUGIN = "application/vnd.jupyter.widget-view+json"


def request(command: str, **arguments: Any) -> dict[str, Any]:
    return {"id": command, "protocol": 1, "command": command, "arguments": arguments}


def test_a_page_is_answered_while_a_cell_blocks(kernel: Kernel) -> None:
    subshell = kernel.new_subshell()
    (comm_id,) = opened(kernel.run(LOAD))
    kernel.send(comm_id, request("view"), subshell)
    assert kernel.answer(comm_id, "view")["result"]["protocol"] == 1
    busy = kernel.begin("import time\nprint('begun', flush=True)\nfor _ in range(2000): time.sleep(0.01)")
    kernel.until(busy, "stream")
    kernel.send(comm_id, request("known"), subshell)
    assert kernel.answer(comm_id, "known")["result"]["connected"] is False
    kernel.send(comm_id, "no request", subshell)
    kernel.send(comm_id, request("debug", switch="on"), subshell)
    assert kernel.answer(comm_id, "debug")["error"]["message"] == "There is no action 'debug' here."
    kernel.client.control_channel.send(kernel.client.session.msg("interrupt_request", {}))


def test_the_comm_closes_with_the_extension_and_opens_with_it_again(kernel: Kernel) -> None:
    (first,) = opened(kernel.run(LOAD))
    closed = [each["content"] for each in kernel.run("%unload_ext lg_magics") if each["msg_type"] == "comm_close"]
    assert [each["comm_id"] for each in closed] == [first]
    (second,) = opened(kernel.run(LOAD))
    kernel.send(second, request("view"))
    assert kernel.answer(second, "view")["ok"]


def test_a_page_may_open_a_comm_of_its_own(kernel: Kernel) -> None:
    kernel.run(LOAD)
    kernel.client.shell_channel.send(
        kernel.client.session.msg("comm_open", {"comm_id": "mine", "target_name": TARGET, "data": {}})
    )
    kernel.send("mine", request("view"))
    assert kernel.answer("mine", "view")["ok"]


def test_a_runner_without_a_page_gets_no_comm_until_a_page_comes(kernel: Kernel) -> None:
    assert opened(kernel.run(LOAD, is_page=False)) == []
    assert opened(kernel.run("1", is_page=False)) == []
    assert len(opened(kernel.run("1"))) == 1
    assert opened(kernel.run("1")) == []


VIEW = """
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.ipython.live_output import show_live
from lg_magics.live.live_view import LiveView, Rendered
from lg_magics.views.node import node
from lg_magics.widgets.view import ViewWidget
live = LiveView(lambda: Rendered(node("p", "a view")), {}, BackgroundLoop(), lambda _: lambda: None)
show_live(ViewWidget(live.envelope(), live.receive, opens=False), {"text/plain": "a view"})
"""
COMMS_FIRST = ["comm_open", "comm_open", "display_data"]


def test_the_output_of_a_view_comes_before_its_comm_on_a_page_with_a_panel_and_after_it_elsewhere(
    kernel: Kernel,
) -> None:
    def arrivals() -> list[str]:
        kinds = [each["msg_type"] for each in kernel.run(VIEW)]
        return [kind for kind in kinds if kind in COMMS_FIRST]

    (comm_id,) = opened(kernel.run(LOAD))
    assert arrivals() == COMMS_FIRST
    kernel.send(comm_id, request("view"))
    assert kernel.answer(comm_id, "view")["ok"]
    assert arrivals() == ["display_data", "comm_open", "comm_open"]
    kernel.client.session.session = "a console's"
    assert arrivals() == COMMS_FIRST


def widgets(published: list[dict[str, Any]]) -> list[str]:
    shown = [each["content"]["data"] for each in published if each["msg_type"] == "display_data"]
    return [data[WITHOUT_PLUGIN]["model_id"] for data in shown if WITHOUT_PLUGIN in data]


def test_without_a_plugin_home_shows_the_panel_in_the_output(kernel: Kernel) -> None:
    kernel.run(LOAD)
    (model,) = widgets(kernel.run("%lg"))
    kernel.send(model, {"method": "custom", "content": request("view")})
    content = kernel.until_comm(model)
    assert content["ok"]
    assert content["result"]["protocol"] == 1
    kernel.send(model, {"method": "custom", "content": {**request("view"), "id": "new", "protocol": 2}})
    assert kernel.until_comm(model)["error"]["hint"].startswith("Restart the kernel")


def test_with_a_plugin_home_shows_no_panel_in_the_output(kernel: Kernel) -> None:
    (comm_id,) = opened(kernel.run(LOAD))
    kernel.send(comm_id, request("view"))
    kernel.answer(comm_id, "view")
    assert widgets(kernel.run("%lg")) == []


def test_a_runner_without_a_page_gets_no_panel_in_the_output(kernel: Kernel) -> None:
    kernel.run(LOAD, is_page=False)
    assert widgets(kernel.run("%lg", is_page=False)) == []


def test_in_colab_its_switch_for_widgets_is_turned_on(kernel: Kernel, tmp_path: Path) -> None:
    """Colab's module is no package that can be installed: one of its name and shape notes what is called."""
    (tmp_path / "google/colab").mkdir(parents=True)
    (tmp_path / "google/colab/__init__.py").touch()
    noting = "calls = []\ndef enable_custom_widget_manager():\n    calls.append('on')\n"
    (tmp_path / "google/colab/output.py").write_text(noting, "utf-8")
    kernel.run(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport google.colab")
    kernel.run(LOAD)
    (printed,) = [
        each["content"]["text"]
        for each in kernel.run("from google.colab import output\nprint(output.calls)")
        if each["msg_type"] == "stream"
    ]
    assert printed.strip() == "['on']"

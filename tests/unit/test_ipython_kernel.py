"""In a real kernel: what a page and a runner get, and that `lg.sync` loses no cell that is queued behind it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SECONDS = 60


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    home = tmp_path_factory.mktemp("kernel")
    private = {
        name: str(home) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
    }
    manager = KernelManager()  # the python3 kernel of this environment
    manager.connection_file = str(home / "kernel.json")
    manager.start_kernel(env={**os.environ, **private}, cwd=str(home))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    run(client, "%load_ext lg_magics")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def send(client: BlockingKernelClient, source: str, *, attended: bool = True) -> str:
    return str(client.execute(source, allow_stdin=attended, stop_on_error=False))


def outputs(client: BlockingKernelClient, request: str) -> list[dict[str, Any]]:
    """The messages of one request that hold something, up to its end."""
    held: list[dict[str, Any]] = []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] in ("display_data", "execute_result", "stream", "error"):
            held.append(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return held
    raise queue.Empty


def run(client: BlockingKernelClient, source: str, *, attended: bool = True) -> list[dict[str, Any]]:
    return outputs(client, send(client, source, attended=attended))


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["msg_type"] for message in messages]


def test_a_magic_shows_its_result_once_and_a_function_as_the_output(kernel: BlockingKernelClient) -> None:
    shown, panel = run(kernel, "%lg")
    assert "application/vnd.jupyter.widget-view+json" in panel["content"]["data"]
    assert shown["msg_type"] == "display_data"
    assert shown["content"]["data"]["text/plain"].startswith("lg_magics: not connected")
    assert "text/html" in shown["content"]["data"]
    result, panel = run(kernel, "r = %lg\nr")
    assert "text/html" in result["content"]["data"]
    assert kinds(run(kernel, "lg.home()")) == ["execute_result"]
    assert kinds(run(kernel, "%lg --quiet")) == []
    assert kinds(run(kernel, "_ is r, r")) == ["execute_result"]


def test_a_result_is_captured_once(kernel: BlockingKernelClient) -> None:
    kinds_of = "[[*each.data] for each in captured.outputs]"
    run(kernel, "%%capture captured\n%lg_set")
    (shown,) = run(kernel, kinds_of)
    assert shown["content"]["data"]["text/plain"] == "[['text/plain', 'text/html']]"
    run(kernel, "%%capture captured\n%lg_set\n3")
    (shown,) = run(kernel, kinds_of)
    assert shown["content"]["data"]["text/plain"] == "[['text/plain', 'text/html'], ['text/plain']]"
    (after,) = run(kernel, "%lg_set")
    assert after["msg_type"] == "display_data"


def test_an_error_is_a_message_and_a_hint_on_a_line_of_its_own(kernel: BlockingKernelClient) -> None:
    (error,) = run(kernel, "%lg_run hello --wait")
    assert error["msg_type"] == "error"
    assert len(error["content"]["traceback"]) == 1
    message, hint = error["content"]["traceback"][0].splitlines()
    assert message == "CommandError: --wait comes after the text."
    assert hint == "As an option: %lg_run --wait hello   As text: %lg_run -- hello --wait"
    assert error["content"]["ename"] == "CommandError"


def test_the_session_knows_whether_a_person_is_there(kernel: BlockingKernelClient) -> None:
    asked = "lg.current().is_attended"
    assert run(kernel, asked, attended=True)[0]["content"]["data"]["text/plain"] == "True"
    assert run(kernel, asked, attended=False)[0]["content"]["data"]["text/plain"] == "False"


def test_shift_tab_on_a_magic_shows_its_help(kernel: BlockingKernelClient) -> None:
    reply = kernel.inspect("%lg_run", 7, reply=True, timeout=SECONDS)
    text = reply["content"]["data"]["text/plain"]
    assert "Launch a run in the background" in text
    assert "File:" not in text


def test_cells_queued_behind_a_sync_are_all_run(kernel: BlockingKernelClient) -> None:
    requests = [
        send(kernel, "import asyncio\nlg.sync(asyncio.sleep(0.5, 'first'))"),
        send(kernel, "'second'"),
        send(kernel, "lg.sync(asyncio.sleep(0.1, 'third'))"),
        send(kernel, "await asyncio.sleep(0, 'fourth')"),
    ]
    shown = [outputs(kernel, request)[0]["content"]["data"]["text/plain"] for request in requests]
    assert shown == ["'first'", "'second'", "'third'", "'fourth'"]


def test_a_kernel_interrupt_ends_a_sync(kernel: BlockingKernelClient) -> None:
    source = "import os, signal, threading\nthreading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
    began = time.monotonic()
    (error,) = run(kernel, f"{source}lg.sync(asyncio.sleep(30))")
    assert error["content"]["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - began < 20
    assert run(kernel, "'still here'")[0]["content"]["data"]["text/plain"] == "'still here'"


def test_text_ends_where_it_was_typed_to(kernel: BlockingKernelClient) -> None:
    for source in ("%lg_run what now?", "r = %lg_run what (now??"):
        (error,) = run(kernel, source)
        assert error["content"]["ename"] == "NotConnected"


@pytest.mark.parametrize(
    ("before", "patched_by"),
    [
        ("", "nest_asyncio2"),
        ("import sys; sys.modules['nest_asyncio2'] = None", "nest_asyncio"),  # not installed
        ("import nest_asyncio; nest_asyncio.apply(asyncio.get_running_loop())", "nest_asyncio"),  # by the user
    ],
)
def test_sync_prefers_nest_asyncio2_and_leaves_a_loop_that_is_patched(before: str, patched_by: str) -> None:
    source = f"""
import asyncio, warnings
import lg_magics as lg
async def cell():
    {before or "pass"}
    result = lg.sync(asyncio.sleep(0.01, "done"))
    print(result, asyncio.get_running_loop().run_until_complete.__module__)
warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=DeprecationWarning)
asyncio.new_event_loop().run_until_complete(cell())
"""
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=SECONDS)
    assert ended.stdout.split() == ["done", patched_by], ended.stderr


def test_a_kernel_without_subshells_says_once_that_clicks_wait_for_the_cell(kernel: BlockingKernelClient) -> None:
    source = "from lg_magics.ipython.host import notify_once\nnotify_once(); notify_once()"
    assert run(kernel, source) == []
    without = "type(get_ipython().kernel)._supports_kernel_subshells = property(lambda self: {})"
    run(kernel, without.format(False))
    try:
        (shown,) = run(kernel, source)
    finally:
        run(kernel, without.format(True))
    assert "Cancel and the panel wait until the running cell has ended" in shown["content"]["text"]

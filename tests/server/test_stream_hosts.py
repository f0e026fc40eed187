"""`%lg_stream` in a real kernel and a real terminal: one stream of text in order, shown once, and nothing in it is alive."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from unit.test_ipython_kernel import kernel, kinds, run

from lg_magics import local

__all__ = ["kernel"]

WORDS = " ".join(f"w{n}" for n in range(200))
VALUE = '{"steps": 1, "tokens": 200, "seconds": 1.0}'


@pytest.fixture
def connected(kernel: BlockingKernelClient, server: local.LocalServer) -> BlockingKernelClient:
    run(kernel, f"lg.connect({server.url!r}, timeout=60)")
    return kernel


def text(messages: list[dict[str, Any]]) -> str:
    return "".join(each["content"]["text"] for each in messages if each["msg_type"] == "stream")


@pytest.mark.parametrize("attended", [True, False])
def test_a_kernel_gets_the_text_in_order_and_no_second_output(connected: BlockingKernelClient, attended: bool) -> None:
    began = time.monotonic()
    shown = run(connected, f"%lg_stream -a workbench -t new --json {VALUE}", attended=attended)
    took = time.monotonic() - began
    assert text(shown) == f"{WORDS}\n"
    assert set(kinds(shown)) == {"stream"}
    assert 1 < len(shown) <= 50 * took


def test_what_was_reported_is_not_shown_again_in_its_cell_but_in_another_one_it_is(
    connected: BlockingKernelClient,
) -> None:
    call = 'lg.stream(input={"steps": 1, "tokens": 3}, assistant="workbench", thread="new")'
    assert set(kinds(run(connected, f"r = {call}\nr"))) == {"stream"}
    assert set(kinds(run(connected, call))) == {"stream"}
    (later,) = run(connected, "r")
    assert later["content"]["data"]["text/plain"].startswith("success · workbench")


def test_a_run_that_says_nothing_is_shown_as_it_ended(connected: BlockingKernelClient) -> None:
    (shown,) = run(connected, '%lg_stream -a workbench -t new --json {"steps": 1}', attended=False)
    assert shown["content"]["data"]["text/plain"].startswith("success · workbench")


def test_a_quiet_one_says_nothing(connected: BlockingKernelClient) -> None:
    assert run(connected, f"%lg_stream --quiet -a workbench -t new --json {VALUE}") == []


def test_an_error_is_one_line_behind_the_text(connected: BlockingKernelClient) -> None:
    line = '%lg_stream -a workbench -t new --json {"steps": 1, "tokens": 3, "fail_at": 1}'
    *printed, error = run(connected, line)
    assert text(printed) == "w0 w1 w2\n"
    assert error["content"]["ename"] == "RunFailed"
    assert len(error["content"]["traceback"]) == 1


def test_what_a_server_sends_cannot_paint_the_page(connected: BlockingKernelClient) -> None:
    run(connected, 'evil = "\\x1b[31m<script>alert(1)</script>\\x1b[2J\\r\\x07"')
    value = '{"steps": 1, "messages": [{"role": "user", "content": evil}]}'
    shown = run(connected, f"v = {value}\n%lg_stream --mode values -a workbench -t new -i $v")
    assert "<script>alert(1)</script>" in text(shown)
    assert not set(text(shown)) & set("\x1b\r\x07")


def test_a_cell_of_several_lines_is_one_text(connected: BlockingKernelClient) -> None:
    shown = run(connected, "%%lg_stream -a agent -t new --mode values\nwhat's the weather\nin sf?")
    assert "  messages: [human: what's the weather in sf?]\n" in text(shown)


def test_a_terminal_gets_the_same_text(server: local.LocalServer, tmp_path: Path) -> None:
    script = tmp_path / "script.ipy"
    connect = f"r = lg.connect({server.url!r}, timeout=60)"
    lines = ["%load_ext lg_magics", connect, f"%lg_stream -a workbench -t new --json {VALUE}"]
    script.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert f"\n{WORDS}\n" in done.stdout
    assert "success" not in done.stdout

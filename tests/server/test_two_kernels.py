"""Two real kernels on one deployment, and what several runs show in one: neither disturbs the other, and cells keep their own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from langgraph_sdk.client import SyncLangGraphClient
from unit.test_ipython_kernel import kinds, run, send

from lg_magics import local

SECONDS = 60
LAUNCH = 'lg.run(input={{"steps": 1, "seconds": {seconds}, "fail_at": {fail_at}}}, assistant="workbench", thread="new")'


@pytest.fixture(scope="module")
def kernels(server: local.LocalServer) -> Iterator[tuple[BlockingKernelClient, BlockingKernelClient]]:
    started = [start_new_kernel(kernel_name="python3") for _ in range(2)]
    for _, client in started:
        run(client, "%load_ext lg_magics")
        run(client, f"%lg_connect {server.url} --timeout 60")
    yield started[0][1], started[1][1]
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def launch(seconds: float = 0, fail_at: int | None = None) -> str:
    return LAUNCH.format(seconds=seconds, fail_at=fail_at)


def value(client: BlockingKernelClient, source: str) -> Any:
    """What an expression gives, as JSON."""
    (shown,) = run(client, f"import json; print(json.dumps({source}))")
    assert shown["msg_type"] == "stream", shown["content"]
    return json.loads(shown["content"]["text"])


def test_what_the_first_card_needs_is_imported_when_a_page_has_connected(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    until = time.monotonic() + SECONDS
    while not value(kernels[0], "'lg_magics.widgets.view' in __import__('sys').modules"):
        assert time.monotonic() < until, "it is not imported"
        time.sleep(0.1)


def test_two_kernels_have_numbers_and_runs_of_their_own(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient], sdk: SyncLangGraphClient
) -> None:
    one, other = kernels
    for client, count in ((one, 3), (other, 2)):
        run(client, f"runs = [{launch(seconds=40)} for _ in range({count})];")
    mine = '[row["run_id"] for row in lg.runs(mine=True)]'
    ids, other_ids = value(one, mine), value(other, mine)
    assert (len(ids), len(other_ids)) == (3, 2)
    assert not set(ids) & set(other_ids)
    assert value(one, "[run.number for run in runs]") == ["r1", "r2", "r3"]
    assert value(other, "[run.number for run in runs]") == ["r1", "r2"]

    assert kinds(run(one, "%lg_cancel --mine")) == ["display_data"]
    assert value(one, "sorted({run.wait(120).status for run in runs})") == ["cancelled"]
    threads = dict(value(other, "[[run.thread_id, run.run_id] for run in runs]"))
    assert {sdk.runs.get(*each)["status"] for each in threads.items()} <= {"pending", "running"}
    run(other, "%lg_cancel --mine")
    assert value(other, "sorted({run.wait(120).status for run in runs})") == ["cancelled"]


def test_the_table_of_all_is_shown_before_the_error_to_a_person_and_to_a_runner(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    one, _ = kernels
    run(one, f"bad, good, worse = {launch(fail_at=1)}, {launch()}, {launch(fail_at=1)}")
    for attended in (True, False):
        shown = [each for each in run(one, "%lg_wait $bad $good $worse", attended=attended) if says_something(each)]
        assert kinds(shown) == ["display_data", "error"]
        assert "3 runs" in shown[0]["content"]["data"]["text/plain"]
        (line,) = shown[1]["content"]["traceback"]
        assert line.startswith("RunFailed: 2 of 3 runs did not end well:")
        assert " ".join(line.split()).count("ValueError: asked to fail at step 1") == 2
    assert kinds(run(one, "%lg_wait --quiet $bad $good $worse")) == ["error"]


def test_waiting_adds_a_line_where_the_card_is_on_the_page_and_the_end_elsewhere(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    one, _ = kernels
    text = '{"steps": 1, "seconds": 0.5}'
    run(one, f"quick = {text}\nseen = %lg_run -a workbench -t new -i $quick", attended=True)
    (shown,) = [each for each in run(one, "%lg_wait $seen", attended=True) if each["msg_type"] == "display_data"]
    assert re.fullmatch(r"r\d+: success after \S+ s", shown["content"]["data"]["text/plain"])
    assert "lg-card" not in shown["content"]["data"]["text/html"]
    (again,) = run(one, "seen", attended=True)
    assert again["content"]["data"]["text/plain"].startswith("success · workbench")
    (runner,) = run(one, "%lg_wait $seen", attended=False)
    assert runner["content"]["data"]["text/plain"].startswith("success · workbench")


def test_each_of_two_notebooks_on_one_kernel_keeps_its_open_view(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    one, _ = kernels
    second = BlockingKernelClient(connection_file=one.connection_file)
    second.load_connection_file()
    second.start_channels()
    second.wait_for_ready(timeout=60)
    run(one, "from ipywidgets.widgets.widget import _instances")
    try:
        opened = [widget_of(run(each, "%lg_threads --open", attended=True)) for each in (one, second)]
        assert value(one, f"[name in _instances for name in {opened}]") == [True, True]
        again = widget_of(run(second, "%lg_threads --open", attended=True))
        assert value(one, f"[name in _instances for name in {[*opened, again]}]") == [True, False, True]
    finally:
        second.stop_channels()


def widget_of(messages: list[dict[str, Any]]) -> str:
    """The id of the widget that a cell has shown."""
    shown = next(each for each in messages if each["msg_type"] == "display_data")
    return str(shown["content"]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"])


def says_something(message: dict[str, Any]) -> bool:
    """A line of progress that was taken away again says nothing."""
    data = message["content"].get("data", {})
    return not (data.keys() == {"text/plain"} and "have ended" in data["text/plain"])


def test_what_on_finish_prints_and_raises_is_shown_in_the_cell_that_registered_it(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    one, _ = kernels
    run(one, f"slow = {launch(seconds=2)}")
    registering = send(one, "slow.on_finish(lambda run: print(run.status, 'at last')).on_finish(lambda run: 1 / 0);")
    send(one, "slow.wait_quietly();")
    said = {"stdout": "", "stderr": ""}
    deadline = time.monotonic() + SECONDS
    while "at last" not in said["stdout"] or "ZeroDivisionError" not in said["stderr"]:
        assert time.monotonic() < deadline, said
        message = one.get_iopub_msg(timeout=SECONDS)
        if message["msg_type"] == "stream":
            assert message["parent_header"].get("msg_id") == registering, message["content"]
            said[message["content"]["name"]] += message["content"]["text"]
    assert said["stdout"] == "success at last\n"
    assert said["stderr"].startswith("on_finish r")
    assert said["stderr"].count("ZeroDivisionError") == 1


def test_gathered_runs_end_in_a_cell_that_awaits_and_the_stop_button_is_heard(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    one, _ = kernels
    run(one, "import asyncio, os, signal, threading")
    run(one, f"runs = [{launch()} for _ in range(10)];")
    (shown,) = run(one, "[run.status for run in await asyncio.gather(*runs)] == ['success'] * 10")
    assert shown["content"]["data"]["text/plain"] == "True"
    run(one, f"runs = [{launch(seconds=40)} for _ in range(10)];")
    stop = "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()"
    (error,) = run(one, f"{stop}\nawait asyncio.gather(*runs)")
    assert error["content"]["ename"] in ("KeyboardInterrupt", "CancelledError")
    assert value(one, "len([run for run in runs if not run.is_settled])") == 10
    run(one, "%lg_cancel --mine")


def test_a_run_is_of_its_cell_whatever_else_the_cell_has_done(
    kernels: tuple[BlockingKernelClient, BlockingKernelClient],
) -> None:
    """Else `--rewind` and `--once` would not find it when the cell is run again: only launches are counted."""
    one, _ = kernels
    cron = 'cron = lg.cron.create("0 0 1 1 *", "hello", assistant="agent")'
    run(one, f"{cron}\nlg.crons(mine=True)\nlg.cron.delete(cron)\nfirst = {launch()}\nsecond = {launch()}")
    first, second = value(one, "[each.info.cell.id for each in (first, second)]")
    assert first
    assert "#" not in first
    assert second == f"{first}#2"

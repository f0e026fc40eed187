"""The workbench on a real server. Knows each of its orders; uses the raw SDK."""

from __future__ import annotations

import socket
import time
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient


def test_it_steps_streams_grows_and_sends_custom_events_as_told(sdk: SyncLangGraphClient) -> None:
    order: dict[str, Any] = {"steps": 4, "seconds": 0.1, "tokens": 5, "grow": 1000, "custom": 2}
    began = time.monotonic()
    modes: Any = ["updates", "messages-tuple", "custom", "values"]
    parts = list(sdk.runs.stream(None, "workbench", input=order, stream_mode=modes))
    assert time.monotonic() - began > 0.4
    words = [part.data[0]["content"] for part in parts if part.event == "messages"]
    last: Any = [part.data for part in parts if part.event == "values"][-1]
    assert [word.strip() for word in words if word] == ["w0", "w1", "w2", "w3", "w4"] * 4
    assert [len(piece) for piece in last["ballast"]] == [1000] * 4
    assert [part.data for part in parts if part.event == "custom"][:3] == [
        {"step": 1, "number": 0},
        {"step": 1, "number": 1},
        {"step": 2, "number": 0},
    ]


def test_it_fails_at_the_step_that_is_named(sdk: SyncLangGraphClient) -> None:
    outcome: Any = sdk.runs.wait(None, "workbench", input={"steps": 5, "fail_at": 2}, raise_error=False)
    assert outcome["__error__"] == {"error": "ValueError", "message": "asked to fail at step 2"}


def test_many_steps_are_no_recursion_error_and_a_conversation_gets_an_answer(sdk: SyncLangGraphClient) -> None:
    order: dict[str, Any] = {"steps": 60, "messages": [{"role": "user", "content": "go"}]}
    values: Any = sdk.runs.wait(None, "workbench", input=order)
    assert values["messages"][-1]["content"] == "Done: 60 steps."


def test_several_runs_go_on_at_the_same_time(sdk: SyncLangGraphClient) -> None:
    threads = [sdk.threads.create()["thread_id"] for _ in range(8)]
    runs = [sdk.runs.create(t, "workbench", input={"steps": 1, "seconds": 3}) for t in threads]
    deadline = time.monotonic() + 2.5
    while (seen := {sdk.runs.get(run["thread_id"], run["run_id"])["status"] for run in runs}) != {"running"}:
        assert time.monotonic() < deadline, seen
    for run in runs:
        sdk.runs.cancel(run["thread_id"], run["run_id"])


def test_a_webhook_on_the_same_machine_is_called(sdk: SyncLangGraphClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/done"
        sdk.runs.create(None, "workbench", input={"steps": 1}, webhook=url)
        caller, _ = listening.accept()
        with caller:
            assert caller.recv(20).startswith(b"POST /done")

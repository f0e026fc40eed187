"""How soon the panel answers, with the kernel idle and busy, and how long its frames are. Knows a kernel's messages, no page."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from benchmarks import panel_frames
from benchmarks.bench import ASSISTANT, Bench
from benchmarks.kernel import Kernel, open_kernel
from benchmarks.samples import Line, Samples

__all__ = ["lines"]

LIMIT = 30.0  # ms, p50
REQUESTS = 40
TARGET = "lg_magics:panel"
CONNECT = "%load_ext lg_magics\nlg.connect({url!r}, assistant={assistant!r})"
BUSY = "end = time.time() + 8\nprint('begun', flush=True)\nwhile time.time() < end: time.sleep(0.01)"
REQUESTED = {"view": {}, "known": {}, "section": {"name": "threads"}}


def lines(bench: Bench) -> list[Line]:
    bench.say(f"panel: {REQUESTS} requests of each kind, idle and busy")
    with open_kernel() as kernel:
        opened = kernel.messages(CONNECT.format(url=bench.url, assistant=ASSISTANT))
        comm_id = next(each["content"]["comm_id"] for each in opened if each["content"].get("target_name") == TARGET)
        subshell = kernel.new_subshell()
        found = [_line(kernel, comm_id, subshell, command, "idle") for command in REQUESTED]
        for command in REQUESTED:
            kernel.begin(BUSY)
            found.append(_line(kernel, comm_id, subshell, command, "busy"))
            kernel.stop()
    return found + panel_frames.lines(bench)


def _line(kernel: Kernel, comm_id: str, subshell: str, command: str, state: str) -> Line:
    taken = [_milliseconds(kernel, comm_id, subshell, command, f"{command}-{state}-{n}") for n in range(3 + REQUESTS)][
        3:
    ]
    samples = Samples(taken)
    is_within = samples.median <= LIMIT
    return Line(f"panel: {command}, kernel {state}", str(samples), limit=f"{LIMIT:g} ms", is_within=is_within)


def _milliseconds(kernel: Kernel, comm_id: str, subshell: str, command: str, identity: str) -> float:
    arguments = REQUESTED[command]
    request: dict[str, Any] = {"id": identity, "protocol": 1, "command": command, "arguments": arguments}
    began = perf_counter()
    kernel.send_to_comm(comm_id, request, subshell)
    answer = kernel.answer_of_comm(comm_id, identity)
    assert answer["ok"], answer
    return 1000 * (perf_counter() - began)

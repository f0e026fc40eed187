"""What `%load_ext lg_magics` costs a kernel that has run a cell, and what it must not import. Knows a kernel, no server."""

from __future__ import annotations

from typing import Any

from benchmarks.bench import Bench
from benchmarks.kernel import open_kernel
from benchmarks.samples import Line, Samples, ratio

__all__ = ["lines"]

KERNELS = 10
LIMIT = 20.0  # milliseconds
HEAVY = ("langgraph_sdk", "langchain_core", "httpx", "pandas", "ipywidgets")

CELL = f"""
before = set(sys.modules)
began = time.perf_counter()
get_ipython().run_line_magic("load_ext", "lg_magics")
loaded = time.perf_counter()
heavy = [name for name in {HEAVY} if name in sys.modules and name not in before]
count = len(set(sys.modules) - before)
again = time.perf_counter()
import langgraph_sdk
imported = time.perf_counter()
print(json.dumps(dict(ours=1000 * (loaded - began), raw=1000 * (imported - again), heavy=heavy, count=count)))
"""


def lines(bench: Bench) -> list[Line]:
    bench.say(f"load: {KERNELS} fresh kernels")
    found = [_in_a_fresh_kernel() for _ in range(1 + KERNELS)][1:]
    ours, raw = (Samples([each[name] for each in found]) for name in ("ours", "raw"))
    heavy = sorted({name for each in found for name in each["heavy"]})
    return [
        Line(
            "%load_ext lg_magics",
            str(ours),
            f"{raw} import langgraph_sdk",
            ratio(ours, raw),
            f"{LIMIT:g} ms",
            ours.median <= LIMIT,
        ),
        Line("    heavy modules it imports", ", ".join(heavy) or "none", limit="none", is_within=not heavy),
        Line("    modules it imports", str(Samples([each["count"] for each in found], "modules"))),
    ]


def _in_a_fresh_kernel() -> dict[str, Any]:
    with open_kernel() as kernel:
        found = kernel.value(CELL)
        assert isinstance(found, dict)
        return found

"""A graph that writes into a file when each of its runs begins and has really ended, and one that asks to be run again."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

RETRIED = importlib.import_module("langgraph_runtime_inmem.retry").RETRIABLE_EXCEPTIONS[0]


class Written(TypedDict, total=False):
    file: str
    name: str
    seconds: float
    ending: float


async def write(state: Written) -> Written:
    with Path(state["file"]).open("a") as file:
        print("begin", state["name"], file=file, flush=True)
        try:
            await asyncio.sleep(state.get("seconds", 0))
        finally:
            await asyncio.sleep(state.get("ending", 0))
            print("end", state["name"], file=file, flush=True)
    return {}


async def fail_once(state: Written) -> Written:
    with Path(state["file"]).open("a+") as file:
        file.seek(0)
        is_first = not file.read()
        print("attempt", file=file, flush=True)
    if is_first:
        raise RETRIED("once")
    return {}


written = StateGraph(Written).add_node(write).add_edge(START, "write").compile()
retried = StateGraph(Written).add_node(fail_once).add_edge(START, "fail_once").compile()

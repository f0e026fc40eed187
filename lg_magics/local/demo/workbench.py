"""A graph whose behavior its input controls: slow, verbose, large or broken. For tests and benchmarks.

    plan → work ⟲            `work` runs once for each step

Everything in the input is optional:

    steps     how many steps to take (3)
    seconds   how long a step takes (0)
    tokens    how many words to stream in each step, spread over its seconds (0)
    grow      how many bytes each step adds to the state (0)
    fail_at   the step, counted from 1, that fails (none)
    custom    how many custom events each step sends (0)
    messages  a conversation; the last step then answers it
"""

from __future__ import annotations

import asyncio
import operator
from typing import Annotated, Any

from langchain_core.messages import AIMessage, BaseMessage
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph

from .scripted_model import ScriptedChatModel


class State(MessagesState, total=False):
    """The input, and the progress so far."""

    steps: int
    seconds: float
    tokens: int
    grow: int
    fail_at: int | None
    custom: int
    step: int
    ballast: Annotated[list[str], operator.add]


def plan(state: State) -> dict[str, int]:
    """Start from the first step, also when the thread has been used before."""
    return {"step": 0}


async def work(state: State) -> dict[str, Any]:
    """Take one step."""
    step = state["step"] + 1
    for number in range(state.get("custom", 0)):
        get_stream_writer()({"step": step, "number": number})
    said = await _speak_or_sleep(state.get("tokens", 0), state.get("seconds", 0.0))
    if step == state.get("fail_at"):
        raise ValueError(f"asked to fail at step {step}")
    change: dict[str, Any] = {"step": step, "messages": said}
    if grow := state.get("grow", 0):
        change["ballast"] = ["x" * grow]
    if not said and state.get("messages") and _is_last(step, state):
        change["messages"] = [AIMessage(f"Done: {step} steps.")]
    return change


async def _speak_or_sleep(tokens: int, seconds: float) -> list[AIMessage]:
    if not tokens:
        await asyncio.sleep(seconds)
        return []

    def counting(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
        return AIMessage(" ".join(f"w{number}" for number in range(tokens)))

    model = ScriptedChatModel(script=counting, seconds_per_token=seconds / tokens)
    return [await model.ainvoke("count")]


def _is_last(step: int, state: State) -> bool:
    return step >= state.get("steps", 3)


def more(state: State) -> str:
    """Go on until all steps are taken."""
    return END if _is_last(state["step"], state) else "work"


builder = StateGraph(State)
builder.add_node("plan", plan)
builder.add_node("work", work)
builder.add_edge(START, "plan")
builder.add_edge("plan", "work")
builder.add_conditional_edges("work", more, ["work", END])
graph = builder.compile()

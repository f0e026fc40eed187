"""Graphs whose work a card is to show: failing, parallel, nested, fanned out, with tools and a sub-agent."""

from __future__ import annotations

import asyncio
import operator
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt

from lg_magics.local.demo.scripted_model import ScriptedChatModel


class Answer(TypedDict, total=False):
    question: str
    answer: str
    flag: str


class Hidden(Exception):
    """The embedded server words it as any server does: it says no word of it."""

    __module__ = "starlette.hidden"


def plan(state: Answer) -> Answer:
    return {"flag": "planned"}


def divide(state: Answer) -> Answer:
    if state.get("question") == "hidden":
        raise Hidden("not for everyone")
    return {"answer": str(1 / 0)}


def flaky(state: Answer) -> Answer:
    """Fails until the file that the question names is there."""
    return {"answer": Path(state["question"]).read_text("utf-8")}


def two_steps(second: Any) -> Any:
    builder = StateGraph(Answer).add_node(plan).add_node(second)
    return builder.add_edge(START, "plan").add_edge("plan", second.__name__).compile()


boom = two_steps(divide)
unsure = two_steps(flaky)


# -- side by side -----------------------------------------------------------------------------------------------


class Found(TypedDict, total=False):
    count: int
    seconds: float
    found: Annotated[list[str], operator.add]
    best: str


async def left(state: Found) -> Found:
    await asyncio.sleep(state.get("seconds", 0.3))
    return {"found": ["left"]}


async def right(state: Found) -> Found:
    await asyncio.sleep(state.get("seconds", 0.3))
    return {"found": ["right"]}


def choose(state: Found) -> Found:
    return {"best": max(state.get("found", []), default="")}


parallel = (
    StateGraph(Found)
    .add_node(left)
    .add_node(right)
    .add_node(choose)
    .add_edge(START, "left")
    .add_edge(START, "right")
    .add_edge(["left", "right"], "choose")
    .compile()
)


busy = (
    StateGraph(Found)
    .add_node("start", choose)
    .add_node(left)
    .add_node(right)
    .add_edge(START, "start")
    .add_conditional_edges("start", lambda state: "right", ["left", "right"])
    .compile()
)
busy_inside = (
    StateGraph(Found)
    .add_node("team", busy)
    .add_node(choose)
    .add_edge(START, "team")
    .add_edge("team", "choose")
    .compile()
)


def spread(state: Found) -> list[Send]:
    return [Send("worker", {"n": number}) for number in range(state.get("count", 50))]


async def worker(state: Any) -> Found:
    await asyncio.sleep(0.05)
    return {"found": [f"n{state['n']}"]}


fanned = (
    StateGraph(Found)
    .add_node(worker)
    .add_node(choose)
    .add_conditional_edges(START, spread, ["worker"])
    .add_edge("worker", "choose")
    .compile()
)


# -- inside of each other ---------------------------------------------------------------------------------------


class Mail(TypedDict, total=False):
    draft: str
    verdict: str


def write(state: Mail) -> Mail:
    return {"draft": "Dear team, …"}


def review(state: Mail) -> Mail:
    return {"verdict": interrupt(f"Good? {state['draft']}")}


inner = StateGraph(Mail).add_node(write).add_node(review).add_edge(START, "write").add_edge("write", "review").compile()
middle = StateGraph(Mail).add_node("letter", inner).add_edge(START, "letter").compile()
asks_inside = StateGraph(Mail).add_node("mail", inner).add_edge(START, "mail").compile()
asks_deep = StateGraph(Mail).add_node("office", middle).add_edge(START, "office").compile()


class Mails(TypedDict, total=False):
    count: int
    verdict: Annotated[str, lambda one, other: other]


asks_each = (
    StateGraph(Mails)
    .add_node("letter", inner)
    .add_conditional_edges(START, lambda state: [Send("letter", {})] * state["count"], ["letter"])
    .compile()
)
kept = StateGraph(Mail).add_node(write).add_node(review).add_edge(START, "write").add_edge("write", "review")
asks_kept = StateGraph(Mail).add_node("mail", kept.compile(checkpointer=True)).add_edge(START, "mail").compile()


def fail(state: Mail) -> Mail:
    raise KeyError("no such letter")


failing = StateGraph(Mail).add_node(write).add_node(fail).add_edge(START, "write").add_edge("write", "fail").compile()
fails_deep = StateGraph(Mail).add_node("mail", failing).add_edge(START, "mail").compile()


# -- an agent with an agent ---------------------------------------------------------------------------------------


@tool
def find_events(day: str) -> str:
    """Events of a day."""
    return f"{day}: picnic at noon\nThat is all."


@tool
def broken(day: str) -> str:
    """Fails."""
    raise ValueError(f"no calendar for {day}")


def script_of_calendar(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    if isinstance(messages[-1], ToolMessage):
        return AIMessage("The picnic is at noon.")
    return AIMessage("", tool_calls=[{"name": "find_events", "args": {"day": "Friday"}, "id": "find-1"}])


calendar: Any = create_agent(
    ScriptedChatModel(script=script_of_calendar, seconds_per_token=0), [find_events], name="calendar"
)


@tool("task")
async def delegate(agent: str, description: str) -> str:
    """Give a task to another agent."""
    result = await calendar.ainvoke({"messages": [{"role": "user", "content": description}]})
    return str(result["messages"][-1].text)


@tool
def write_todos(todos: list[dict[str, str]], tool_call_id: str = "") -> str:
    """Note what is to be done."""
    return f"{len(todos)} todos"


def script_of_planner(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    said = sum(isinstance(each, ToolMessage) for each in messages)
    if said == 0:
        return AIMessage(
            "", tool_calls=[{"name": "task", "args": {"agent": "calendar", "description": "Friday?"}, "id": "t-1"}]
        )
    return AIMessage("Keep the picnic on Friday.")


planner: Any = create_agent(ScriptedChatModel(script=script_of_planner, seconds_per_token=0), [delegate])


asking_calendar: Any = create_agent(
    ScriptedChatModel(script=script_of_calendar, seconds_per_token=0),
    [find_events],
    middleware=[HumanInTheLoopMiddleware({"find_events": True})],
    name="calendar",
)


@tool("task")
async def delegate_with_care(agent: str, description: str) -> str:
    """Give a task to an agent that asks a person."""
    result = await asking_calendar.ainvoke({"messages": [{"role": "user", "content": description}]})
    return str(result["messages"][-1].text)


careful: Any = create_agent(ScriptedChatModel(script=script_of_planner, seconds_per_token=0), [delegate_with_care])


def script_of_failing(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    if any(isinstance(each, ToolMessage) for each in messages):
        return AIMessage("It did not work.")
    return AIMessage("", tool_calls=[{"name": "lookup", "args": {"day": "Friday"}, "id": "b-1"}])


class Talk(TypedDict):
    messages: Annotated[list[Any], operator.add]


async def ask(state: Talk) -> Talk:
    model = ScriptedChatModel(script=script_of_failing, seconds_per_token=0)
    return {"messages": [await model.ainvoke(state["messages"])]}


def tools(state: Talk) -> Command[str]:
    failed = ToolMessage("no calendar for Friday\nat all", tool_call_id="b-1", name="lookup", status="error")
    return Command(update={"messages": [failed]}, goto="answer")


async def answer(state: Talk) -> Talk:
    return await ask(state)


fails_tool = (
    StateGraph(Talk)
    .add_node(ask)
    .add_node(tools, destinations=("answer",))
    .add_node(answer)
    .add_edge(START, "ask")
    .add_edge("ask", "tools")
    .compile()
)


# -- results that are no conversation ---------------------------------------------------------------------------


class Work(TypedDict, total=False):
    topic: str
    todos: list[dict[str, str]]
    files: dict[str, Any]


def do(state: Work) -> Work:
    todos = [
        {"content": "check the weather", "status": "completed"},
        {"content": "look at Friday", "status": "in_progress"},
        {"content": "tell the others", "status": "pending"},
    ]
    return {"todos": todos, "files": {"/notes.md": {"content": ["a", "b"]}, "/plan.md": "x"}}


worked = StateGraph(Work).add_node(do).add_edge(START, "do").compile()


@task
async def double(number: int) -> int:
    await asyncio.sleep(0.05)
    return number * 2


@entrypoint()
async def functional(value: dict[str, int]) -> dict[str, int]:
    first, second = await asyncio.gather(double(value["number"]), double(value["number"] + 1))
    return {"sum": first + second}

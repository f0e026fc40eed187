"""Graphs to fork, to write into and to copy: with a Command's goto, Sends at the end, joined edges, and messages of two kinds."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph, add_messages
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict

from lg_magics.local.demo.scripted_model import ScriptedChatModel


class Count(TypedDict, total=False):
    n: int
    x: Any
    log: Annotated[list[str], operator.add]


def logs(name: str) -> Any:
    return lambda state: {"log": [name]}


def adds(state: Count) -> Count:
    return {"n": state.get("n", 0) + 1, "log": ["adds"]}


def asks(state: Count) -> Count:
    return {"n": int(interrupt("How many?"))}


# Each of these waits, or ends, where the node that ran last does not decide what runs next.
line = StateGraph(Count).add_node(adds).add_node("ends", logs("ends")).add_edge(START, "adds").add_edge("adds", "ends")
counts = line.compile()
goes = (
    StateGraph(Count)
    .add_node("first", lambda state: Command(goto="asks", update={"log": ["first"]}), destinations=("asks",))
    .add_node(asks)
    .add_edge(START, "first")
    .compile()
)
goes_inside = StateGraph(Count).add_node("inside", goes).add_edge(START, "inside").compile()
asks_twice = (
    StateGraph(Count)
    .add_node("first", logs("first"))
    .add_node(asks)
    .add_edge(START, "first")
    .add_edge("first", "asks")
    .compile()
)
ends_fanned = (
    StateGraph(Count)
    .add_node(adds)
    .add_node("worker", lambda state: {"log": [f"w{state['i']}"]})
    .add_edge(START, "adds")
    .add_conditional_edges("adds", lambda state: [Send("worker", {"i": each}) for each in range(3)], ["worker"])
    .compile()
)
joined = (
    StateGraph(Count)
    .add_node("one", logs("one"))
    .add_node("two", logs("two"))
    .add_node("last", logs("last"))
    .add_edge(START, "one")
    .add_edge(START, "two")
    .add_edge(["one", "two"], "last")
    .compile()
)


@task
def double(number: int) -> int:
    return 2 * number


@entrypoint()
def doubles(value: Any) -> int:
    return double(value["n"]).result()


# -- messages -----------------------------------------------------------------------------------------------------


def echo(state: Any) -> dict[str, Any]:
    last = state["messages"][-1]
    text = last["content"] if isinstance(last, dict) else last.content
    return {"messages": [AIMessage(f"echo {text}", id=f"a{len(state['messages'])}")]}


class Appended(TypedDict):
    """A conversation without `add_messages`: a message with a known id is appended, and does not replace."""

    messages: Annotated[list[Any], operator.add]


class Talk(TypedDict):
    talk: Annotated[list[Any], add_messages]


echoes = StateGraph(MessagesState).add_node(echo).add_edge(START, "echo").compile()
appends = StateGraph(Appended).add_node(echo).add_edge(START, "echo").compile()
talks = (
    StateGraph(Talk)
    .add_node("reply", lambda state: {"talk": [AIMessage("It is sunny.")]})
    .add_edge(START, "reply")
    .compile()
)


@tool
def charge(usd: int) -> str:
    """Charge the card."""
    return f"charged {usd}"


def sells(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    if isinstance(messages[-1], ToolMessage):
        return AIMessage("Done.")
    return AIMessage("", tool_calls=[{"name": "charge", "args": {"usd": 5}, "id": f"c{len(messages)}"}])


shop: Any = create_agent(ScriptedChatModel(script=sells, seconds_per_token=0), [charge])

"""Graphs that the demo deployment has not: checked and unchecked inputs, wanted settings, odd names, depth and width."""

from __future__ import annotations

import itertools
import operator
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph, add_messages
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

Node = Callable[..., Any]


class Place(BaseModel):
    """Somewhere to go."""

    city: str = Field(description="Where.")
    zip: int | None = None


class Trip(BaseModel):
    """A class checks this input: it has defaults."""

    topic: str = Field(description="What it is about.")
    days: int = 3
    places: list[Place] = Field(default_factory=list)
    kind: Literal["work", "fun"] = "fun"


times_described = itertools.count()


class Counted(BaseModel):
    """A class whose schema counts how often it was computed."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema.update(computed=next(times_described)))
    word: str = ""


class Notes(TypedDict):
    """Nothing checks this input."""

    topic: str
    days: NotRequired[int]
    said: Annotated[list[str], operator.add]


class Wanted(BaseModel):
    """Settings that a class checks."""

    user_id: str = Field(description="Who.")
    level: int = 1


class Asked(TypedDict):
    """Settings that nothing checks."""

    user_id: str
    language: NotRequired[str]


class Broken:
    """Settings that the server cannot describe: it answers a bare 500."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        raise TypeError("asked to have no schema")


def idle(state: Any) -> dict[str, Any]:
    return {}


def who(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
    context = runtime.context
    return {"topic": str(getattr(context, "user_id", None) or (context or {}).get("user_id"))}


def line(state: Any, *names: str, settings: Any = None, node: Node = idle) -> Any:
    """A graph of nodes, one after the other."""
    builder = StateGraph(state, context_schema=settings)
    for name in names:
        builder.add_node(name, node)
    for source, target in zip((START, *names), (*names, END), strict=True):
        builder.add_edge(source, target)
    return builder.compile()


trip = line(Trip, "work")
notes = line(Notes, "work")
wanted = line(Trip, "work", settings=Wanted, node=who)
asked = line(Notes, "work", settings=Asked, node=who)
broken = line(Notes, "work", settings=Broken)
odd = line(
    Notes,
    "<img src=x onerror=alert(1)>",
    'a"] --> b["x',
    "end",
    "subgraph",
    "graph TD; x",
    "#quot;`**x**`",
    "naïve · 日本",
    "two\nlines",
)
wide = line(Notes, *(f"n{number}" for number in range(200)))


def again(state: Any) -> Command[Literal["first"]]:
    return Command(goto="first", update={})


def fail(state: Any) -> None:
    raise ValueError("asked to fail")


def fail_again(state: Any) -> None:
    raise KeyError("asked to fail again")


def team() -> Any:
    inner = StateGraph(MessagesState)
    inner.add_node("more", idle)
    inner.add_node("deep", line(MessagesState, "ask", "tell"))
    inner.add_edge(START, "deep")
    inner.add_conditional_edges("deep", lambda state: "no", {"yes": "more", "no": END})
    return inner.compile()


def nested_graph() -> Any:
    builder = StateGraph(MessagesState)
    for name, node in {"first": idle, "team": team(), "loop": idle, "again": again, "fails": fail}.items():
        builder.add_node(name, node)
    builder.add_edge(START, "first")
    builder.add_edge("first", "team")
    builder.add_edge("team", "loop")
    builder.add_conditional_edges("loop", lambda state: "on", {"round": "loop", "back": "again", "on": "fails"})
    return builder.compile()


nested = nested_graph()


class Chat(typing.TypedDict):
    """A conversation under another key. The server cannot describe this input on Python before 3.12: it is a plain TypedDict."""

    chat_history: Annotated[list[Any], add_messages]


class Log(BaseModel):
    """A list that is no conversation, although it is called so."""

    messages: list[str] = []


class Routed(MessagesState):
    """A conversation, and beside it the answer."""

    route: str


def answer(state: Any) -> dict[str, Any]:
    return {"chat_history": [AIMessage("It is 42.")]}


def write(state: Log) -> dict[str, Any]:
    return {"messages": [*state.messages, "the node wrote this"]}


chat = line(Chat, "model", node=answer)
log = line(Log, "note", node=write)
routed = line(Routed, "router", node=lambda state: {"route": "billing"})
raises = line(Notes, "work", node=fail)
lost = StateGraph(Notes).add_node("work", idle).add_conditional_edges(START, fail, ["work"]).compile()
handled = (
    StateGraph(Notes)
    .add_node("work", fail, error_handler=lambda state: {"said": ["handled"]})
    .add_node("beside", idle)
    .add_edge(START, "work")
    .add_edge(START, "beside")
    .compile()
)
asks_after = (
    StateGraph(Notes)
    .add_node("work", fail, error_handler=lambda state: {"said": [interrupt("Go on without it?")]})
    .add_edge(START, "work")
    .compile()
)
handled_badly = (
    StateGraph(Notes)
    .set_node_defaults(error_handler=fail_again)
    .add_node("work", fail)
    .add_edge(START, "work")
    .compile()
)
counted = StateGraph(Counted).add_node("node", lambda state: {}).add_edge(START, "node").compile()

"""Graphs that ask: agents with the approval middleware, typed questions, and graphs that an answer can make fail."""

from __future__ import annotations

import operator
from datetime import date
from typing import Annotated, Any, Literal

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt
from pydantic import BaseModel, Field
from typing_extensions import TypedDict


class Model(BaseChatModel):
    """Sends a mail, and books a flight too where `two` is asked for; then says what came of it."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:
        if isinstance(messages[-1], ToolMessage):
            said = AIMessage("; ".join(str(each.content) for each in messages if isinstance(each, ToolMessage)))
        else:
            calls = [{"name": "send_mail", "args": {"to": "ann@example.com", "body": "Hello"}, "id": "c1"}]
            if "two" in str(messages[-1].content):
                calls.append({"name": "book_flight", "args": {"to": "HKG", "price": 640}, "id": "c2"})
            said = AIMessage("", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=said)])


def send_mail(to: str, body: str) -> str:
    """Send a mail."""
    return f"sent to {to}: {body}"


def book_flight(to: str, price: int, seat: Literal["window", "aisle"] = "window", day: date | None = None) -> str:
    """Book a flight."""
    return f"booked {to} for {price}, {seat}, {day}"


TOOLS: list[Any] = [send_mail, book_flight]
ALL_AND_TWO: Any = {"send_mail": True, "book_flight": {"allowed_decisions": ["approve", "edit", "reject"]}}
batched = create_agent(Model(), TOOLS, middleware=[HumanInTheLoopMiddleware(ALL_AND_TWO, edit_notice="")])
per_call = create_agent(
    Model(), TOOLS, middleware=[HumanInTheLoopMiddleware(ALL_AND_TWO, interrupt_mode="per_call", edit_notice="")]
)


class Seat(BaseModel):
    """A seat."""

    row: int = Field(ge=1, le=40, description="Counted from the front.")
    side: Literal["window", "aisle"]
    meal: str | None = None
    vegan: bool = False
    day: date | None = None
    price: float | None = None
    tags: list[str] = []


class State(TypedDict, total=False):
    """What was answered, and what other nodes did."""

    answer: Any
    pieces: int
    sent: Annotated[list[str], operator.add]


def seat(state: State) -> State:
    return {"answer": interrupt("Which seat?", response_schema=Seat).model_dump(mode="json")}


def number(state: State) -> State:
    return {"answer": interrupt({"question": "How many?", "at most": 9}, response_schema={"type": "integer"})}


def pieces(state: State) -> State:
    return {"pieces": int(interrupt("How many pieces?"))}


def other(state: State) -> State:
    return {"answer": interrupt({"draft": "Dear all, …", "score": 3})}


def calls_twice(state: State) -> State:
    """Asks for two calls, then for two others: both questions have one id."""
    asked = ([{"name": name, "args": {"n": n}} for name in ("pay", "send")] for n in (1, 2))
    return {"answer": [interrupt({"action_requests": each, "review_configs": []}) for each in asked]}


def pays_again(state: State) -> State:
    """Asks for the same two calls twice: both questions are equal, and have one id."""
    asked = {"action_requests": [{"name": "refund", "args": {"usd": usd}} for usd in (5, 6)], "review_configs": []}
    return {"answer": [interrupt(asked), interrupt(asked)]}


def mail(state: State) -> State:
    return {"sent": ["mail"]}


def first(state: State) -> State:
    return {"sent": [f"first={interrupt('First?')}"]}


def second(state: State) -> State:
    return {"sent": [f"second={interrupt('Second?')}"]}


def third(state: State) -> State:
    return {"sent": [f"third={interrupt('Third?')}"]}


def prepare(state: State) -> State:
    return {"sent": ["prepared"]}


def changing(state: State) -> State:
    """Asks something else each time that it runs from its beginning."""
    ASKED.append("once more")
    return {"pieces": int(interrupt(f"How many pieces? ({len(ASKED)})"))}


ASKED: list[str] = []


class Order(BaseModel):
    """An order that takes only numbers."""

    pieces: int


def orders(state: State) -> State:
    """The text fits the schema of the answer, and not the class of the node."""
    return {"pieces": Order.model_validate({"pieces": interrupt("How many pieces?", response_schema=str)}).pieces}


def one_of_many(state: Any) -> State:
    return {"sent": [interrupt(f"Question {state['n']}?")]}


@task
def send(text: str) -> str:
    MAILED.append(text)
    return text


def mails_and_asks(state: State) -> State:
    """Its task is not a node: a resumed run does not run it again, and a fork does."""
    send("task").result()
    return {"pieces": int(interrupt("How many pieces?")), "sent": [str(len(MAILED))]}


@entrypoint()
def flow(state: Any) -> Any:
    send("flow").result()
    return {"pieces": int(interrupt("How many pieces?"))}


MAILED: list[str] = []


def alone(node: Any) -> Any:
    return StateGraph(State).add_node(node).add_edge(START, node.__name__).compile()


def beside(*nodes: Any) -> Any:
    builder = StateGraph(State)
    for node in nodes:
        builder.add_node(node)
        builder.add_edge(START, node.__name__)
    return builder.compile()


twice, pays, payers = alone(calls_twice), alone(pays_again), beside(calls_twice, pays_again)
strict, tasked = alone(orders), alone(mails_and_asks)
crowd = (
    StateGraph(State)
    .add_node(one_of_many)
    .add_conditional_edges(START, lambda _: [Send("one_of_many", {"n": n}) for n in range(23)], ["one_of_many"])
    .compile()
)
typed, scalar, bad, shape, moody = alone(seat), alone(number), alone(pieces), alone(other), alone(changing)
sibling = beside(pieces, mail)
pair, calls_and_asks = beside(pieces, seat), beside(calls_twice, pieces)
three = beside(first, second, third)
inner = StateGraph(State).add_node(prepare).add_node(pieces).add_edge(START, "prepare").add_edge("prepare", "pieces")
asks = StateGraph(State).add_node("ask", first).add_edge(START, "ask").compile()
sides = (
    StateGraph(State)
    .add_node("left", asks)
    .add_node("right", asks)
    .add_edge(START, "left")
    .add_edge(START, "right")
    .compile()
)
nested = StateGraph(State).add_node("inside", inner.compile()).add_edge(START, "inside").compile()

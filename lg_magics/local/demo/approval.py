"""A travel agent that asks before it acts. Knows how to read a request; books nothing for real.

    model ⇄ tools       LangChain's create_agent, with HumanInTheLoopMiddleware before the tools that cost something

`Book a flight to Oslo` asks for approval of one call, `Book a flight to Oslo, a hotel for 3 nights and mail Ann` of three at
once. `plain` in the message asks one plain question, `seat` a typed one: a row and a side.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Literal

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.types import interrupt
from pydantic import BaseModel, Field

from .scripted_model import ScriptedChatModel

Call = tuple[str, dict[str, Any]]

PLACE = re.compile(r"\b(?:to|in)\s+([A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*)")
PRICE = re.compile(r"\$\s?(\d{1,6})\b|\b(\d{1,6})\s*(?:USD|dollars?)\b", re.IGNORECASE)
NIGHTS = re.compile(r"\b(\d{1,3})\s+nights?\b", re.IGNORECASE)
MAIL = re.compile(r"\b(?:mail|write to)\s+([A-Z]\w*)")
YES = ("yes", "y", "ok", "true", "approve", "approved", "sure")
WHERE = "Where to? You can say, for example: Book a flight to Oslo, a hotel for 3 nights, and mail Ann."


class Seat(BaseModel):
    """A seat on the plane."""

    row: int = Field(ge=1, le=40, description="Counted from the front.")
    side: Literal["window", "aisle"]


def book_flight(destination: str, price_usd: int) -> str:
    """Book a flight."""
    return f"Booked the flight to {destination} for {price_usd} USD."


def book_hotel(city: str, nights: int, price_usd: int) -> str:
    """Book a hotel."""
    return f"Booked the hotel in {city} for {nights} nights, {price_usd} USD."


def send_mail(to: str, subject: str) -> str:
    """Send a mail."""
    return f"Sent “{subject}” to {to}."


def ask_person(question: str) -> str:
    """Ask the person a plain question."""
    return str(interrupt(question))


def choose_seat(destination: str) -> str:
    """Let the person choose a seat."""
    seat = interrupt(f"Which seat to {destination}?", response_schema=Seat)
    return f"Reserved row {seat.row}, {seat.side}, to {destination}."


def calls_for(asked: str) -> list[Call]:
    """The calls that a request needs; none if it names no place."""
    found = PLACE.search(asked)
    if found is None:
        return []
    place, words = found[1], set(re.findall(r"\w+", asked.lower()))
    price = _price_in(asked) or 280 + 40 * len(place)
    if "seat" in words:
        return [("choose_seat", {"destination": place})]
    if "plain" in words:
        return [("ask_person", {"question": f"Book the flight to {place} for {price} USD?"})]
    calls: list[Call] = [("book_flight", {"destination": place, "price_usd": price})]
    if "hotel" in words:
        nights = int(match[1]) if (match := NIGHTS.search(asked)) else 4
        calls.append(("book_hotel", {"city": place, "nights": nights, "price_usd": 105 * nights}))
    if match := MAIL.search(asked):
        calls.append(("send_mail", {"to": f"{match[1].lower()}@example.com", "subject": place}))
    return calls


def _price_in(asked: str) -> int:
    match = PRICE.search(asked)
    return int(match[1] or match[2]) if match else 0


def script(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    """Call the tools that a request needs; then say what came of it."""
    place = max(n for n, each in enumerate(messages) if isinstance(each, HumanMessage))
    asked, answers = str(messages[place].text), [each for each in messages[place:] if isinstance(each, ToolMessage)]
    if answers:
        return AIMessage(" ".join(_outcome(each, asked) for each in answers))
    calls = calls_for(asked)
    return AIMessage("", tool_calls=[_call(*each) for each in calls]) if calls else AIMessage(WHERE)


def _outcome(answer: ToolMessage, asked: str) -> str:
    """What became of a call. Of an edited one the middleware puts a note for the model before its result."""
    said = str(answer.content).rpartition("Tool response:\n")[2]
    if answer.status == "error":
        why = said.partition("with reason: ")[2]
        return f"Not done: {answer.name}.{f' You said: {why}' if why else ''}"
    if answer.name != "ask_person":
        return said
    if said.strip(" .!").lower() in YES:
        _, args = calls_for(asked.replace("plain", ""))[0]
        return book_flight(**args)
    return f"Nothing is booked. You said: {said}"


def _call(name: str, args: dict[str, Any]) -> dict[str, Any]:
    """A tool call whose id follows from what it says."""
    identity = "call_" + hashlib.sha256(json.dumps([name, args]).encode()).hexdigest()[:20]
    return {"type": "tool_call", "name": name, "args": args, "id": identity}


graph = create_agent(
    ScriptedChatModel(script=script),
    [book_flight, book_hotel, send_mail, ask_person, choose_seat],
    middleware=[
        HumanInTheLoopMiddleware(
            {
                "book_flight": True,
                "book_hotel": {"allowed_decisions": ["approve", "edit", "reject"]},
                "send_mail": True,
            }
        )
    ],
)

"""A booking that waits for a person, in the shape of the Agent Inbox. Knows three ways to ask; books nothing for real.

    plan → approve → act            asks in the shape of the Agent Inbox
    plan → approve → act            "plain" in the message: asks one plain question
    plan → approve ─┬→ act          "two" in the message: asks two things at once
         → approve_hotel ─┘

Answer with text (`yes`, `no`, or what should be different) or with an Agent Inbox response such as
`{"type": "accept"}` or `{"type": "edit", "args": {"action": "book_flight", "args": {"price_usd": 500}}}`.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt

FLIGHT: dict[str, Any] = {"destination": "Hong Kong", "price_usd": 640}
HOTEL: dict[str, Any] = {"city": "Hong Kong", "nights": 4, "price_usd": 420}


class State(MessagesState):
    """What was asked for, how to ask the person, and what the person said."""

    way: str
    answers: Annotated[list[dict[str, Any]], operator.add]
    answered: int


def plan(state: State) -> dict[str, Any]:
    """Say what will be done, and note how the person shall be asked."""
    text = str(state["messages"][-1].text).lower() if state.get("messages") else ""
    asked_for = [way for way in ("plain", "two") if way in text.split()]
    said = "I will book the flight to Hong Kong for 640 USD"
    said += " and the hotel for 420 USD." if "two" in asked_for else "."
    return {
        "messages": [AIMessage(said)],
        "way": asked_for[0] if asked_for else "inbox",
        "answered": len(state.get("answers", [])),
    }


def who_to_ask(state: State) -> list[str]:
    """Ask about the hotel as well when two questions are wanted."""
    return ["approve", "approve_hotel"] if state["way"] == "two" else ["approve"]


def approve(state: State) -> dict[str, Any]:
    """Ask about the flight."""
    if state["way"] == "plain":
        answer = interrupt("Book the flight for 640 USD?")
    else:
        answer = interrupt([_inbox_request("book_flight", FLIGHT)])
    return {"answers": [{"action": "book_flight", "args": FLIGHT, "answer": answer}]}


def approve_hotel(state: State) -> dict[str, Any]:
    """Ask about the hotel, at the same time."""
    answer = interrupt([_inbox_request("book_hotel", HOTEL)])
    return {"answers": [{"action": "book_hotel", "args": HOTEL, "answer": answer}]}


def act(state: State) -> dict[str, list[AIMessage]]:
    """Do, or leave, what the person decided."""
    new = sorted(state["answers"][state["answered"] :], key=lambda asked: str(asked["action"]))
    return {"messages": [AIMessage(" ".join(_outcome(**asked) for asked in new))]}


def _inbox_request(action: str, args: dict[str, Any]) -> dict[str, Any]:
    allowed = dict.fromkeys(("allow_accept", "allow_edit", "allow_respond", "allow_ignore"), True)
    return {
        "action_request": {"action": action, "args": args},
        "config": allowed,
        "description": f"May I call `{action}` with these arguments?",
    }


def _outcome(action: str, args: dict[str, Any], answer: Any) -> str:
    kind, detail = _decision(answer)
    if kind == "accept":
        return f"Done: {action}({_shown(args)})."
    if kind == "edit":
        return f"Done as you changed it: {detail.get('action', action)}({_shown(detail.get('args', detail))})."
    if kind == "response":
        return f"Not done: {action}. You said: {detail}"
    return f"Not done: {action}."


def _decision(answer: Any) -> tuple[str, Any]:
    """Read an Agent Inbox response, alone or in a list, or plain text."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, dict) and answer.get("type") in ("accept", "edit", "response", "ignore"):
        return answer["type"], answer.get("args") or {}
    word = str(answer).strip(" .!").lower()
    if word in ("yes", "y", "ok", "true", "approve", "approved"):
        return "accept", {}
    if word in ("no", "n", "false", "ignore", "reject", "rejected"):
        return "ignore", {}
    return "response", answer


def _shown(args: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in args.items())


builder = StateGraph(State)
builder.add_node("plan", plan)
builder.add_node("approve", approve)
builder.add_node("approve_hotel", approve_hotel)
builder.add_node("act", act)
builder.add_edge(START, "plan")
builder.add_conditional_edges("plan", who_to_ask, ["approve", "approve_hotel"])
builder.add_edge("approve", "act")
builder.add_edge("approve_hotel", "act")
builder.add_edge("act", END)
graph = builder.compile()

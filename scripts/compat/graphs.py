"""The demo's graphs for a server that loads files, and not modules."""

from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

from lg_magics.local.demo.agent import graph as agent
from lg_magics.local.demo.task_maistro import graph as task_maistro
from lg_magics.local.demo.workbench import graph as workbench

__all__ = ["agent", "approval", "task_maistro", "workbench"]


def ask(state: MessagesState) -> MessagesState:
    call = {"name": "book_flight", "args": {"destination": "Oslo"}, "description": "Book the flight?"}
    review = {"action_name": "book_flight", "allowed_decisions": ["approve", "edit", "reject"]}
    answer = interrupt({"action_requests": [call], "review_configs": [review]})
    return {"messages": [AIMessage(f"It was decided: {answer['decisions'][0]['type']}.")]}


try:
    from lg_magics.local.demo.approval import graph as approval
except ModuleNotFoundError:  # a server before LangGraph 1.0 has no langchain 1.0: ask what its middleware asks
    approval = StateGraph(MessagesState).add_node(ask).add_edge(START, "ask").compile()

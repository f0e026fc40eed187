"""A graph that answers with the name of the caller."""

from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, MessagesState, StateGraph


def who(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
    return {"messages": [AIMessage(f"You are {config['configurable'].get('langgraph_auth_user_id')}")]}


graph = StateGraph(MessagesState).add_node("who", who).add_edge(START, "who").compile()

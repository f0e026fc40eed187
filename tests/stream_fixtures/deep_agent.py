"""A deep agent with scripted models, whose stream `record.py deep_agent` records. Needs deepagents, which no test installs."""

from __future__ import annotations

from typing import Any

from deepagents import create_deep_agent
from langchain.agents.middleware import TodoListMiddleware
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import tool

from lg_magics.local.demo.scripted_model import ScriptedChatModel

TODOS = [{"content": "ask the calendar", "status": "completed"}, {"content": "answer", "status": "in_progress"}]
CALLS: dict[str, dict[str, Any]] = {
    "write_todos": {"todos": TODOS},
    "write_file": {"file_path": "/notes.md", "content": "# Picnic\nFriday"},
    "task": {"description": "What is on Friday?", "subagent_type": "calendar"},
}


@tool
def find_events(day: str) -> str:
    """Find the events of a day."""
    return f"{day}: picnic at noon\nThat is all."


def call(name: str, args: dict[str, Any]) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"{name}-1"}])


def script(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    done = [each.name for each in messages if isinstance(each, ToolMessage)]
    following = next((name for name in CALLS if name not in done), "")
    return call(following, CALLS[following]) if following else AIMessage("Keep the picnic on Friday.")


def script_of_calendar(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    if isinstance(messages[-1], ToolMessage):
        return AIMessage("The picnic is at noon.")
    return call("find_events", {"day": "Friday"})


graph = create_deep_agent(
    model=ScriptedChatModel(script=script, seconds_per_token=0),
    subagents=[
        {
            "name": "calendar",
            "description": "Knows the calendar.",
            "system_prompt": "Read the calendar.",
            "tools": [find_events],
            "model": ScriptedChatModel(script=script_of_calendar, seconds_per_token=0),
        }
    ],
    middleware=[TodoListMiddleware()],
)

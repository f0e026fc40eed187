"""The ToDo assistant of the module-6 walkthrough. Knows its store and its three updates; not who answers.

    task_mAIstro ─┬→ update_todos ─────────┐
      ↑           ├→ update_profile ───────┤     what is to be remembered goes into the store,
      │           └→ update_instructions ──┤     under (kind, todo_category, user_id)
      └────────────────────────────────────┘

The answers come from a script (`todo_script.py`), offline and the same every time. With
`LG_DEMO_MODEL=provider:name` in the environment a real chat model answers instead.

Relative dates count from a fixed day, Thursday 2024-11-14, so that the answers never change.
"""

from __future__ import annotations

import json
import os
from typing import Any, Literal, TypeVar
from uuid import NAMESPACE_URL, uuid5

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.store.base import BaseStore
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from .scripted_model import ScriptedChatModel
from .todo_script import TODAY, script


class Configuration(TypedDict, total=False):
    """What a run may set as configurable."""

    user_id: str
    todo_category: str
    task_maistro_role: str


class UpdateMemory(BaseModel):
    """Remember something about the user, the user's ToDos, or how the user wants ToDos to be kept."""

    update_type: Literal["user", "todo", "instructions"]


class ToDo(BaseModel):
    """One thing to be done."""

    task: str = Field(description="What is to be done.")
    status: Literal["not started", "in progress", "done", "archived"] = "not started"
    deadline: str | None = Field(default=None, description="ISO date and time by which it must be done.")
    solutions: list[str] = Field(default_factory=list, description="Concrete steps that would do it.")
    time_to_complete: int | None = Field(default=None, description="Estimated minutes.")


class ToDos(BaseModel):
    """The ToDos that are new or have changed; one that exists already keeps its exact task."""

    todos: list[ToDo]


class Profile(BaseModel):
    """What is known about the user."""

    name: str | None = None
    location: str | None = None
    job: str | None = None
    interests: list[str] = Field(default_factory=list)


class Instructions(BaseModel):
    """How the user wants ToDos to be created and kept, as one whole text."""

    memory: str


ROLE = "You are a helpful assistant that keeps the user's ToDo list."
PROMPT = """{role}

<today>{today}</today>
<user_profile>{profile}</user_profile>
<todo_list>{todos}</todo_list>
<instructions>{instructions}</instructions>

Call UpdateMemory for everything that the user's last message asks you to remember: 'user' for facts about the
user, 'todo' for ToDos to add or change, 'instructions' for how ToDos should be kept. Then answer."""
STORE_PROMPT = "Today is {today}. Work out from the conversation what to store.\n<stored>{stored}</stored>"


def chat_model() -> BaseChatModel:
    """Take the real model that LG_DEMO_MODEL names, or else the script."""
    if name := os.environ.get("LG_DEMO_MODEL"):
        from langchain.chat_models import init_chat_model

        real: BaseChatModel = init_chat_model(name)
        return real
    return ScriptedChatModel(script=script)


model = chat_model()
Stored = TypeVar("Stored", bound=BaseModel)


def namespace(kind: str, config: RunnableConfig) -> tuple[str, str, str]:
    """Where a user's memories of one kind are stored. An unset user_id arrives as an empty string."""
    settings = config.get("configurable", {})
    user = settings.get("user_id") or settings.get("x-user-id") or "default-user"
    return kind, settings.get("todo_category") or "general", user


async def task_maistro(state: MessagesState, config: RunnableConfig, store: BaseStore) -> dict[str, Any]:
    """Answer, or ask for something to be remembered first."""
    prompt = PROMPT.format(
        role=config.get("configurable", {}).get("task_maistro_role") or ROLE,
        today=TODAY.isoformat(),
        profile=json.dumps(await _one("profile", config, store)),
        todos=json.dumps(await _todos(config, store)),
        instructions=json.dumps(await _one("instructions", config, store)),
    )
    answer = await model.bind_tools([UpdateMemory]).ainvoke([SystemMessage(prompt), *state["messages"]])
    return {"messages": [answer]}


async def update_todos(state: MessagesState, config: RunnableConfig, store: BaseStore) -> dict[str, Any]:
    """Store new and changed ToDos; a task that is there already is updated, not added again."""
    stored = await _todos(config, store)
    known = {todo["task"].lower() for todo in stored}
    changes = await _extract(ToDos, stored, state)
    for todo in changes.todos:
        key = str(uuid5(NAMESPACE_URL, f"todo:{todo.task.lower()}"))
        await store.aput(namespace("todo", config), key, todo.model_dump())
    said = [f"{'updated' if t.task.lower() in known else 'added'} {t.task!r}" for t in changes.todos]
    return _tool_answer(state, "; ".join(said) or "nothing to change")


async def update_profile(state: MessagesState, config: RunnableConfig, store: BaseStore) -> dict[str, Any]:
    """Store what is now known about the user."""
    stored = await _one("profile", config, store)
    profile = await _extract(Profile, stored, state)
    known = {name: value for name, value in profile.model_dump().items() if value}
    await store.aput(namespace("profile", config), "profile", stored | known)
    return _tool_answer(state, "updated profile")


async def update_instructions(state: MessagesState, config: RunnableConfig, store: BaseStore) -> dict[str, Any]:
    """Store how the user wants ToDos to be kept."""
    stored = await _one("instructions", config, store)
    instructions = await _extract(Instructions, stored, state)
    await store.aput(namespace("instructions", config), "instructions", instructions.model_dump())
    return _tool_answer(state, "updated instructions")


async def _extract(schema: type[Stored], stored: Any, state: MessagesState) -> Stored:
    prompt = STORE_PROMPT.format(today=TODAY.isoformat(), stored=json.dumps(stored))
    conversation = [SystemMessage(prompt), *state["messages"][:-1]]
    result = await model.with_structured_output(schema).ainvoke(conversation)
    return schema.model_validate(result)


async def _todos(config: RunnableConfig, store: BaseStore) -> list[dict[str, Any]]:
    items = await store.asearch(namespace("todo", config), limit=100)
    return sorted((item.value for item in items), key=lambda todo: (todo["deadline"] or "9999", todo["task"]))


async def _one(kind: str, config: RunnableConfig, store: BaseStore) -> dict[str, Any]:
    item = await store.aget(namespace(kind, config), kind)
    return item.value if item else {}


def _last_call(messages: list[AnyMessage]) -> Any:
    last = messages[-1]
    return last.tool_calls[0] if isinstance(last, AIMessage) and last.tool_calls else None


def _tool_answer(state: MessagesState, said: str) -> dict[str, Any]:
    return {"messages": [ToolMessage(said, tool_call_id=_last_call(state["messages"])["id"])]}


def what_to_update(state: MessagesState) -> str:
    """Go where the model's tool call points, or end."""
    call = _last_call(state["messages"])
    if call is None:
        return END
    nodes = {"user": "update_profile", "todo": "update_todos", "instructions": "update_instructions"}
    return nodes[call["args"]["update_type"]]


builder = StateGraph(MessagesState, context_schema=Configuration)
builder.add_node("task_mAIstro", task_maistro)
for update in (update_todos, update_profile, update_instructions):
    builder.add_node(update.__name__, update)
    builder.add_edge(update.__name__, "task_mAIstro")
builder.add_edge(START, "task_mAIstro")
builder.add_conditional_edges(
    "task_mAIstro", what_to_update, ["update_todos", "update_profile", "update_instructions", END]
)
graph = builder.compile()

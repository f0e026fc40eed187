"""The weather agent of the background-run guide. Knows a dozen cities' weather by heart, and no network.

    agent ⇄ tools        a tool call, a tool message with an artifact, an answer in content blocks

Ask it `what's the weather in sf`.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from .scripted_model import ScriptedChatModel

# city: (other names, °C, sky, humidity in %, wind in km/h)
WEATHER: dict[str, tuple[tuple[str, ...], int, str, int, int]] = {
    "San Francisco": (("sf", "san fran"), 18, "partly cloudy", 59, 19),
    "New York": (("nyc", "ny"), 22, "clear", 48, 11),
    "Los Angeles": (("la",), 26, "sunny", 41, 9),
    "Chicago": ((), 15, "windy", 55, 34),
    "London": ((), 12, "light rain", 82, 17),
    "Paris": ((), 16, "overcast", 70, 13),
    "Berlin": ((), 14, "cloudy", 66, 15),
    "Madrid": ((), 27, "sunny", 33, 8),
    "Tokyo": ((), 21, "clear", 60, 12),
    "Hong Kong": (("hk",), 29, "humid with showers", 85, 16),
    "Sydney": ((), 20, "clear", 52, 18),
    "São Paulo": (("sao paulo",), 24, "thunderstorms", 77, 10),
}


@tool(response_format="content_and_artifact")
def weather_search(query: str) -> tuple[str, dict[str, Any] | None]:
    """Look up the weather now, for a query such as 'weather in Paris'."""
    city = city_in(query)
    if city is None:
        return "No results.", None
    _, celsius, sky, humidity, wind = WEATHER[city]
    found = {
        "city": city,
        "temp_c": celsius,
        "temp_f": round(celsius * 9 / 5 + 32),
        "sky": sky,
        "humidity": humidity,
        "wind_kph": wind,
    }
    return json.dumps(found, ensure_ascii=False), {"source": "weather table of the demo", "result": found}


def city_in(text: str) -> str | None:
    """Find the first known city, by any of its names, in a text."""
    for city, (others, *_) in WEATHER.items():
        if any(re.search(rf"\b{name}\b", text, re.IGNORECASE) for name in (city, *others)):
            return city
    return None


def script(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    """Call the tool for a question about the weather; put what it found in words."""
    last = messages[-1]
    if isinstance(last, ToolMessage):
        return _in_blocks(_report(str(last.content)))
    question = str(last.text)
    if "weather" not in question.lower() and city_in(question) is None:
        return _in_blocks("I can tell you about the weather. Try: what's the weather in sf")
    return _tool_call(f"weather in {city_in(question) or question.strip(' ?.!')}")


def _report(found: str) -> str:
    if found == "No results.":
        return f"I am sorry, I do not know that place. I know the weather in {', '.join(WEATHER)}."
    weather = json.loads(found)
    return (
        f"It is {weather['temp_c']}°C ({weather['temp_f']}°F) and {weather['sky']} in {weather['city']} now, "
        f"with {weather['humidity']}% humidity and a wind of {weather['wind_kph']} km/h."
    )


def _tool_call(query: str) -> AIMessage:
    arguments = {"query": query}
    call_id = "toolu_" + hashlib.sha256(query.encode()).hexdigest()[:20]
    block = {
        "type": "tool_use",
        "id": call_id,
        "name": weather_search.name,
        "input": {},
        "partial_json": json.dumps(arguments, ensure_ascii=False),
        "index": 0,
    }
    call = {"type": "tool_call", "id": call_id, "name": weather_search.name, "args": arguments}
    return AIMessage(content=[block], tool_calls=[call])


def _in_blocks(text: str) -> AIMessage:
    return AIMessage(content=[{"type": "text", "text": text, "index": 0}])


model = ScriptedChatModel(script=script).bind_tools([weather_search])


async def agent(state: MessagesState) -> dict[str, list[AIMessage]]:
    """Ask the model what to do next."""
    return {"messages": [await model.ainvoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_node("agent", agent)
builder.add_node("tools", ToolNode([weather_search]))
builder.add_edge(START, "agent")
builder.add_conditional_edges("agent", tools_condition)
builder.add_edge("tools", "agent")
graph = builder.compile()

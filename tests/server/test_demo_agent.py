"""The weather agent on a real server. Knows the shapes of its messages; uses the raw SDK."""

from __future__ import annotations

import json
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

from .inputs import input_from_text


def conversation(sdk: SyncLangGraphClient, text: str) -> list[Any]:
    values: Any = sdk.runs.wait(None, "agent", input=input_from_text(text))
    messages: list[Any] = values["messages"]
    return messages


def test_the_weather_comes_by_a_tool_call_an_artifact_and_content_blocks(sdk: SyncLangGraphClient) -> None:
    _, asked, found, answered = conversation(sdk, "what's the weather in sf")
    assert asked["content"][0]["type"] == "tool_use"
    assert asked["tool_calls"][0]["args"] == {"query": "weather in San Francisco"}
    assert found["tool_call_id"] == asked["tool_calls"][0]["id"]
    assert found["artifact"]["result"] == json.loads(found["content"])
    assert answered["content"] == [
        {
            "type": "text",
            "index": 0,
            "text": "It is 18°C (64°F) and partly cloudy in San Francisco now, "
            "with 59% humidity and a wind of 19 km/h.",
        }
    ]
    assert answered["usage_metadata"]["total_tokens"] > 50


def test_an_unknown_city_gets_a_polite_answer(sdk: SyncLangGraphClient) -> None:
    assert "I do not know that place" in conversation(sdk, "weather in Atlantis?")[-1]["content"][0]["text"]


def test_the_answer_streams_in_content_blocks(sdk: SyncLangGraphClient) -> None:
    question = input_from_text("what's the weather in tokyo")
    parts = list(sdk.runs.stream(None, "agent", input=question, stream_mode="messages-tuple"))
    chunks: list[Any] = [part.data[0] for part in parts if part.event == "messages"]
    blocks = [block for chunk in chunks if isinstance(chunk["content"], list) for block in chunk["content"]]
    words = [block["text"] for block in blocks if block["type"] == "text"]
    assert len(words) > 10
    assert "".join(words).startswith("It is 21°C")

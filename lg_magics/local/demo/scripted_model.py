"""A chat model that follows a script. Knows how to stream, call tools and count tokens; no answers."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

Script = Callable[[list[BaseMessage], list[str]], AIMessage]
"""From the conversation, and the names of the tools at hand, to the whole answer."""


class ScriptedChatModel(BaseChatModel):
    """Streams the answer that `script` gives, word by word, as a real model would.

    Attributes:
        script: Makes the whole answer: text, or a list of content blocks, with or without tool calls.
        seconds_per_token: The pause after each word.
    """

    script: Script
    seconds_per_token: float = 0.015

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[Any],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer the tools to the script, by name."""
        names = [convert_to_openai_tool(tool)["function"]["name"] for tool in tools]
        return self.bind(tools=names)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self.script(messages, kwargs.get("tools", []))
        answer.usage_metadata = _usage(messages, answer)
        return ChatResult(generations=[ChatGeneration(message=answer)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        result = self._generate(messages, **kwargs)
        await asyncio.sleep(self.seconds_per_token * len(words_of(str(result.generations[0].message.text))))
        return result

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, kwargs.get("tools", [])):
            yield ChatGenerationChunk(message=chunk)
            time.sleep(self.seconds_per_token)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, kwargs.get("tools", [])):
            yield ChatGenerationChunk(message=chunk)
            await asyncio.sleep(self.seconds_per_token)

    def _chunks(self, messages: list[BaseMessage], tools: list[str]) -> Iterator[AIMessageChunk]:
        answer = self.script(messages, tools)
        yield from _content_chunks(answer.content)
        for index, call in enumerate(answer.tool_calls):
            chunk = tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index)
            yield AIMessageChunk(content="", tool_call_chunks=[chunk])
        yield AIMessageChunk(
            content="",
            usage_metadata=_usage(messages, answer),
            response_metadata={"stop_reason": "tool_use" if answer.tool_calls else "end_turn"},
            chunk_position="last",
        )


def _content_chunks(content: str | list[str | dict[Any, Any]]) -> Iterator[AIMessageChunk]:
    """Cut an answer, plain or in content blocks, into words."""
    blocks = [content] if isinstance(content, str) else content
    for block in blocks:
        if isinstance(block, str):
            yield from (AIMessageChunk(content=word) for word in words_of(block))
        elif block.get("type") == "text":
            yield from (AIMessageChunk(content=[{**block, "text": word}]) for word in words_of(block["text"]))
        else:
            yield AIMessageChunk(content=[block])


def words_of(text: str) -> list[str]:
    """Cut text into words that keep the space after them, so that joined they are the text again."""
    return re.findall(r"\s*\S+\s*|\s+", text) if text else []


def _usage(messages: list[BaseMessage], answer: AIMessage) -> UsageMetadata:
    """Count about four characters to a token, as models' price lists do."""
    asked = sum(_tokens(message) for message in messages)
    answered = _tokens(answer)
    return UsageMetadata(input_tokens=asked, output_tokens=answered, total_tokens=asked + answered)


def _tokens(message: BaseMessage) -> int:
    calls = json.dumps(message.tool_calls) if isinstance(message, AIMessage) and message.tool_calls else ""
    return 3 + (len(str(message.text)) + len(calls) + 3) // 4

"""Conversations as files: each kind has all that a person reads of a message, as it is shown."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from message_samples import SHAPES

from lg_magics.model.messages import message_from_payload
from lg_magics.model.run_info import ThreadInfo
from lg_magics.tables.conversation import conversation
from lg_magics.views.conversation_files import KINDS, file_text


def written(suffix: str, *payloads: dict[str, Any]) -> str:
    messages = [message for each in payloads if (message := message_from_payload(each))]
    return html.unescape(file_text([(ThreadInfo("t1", "id", "A talk"), conversation(messages))], suffix))


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("name", SHAPES)
def test_what_a_person_must_read_is_in_every_file(name: str, suffix: str) -> None:
    word = "MARK" if "MARK" in json.dumps(SHAPES[name]) else SHAPES[name]["content"]
    assert word in written(suffix, SHAPES[name])


@pytest.mark.parametrize("suffix", KINDS)
def test_reasoning_refusals_attachments_and_failures_are_written(suffix: str) -> None:
    said = {
        "type": "ai",
        "content": [{"type": "text", "text": "said"}, {"type": "image_url", "image_url": {"url": "https://x.org/cat"}}],
        "additional_kwargs": {"reasoning_content": "thought", "refusal": "refused"},
        "invalid_tool_calls": [{"name": "find", "args": "{'broken", "id": "1", "error": "no JSON"}],
    }
    failed = {"type": "tool", "content": "gone wrong", "status": "error", "tool_call_id": "1"}
    text = written(suffix, said, failed)
    state = "error" if suffix == ".jsonl" else "failed"
    for words in ("said", "thought", "refused", "https://x.org/cat", "{'broken", "no JSON", "gone wrong", state):
        assert words in text, words


def test_a_page_holds_a_long_text_whole_and_runs_nothing() -> None:
    evil = {"type": "human", "content": "<script>alert(1)</script>"}
    assert "<script>" not in file_text(
        [(ThreadInfo("t1", "id", "<script>"), conversation([message_from_payload(evil)]))],  # type: ignore[list-item]
        ".html",
    )
    assert written(".html", {"type": "ai", "content": "x" * 600_000}).count("x") >= 600_000


def test_markdown_of_a_model_stays_markdown_and_a_result_is_code() -> None:
    text = written(".md", {"type": "ai", "content": "**bold**"}, {"type": "tool", "content": "```\n# no title"})
    assert "\n**bold**\n" in text
    assert "````\n```\n# no title\n````" in text
